{#- What the one group of a portable pattern takes of a text that matches it; of any other text NULL or nothing. -#}
{%- macro group_of_match(text, pattern) -%}
    {{ return(adapter.dispatch('group_of_match', 'landfall')(text, pattern)) }}
{%- endmacro -%}

{%- macro default__group_of_match(text, pattern) -%}
    {{ no_body_for_adapter('group_of_match') }}
{%- endmacro -%}

{%- macro duckdb__group_of_match(text, pattern) -%}
    regexp_extract({{ text }}, {{ text_literal(pattern) }}, 1)
{%- endmacro -%}

{%- macro postgres__group_of_match(text, pattern) -%}
    substring({{ text }} from {{ text_literal(pattern) }})
{%- endmacro -%}

{%- macro snowflake__group_of_match(text, pattern) -%}
    regexp_substr({{ text }}, {{ text_literal(pattern) }}, 1, 1, 'e', 1)
{%- endmacro -%}

{%- macro bigquery__group_of_match(text, pattern) -%}
    regexp_extract({{ text }}, {{ text_literal(pattern) }})
{%- endmacro -%}

{%- macro spark__group_of_match(text, pattern) -%}
    {{ return(duckdb__group_of_match(text, pattern)) }}
{%- endmacro -%}

{%- macro databricks__group_of_match(text, pattern) -%}
    {{ return(duckdb__group_of_match(text, pattern)) }}
{%- endmacro -%}
