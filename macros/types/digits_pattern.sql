{#- Portable pattern of a whole number's text, not anchored: `-` and digits, grouped in threes or not at all. -#}
{%- macro digits_pattern(thousands_separator=none) -%}
    {%- if thousands_separator is none -%}
        {{ return('-?[0-9]+') }}
    {%- endif -%}
    {{ return('-?([0-9]+|[0-9]{1,3}([' ~ thousands_separator ~ '][0-9]{3})+)') }}
{%- endmacro -%}
