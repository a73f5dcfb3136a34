{#-
    Portable pattern, not anchored, of a decimal's text: `digits_pattern` and a fraction of `scale` digits and zeros behind
    them, or of any digits where they will be rounded.
-#}
{%- macro decimal_pattern(scale, round=false, decimal_separator='.', thousands_separator=none) -%}
    {%- set fraction = '[0-9]+' if round else '[0-9]{1,' ~ scale ~ '}0*' if scale else '0+' -%}
    {{ return(digits_pattern(thousands_separator) ~ '([' ~ decimal_separator ~ ']' ~ fraction ~ ')?') }}
{%- endmacro -%}
