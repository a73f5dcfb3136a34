{#- True where the value lies outside the bounds, given as text; false for NULL. NaN lies in no range. -#}
{%- macro violates_range(column, data_type, at_least=none, more_than=none, at_most=none, less_than=none) -%}
    {%- set broken = [] -%}
    {%- for sign, bound in [('<', at_least), ('<=', more_than), ('>', at_most), ('>=', less_than)] -%}
        {%- if bound is not none -%}
            {%- do broken.append(column ~ ' ' ~ sign ~ ' ' ~ sql_literal(bound, data_type)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if data_type == 'double' -%}
        {%- do broken.append(is_nan(column)) -%}
    {%- endif -%}
    coalesce({{ broken | join(' or ') }}, false)
{%- endmacro -%}
