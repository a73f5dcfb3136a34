{#- The query behind a metric of `metric_within_bounds`: one row with `found_rows`. -#}
{%- macro metric_query(model, metric, columns, valid_values, missing_values, patterns, data_type) -%}
    {%- if metric == 'duplicateValues' -%}
        select coalesce(sum(row_count - 1), 0) as found_rows
        from (
            select count(*) as row_count
            from {{ model }}
            where {{ columns | join(' is not null and ') }} is not null
            group by {{ columns | join(', ') }}
        ) as repeated
    {%- else -%}
        select count(*) as found_rows
        from {{ model }}
        where {{ metric_condition(metric, columns, valid_values, missing_values, patterns, data_type) }}
    {%- endif -%}
{%- endmacro -%}
