{#-
    Whether the text holds a match of the portable `pattern`, searched as JSON Schema does: `^` and `$` are the very
    ends of the text, never of a line. NULL for NULL.
-#}
{%- macro matches(expression, pattern) -%}
    {{ return(adapter.dispatch('matches', 'landfall')(expression, pattern)) }}
{%- endmacro -%}

{%- macro default__matches(expression, pattern) -%}
    {{ no_body_for_adapter('matches') }}
{%- endmacro -%}

{%- macro duckdb__matches(expression, pattern) -%}
    regexp_matches({{ expression }}, {{ text_literal(pattern) }})
{%- endmacro -%}
