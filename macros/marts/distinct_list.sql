{#- The distinct values of a text column of a group as one text: sorted by code point, parted by ', '. NULLs left out. -#}
{%- macro distinct_list(column) -%}
    {{ return(adapter.dispatch('distinct_list', 'landfall')(column)) }}
{%- endmacro -%}

{%- macro default__distinct_list(column) -%}
    {{ no_body_for_adapter('distinct_list') }}
{%- endmacro -%}

{%- macro duckdb__distinct_list(column) -%}
    string_agg(distinct {{ column }}, ', ' order by {{ column }})
{%- endmacro -%}

{%- macro bigquery__distinct_list(column) -%}
    {{ return(duckdb__distinct_list(column)) }}
{%- endmacro -%}

{#- The database's locale would sort by other rules: https://www.postgresql.org/docs/current/collation.html -#}
{%- macro postgres__distinct_list(column) -%}
    string_agg(
        distinct {{ column }} collate "C", ', ' order by {{ column }} collate "C"
    )
{%- endmacro -%}

{%- macro snowflake__distinct_list(column) -%}
    listagg(distinct {{ column }}, ', ') within group (order by {{ column }})
{%- endmacro -%}

{#- Its listagg came late and collect_set has no order: https://spark.apache.org/docs/latest/api/sql/#array_sort -#}
{%- macro spark__distinct_list(column) -%}
    array_join(array_sort(collect_set({{ column }})), ', ')
{%- endmacro -%}

{%- macro databricks__distinct_list(column) -%}
    {{ return(spark__distinct_list(column)) }}
{%- endmacro -%}
