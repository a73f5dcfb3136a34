{#- The characters that `trim` and `collapse_spaces` take for white space. -#}
{%- macro white_space() -%}
    {{ return(' \t\n\x0b\x0c\r\xa0') }}
{%- endmacro -%}
