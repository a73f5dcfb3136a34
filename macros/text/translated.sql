{#- The text with each of the letters that `normalizer` changes (`letters`) exchanged; the same on every engine. -#}
{%- macro translated(text, normalizer) -%}
    {%- set changed = letters()[normalizer] -%}
    translate({{ text }}, {{ text_literal(changed[0]) }}, {{ text_literal(changed[1]) }})
{%- endmacro -%}
