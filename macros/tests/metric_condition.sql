{#- Which rows a metric of `metric_within_bounds` counts. -#}
{%- macro metric_condition(metric, columns, valid_values, missing_values, patterns, data_type) -%}
    {%- if metric == 'rowCount' -%}
        1 = 1
    {%- elif metric == 'nullValues' -%}
        {{ columns[0] }} is null
    {%- elif metric == 'missingValues' -%}
        {{ columns[0] }} is null or {{ in_list(columns[0], missing_values, data_type) }}
    {%- elif metric == 'invalidValues' -%}
        {%- set broken = [] -%}
        {%- if valid_values is not none -%}
            {%- do broken.append('not ' ~ in_list(columns[0], valid_values, data_type)) -%}
        {%- endif -%}
        {%- for pattern in patterns or [] -%}
            {%- do broken.append('not ' ~ matches(columns[0], pattern)) -%}
        {%- endfor -%}
        {{ broken | join(' or ') }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("metric_within_bounds: unknown metric '" ~ metric ~ "'") }}
    {%- endif -%}
{%- endmacro -%}
