{#-
    The `by_file` strategy: rows of this run come in, and what they replace (rows with the same unique key, if the model
    names one) goes out, in one transaction. A key that holds a NULL replaces nothing.
-#}
{%- macro get_incremental_by_file_sql(arg_dict) -%}
    {{ return(adapter.dispatch('by_file_sql', 'landfall')(
        arg_dict['target_relation'],
        arg_dict['temp_relation'],
        arg_dict['unique_key'],
        get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')),
    )) }}
{%- endmacro -%}

{%- macro default__by_file_sql(target, incoming, unique_key, columns) -%}
    {{ no_body_for_adapter('by_file_sql') }}
{%- endmacro -%}

{%- macro duckdb__by_file_sql(target, incoming, unique_key, columns) -%}
    {%- if unique_key %}
    delete from {{ target }} as replaced
    using {{ incoming }} as incoming
    where
        {%- for column in unique_key %}
        replaced.{{ column }} = incoming.{{ column }}
        {%- if not loop.last %} and {%- endif %}
        {%- endfor %};
    {%- endif %}

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ incoming }}
{%- endmacro -%}

{%- macro postgres__by_file_sql(target, incoming, unique_key, columns) -%}
    {{ return(duckdb__by_file_sql(target, incoming, unique_key, columns)) }}
{%- endmacro -%}

{#- Statements commit one by one here unless told otherwise:
    https://docs.snowflake.com/en/sql-reference/transactions#autocommit -#}
{%- macro snowflake__by_file_sql(target, incoming, unique_key, columns) -%}
    begin;
    {{ duckdb__by_file_sql(target, incoming, unique_key, columns) }};
    commit
{%- endmacro -%}

{#- DELETE has no USING here: https://cloud.google.com/bigquery/docs/reference/standard-sql/dml-syntax#delete_statement -#}
{%- macro bigquery__by_file_sql(target, incoming, unique_key, columns) -%}
    begin transaction;
    {%- if unique_key %}
    delete from {{ target }} as replaced
    where
        exists (
            select 1 from {{ incoming }} as incoming
            where
                {%- for column in unique_key %}
                replaced.{{ column }} = incoming.{{ column }}
                {%- if not loop.last %} and {%- endif %}
                {%- endfor %}
        );
    {%- endif %}

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ incoming }};
    commit transaction
{%- endmacro -%}

{#-
    One statement at a time, no transaction around two, and no subquery in Delta's DELETE, so a merge deletes first. A run
    that ends between the two leaves rows out that the next run takes for new.
    https://docs.delta.io/latest/delta-update.html
-#}
{%- macro spark__by_file_sql(target, incoming, unique_key, columns) -%}
    {%- if unique_key -%}
        {%- set same = [] -%}
        {%- for column in unique_key -%}
            {%- do same.append('replaced.' ~ column ~ ' = incoming.' ~ column) -%}
        {%- endfor -%}
        {%- do run_query(
            'merge into ' ~ target ~ ' as replaced using (select distinct ' ~ unique_key | join(', ') ~ ' from '
            ~ incoming ~ ') as incoming on ' ~ same | join(' and ') ~ ' when matched then delete'
        ) -%}
    {%- endif -%}
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ incoming }}
{%- endmacro -%}

{%- macro databricks__by_file_sql(target, incoming, unique_key, columns) -%}
    {{ return(spark__by_file_sql(target, incoming, unique_key, columns)) }}
{%- endmacro -%}
