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
