{#- True where the text holds no match of the portable pattern; false for NULL. -#}
{%- macro violates_pattern(column, pattern) -%}
    coalesce(not {{ matches(column, pattern) }}, false)
{%- endmacro -%}
