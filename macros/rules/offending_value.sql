{#-
    What a row of `rows` holds in the columns that `column_name` names, as text: of several, all parted by `, `, and NULL
    where one is NULL.
-#}
{%- macro offending_value(rows, column_name, rules) -%}
    case {{ column_name }}
        {%- for columns in rules | map(attribute='column_name') | unique %}
        when '{{ columns }}' then {{ rows }}.{{ columns | replace(', ', " || ', ' || " ~ rows ~ '.') }}
        {%- else %}
        when '' then ''
        {%- endfor %}
    end
{%- endmacro -%}
