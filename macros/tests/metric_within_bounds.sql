{#-
    Fails when a metric of the table, counted in rows or in percent of its rows, is not as the operator wants it. An empty
    table has 0 percent of everything.
      nullValues        rows in which the column is NULL
      missingValues     those, and rows in which its text is one of `missing_values`
      invalidValues     rows with a value that is none of `valid_values`, or whose text matches none of `patterns`
      duplicateValues   rows whose key (`columns`) an earlier row holds; keys that hold a NULL are none
      rowCount          all rows
    Operators are those of ODCS; `operands` are numbers as text.
-#}
{% test metric_within_bounds(
    model, metric, operator, operands, columns=[], unit='rows', valid_values=none, missing_values=none, patterns=none,
    data_type='string'
) %}

with

counted as (

    select count(*) as all_rows from {{ model }}

),

found as (

    {{ metric_query(model, metric, columns, valid_values, missing_values, patterns, data_type) }}

),

measured as (

    select
        counted.all_rows,
        found.found_rows,
        {% if unit == 'percent' -%}
        case
            when counted.all_rows = 0 then 0
            else found.found_rows * 100.0 / counted.all_rows
        end as metric
        {%- else -%}
        found.found_rows as metric
        {%- endif %}
    from counted
    cross join found

)

select *
from measured
where not ({{ odcs_comparison('metric', operator, operands) }})

{% endtest %}
