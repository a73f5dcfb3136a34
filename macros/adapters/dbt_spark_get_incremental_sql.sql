{#- dbt-spark's own statement for its strategies, ours for `by_file`. -#}
{%- macro dbt_spark_get_incremental_sql(strategy, source, target, existing, unique_key, incremental_predicates) -%}
    {%- if strategy == 'by_file' -%}
        {%- set columns = adapter.get_columns_in_relation(target) | map(attribute='name') | join(', ') -%}
        {{ return(spark__by_file_sql(target, source, unique_key, columns)) }}
    {%- endif -%}
    {{ return(dbt_spark.dbt_spark_get_incremental_sql(
        strategy, source, target, existing, unique_key, incremental_predicates
    )) }}
{%- endmacro -%}
