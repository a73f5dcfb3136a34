{#-
    Fails with the rows in which a column is below one before it in the list, NULLs passed over, when they are more than
    1 - `mostly` of all rows.
-#}
{% test columns_in_order(model, columns, mostly='1') %}

with

all_rows as (

    select * from {{ model }}

),

disordered as (

    select *
    from all_rows
    where
        {%- for later in columns[1:] %}
        {%- set outer = loop %}
        {%- for earlier in columns[:loop.index] %}
        {{ 'or ' if not (loop.first and outer.first) }}{{ later }} < {{ earlier }}
        {%- endfor %}
        {%- endfor %}

)

select *
from disordered
where
    (select count(*) from disordered)
    > (1 - {{ mostly }}) * (select count(*) from all_rows)

{% endtest %}
