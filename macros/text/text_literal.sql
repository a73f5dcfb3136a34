{#- Any text as a SQL literal that gives back the same characters. -#}
{%- macro text_literal(value) -%}
    {{ return(adapter.dispatch('text_literal', 'landfall')(value)) }}
{%- endmacro -%}

{%- macro default__text_literal(value) -%}
    {{ no_body_for_adapter('text_literal') }}
{%- endmacro -%}

{#- A backslash is itself here: https://duckdb.org/docs/stable/sql/data_types/literal_types -#}
{%- macro duckdb__text_literal(value) -%}
    '{{ value | replace("'", "''") }}'
{%- endmacro -%}
