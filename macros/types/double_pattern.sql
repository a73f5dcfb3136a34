{#- Portable pattern, not anchored, of a double's text: `digits_pattern`, a fraction and an exponent at will. -#}
{%- macro double_pattern(decimal_separator='.', thousands_separator=none) -%}
    {{ return(
        digits_pattern(thousands_separator) ~ '([' ~ decimal_separator ~ '][0-9]+)?([eE][+-]?[0-9]+)?'
    ) }}
{%- endmacro -%}
