{#- The text of a number as SQL reads it: no thousands separator, a point before the fraction. -#}
{%- macro without_separators(text, thousands_separator=none, decimal_separator='.') -%}
    {%- set plain = namespace(sql=text) -%}
    {%- if thousands_separator is not none -%}
        {%- set plain.sql = 'replace(' ~ plain.sql ~ ', ' ~ text_literal(thousands_separator) ~ ", '')" -%}
    {%- endif -%}
    {%- if decimal_separator != '.' -%}
        {%- set plain.sql = 'replace(' ~ plain.sql ~ ', ' ~ text_literal(decimal_separator) ~ ", '.')" -%}
    {%- endif -%}
    {{ return(plain.sql) }}
{%- endmacro -%}
