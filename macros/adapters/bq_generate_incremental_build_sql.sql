{#-
    dbt-bigquery's own statement for its strategies, ours for `by_file`. The rows of the run stand in a table by then,
    since the generated models ask for a check of their columns.
-#}
{%- macro bq_generate_incremental_build_sql(
    strategy, tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns,
    tmp_relation_exists, copy_partitions, incremental_predicates
) -%}
    {%- if strategy == 'by_file' -%}
        {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
        {{ return(bigquery__by_file_sql(target_relation, tmp_relation, unique_key, columns)) }}
    {%- endif -%}
    {{ return(dbt_bigquery.bq_generate_incremental_build_sql(
        strategy, tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns,
        tmp_relation_exists, copy_partitions, incremental_predicates
    )) }}
{%- endmacro -%}
