{#- True where the value is none of `values`, given as text; false for NULL. -#}
{%- macro violates_enum(column, values, data_type='string') -%}
    coalesce(not {{ in_list(column, values, data_type) }}, false)
{%- endmacro -%}
