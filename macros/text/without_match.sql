{#- The text without its first match of a portable pattern. -#}
{%- macro without_match(text, pattern) -%}
    regexp_replace({{ text }}, {{ text_literal(pattern) }}, '')
{%- endmacro -%}
