{#- Whether `expression` is one of `values`, given as text; NULL for NULL. -#}
{%- macro in_list(expression, values, data_type='string') -%}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- do literals.append(sql_literal(value, data_type)) -%}
    {%- endfor -%}
    {{ expression }} in ({{ literals | join(', ') }})
{%- endmacro -%}
