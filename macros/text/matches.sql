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

{%- macro postgres__matches(expression, pattern) -%}
    {{ expression }} ~ {{ text_literal(pattern) }}
{%- endmacro -%}

{#- It anchors at both ends by itself; `s` lets the dot take line ends:
    https://docs.snowflake.com/en/sql-reference/functions/regexp_like -#}
{%- macro snowflake__matches(expression, pattern) -%}
    {%- set found = pattern_parts(pattern) -%}
    {%- set whole = ('' if found.at_start else '.*') ~ '(' ~ found.body ~ ')' ~ ('' if found.at_end else '.*') -%}
    regexp_like({{ expression }}, {{ text_literal(whole) }}, 's')
{%- endmacro -%}

{%- macro bigquery__matches(expression, pattern) -%}
    regexp_contains({{ expression }}, {{ text_literal(pattern) }})
{%- endmacro -%}

{#- Java's `$` also stands before a last line end:
    https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/regex/Pattern.html -#}
{%- macro spark__matches(expression, pattern) -%}
    {%- set pattern = pattern[:-1] ~ '\\z' if pattern_parts(pattern).at_end else pattern -%}
    {{ expression }} rlike {{ text_literal(pattern) }}
{%- endmacro -%}

{%- macro databricks__matches(expression, pattern) -%}
    {{ return(spark__matches(expression, pattern)) }}
{%- endmacro -%}
