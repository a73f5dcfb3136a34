{#-
    1 for the row that stays of all rows with the same key, 2 and up for the others; 1 for every row whose key holds a
    NULL. `ordering` decides, a list of columns with `asc` or `desc`; a NULL there always comes last, and of the columns
    `texts` sort by code point.
-#}
{%- macro rank_in_key(key, ordering, texts=[]) -%}
    {%- set terms = [] -%}
    {%- for term in ordering -%}
        {%- set column, direction = term.split(' ') -%}
        {%- set column = by_code_point(column) if column in texts else column -%}
        {%- do terms.append(column ~ ' ' ~ direction ~ ' nulls last') -%}
    {%- endfor -%}
    case
        when {{ key | join(' is null or ') }} is null then 1
        else row_number() over (partition by {{ key | join(', ') }} order by {{ terms | join(', ') }})
    end
{%- endmacro -%}
