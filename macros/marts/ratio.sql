{#- The quotient as a double, on engines that divide whole numbers to whole numbers too; NULL where the denominator is 0. -#}
{%- macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as {{ engine_type('double') }}) / nullif({{ denominator }}, 0)
{%- endmacro -%}
