{#-
    1 for the row that stays of all rows with the same key, 2 and up for the others; 1 for every row whose key holds a
    NULL. `ordering` decides, a list of columns with `asc` or `desc`; a NULL there always comes last.
-#}
{%- macro rank_in_key(key, ordering) -%}
    {%- set terms = [] -%}
    {%- for term in ordering -%}
        {%- do terms.append(term ~ ' nulls last') -%}
    {%- endfor -%}
    case
        when {{ key | join(' is null or ') }} is null then 1
        else row_number() over (partition by {{ key | join(', ') }} order by {{ terms | join(', ') }})
    end
{%- endmacro -%}
