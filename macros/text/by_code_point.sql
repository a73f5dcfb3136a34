{#- A text to sort by: the order is that of code points, whatever the locale. -#}
{%- macro by_code_point(text) -%}
    {{ return(adapter.dispatch('by_code_point', 'landfall')(text)) }}
{%- endmacro -%}

{%- macro default__by_code_point(text) -%}
    {{ no_body_for_adapter('by_code_point') }}
{%- endmacro -%}

{%- macro duckdb__by_code_point(text) -%}
    {{ text }}
{%- endmacro -%}

{#- The database's locale would sort by other rules: https://www.postgresql.org/docs/current/collation.html -#}
{%- macro postgres__by_code_point(text) -%}
    {{ text }} collate "C"
{%- endmacro -%}

{%- macro snowflake__by_code_point(text) -%}
    {{ return(duckdb__by_code_point(text)) }}
{%- endmacro -%}

{%- macro bigquery__by_code_point(text) -%}
    {{ return(duckdb__by_code_point(text)) }}
{%- endmacro -%}

{%- macro spark__by_code_point(text) -%}
    {{ return(duckdb__by_code_point(text)) }}
{%- endmacro -%}

{%- macro databricks__by_code_point(text) -%}
    {{ return(duckdb__by_code_point(text)) }}
{%- endmacro -%}
