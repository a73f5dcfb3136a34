{#- dbt-bigquery's own check, which knows no strategies of a project, with `by_file` let through. -#}
{%- macro dbt_bigquery_validate_get_incremental_strategy(config) -%}
    {%- if config.get('incremental_strategy') == 'by_file' -%}
        {{ return('by_file') }}
    {%- endif -%}
    {{ return(dbt_bigquery.dbt_bigquery_validate_get_incremental_strategy(config)) }}
{%- endmacro -%}
