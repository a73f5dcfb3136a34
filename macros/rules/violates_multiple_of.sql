{#- True where the number is no multiple of `divisor`, given as text; false for NULL. -#}
{%- macro violates_multiple_of(column, divisor) -%}
    coalesce(mod({{ column }}, {{ divisor }}) <> 0, false)
{%- endmacro -%}
