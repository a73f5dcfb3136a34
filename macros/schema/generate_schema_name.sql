{#- The folder's schema as it is written, behind the `schema_prefix` variable; never behind the target's own schema. -#}
{%- macro generate_schema_name(custom_schema_name, node) -%}
    {{ var('schema_prefix', '') }}{{ (custom_schema_name or target.schema) | trim }}
{%- endmacro -%}
