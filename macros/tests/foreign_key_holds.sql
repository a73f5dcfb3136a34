{#-
    Fails with the rows whose key is not in `to`, when they are more than 1 - `mostly` of the rows that have a key. A key
    that holds a NULL refers to nothing.
-#}
{% test foreign_key_holds(model, columns, to, to_columns, mostly='1') %}

with

keyed as (

    select child.*
    from {{ model }} as child
    where
        {%- for column in columns %}
        {{ 'and ' if not loop.first }}child.{{ column }} is not null
        {%- endfor %}

),

orphans as (

    select keyed.*
    from keyed
    where not exists (
        select 1 from {{ to }} as parent
        where
            {%- for column in columns %}
            {{ 'and ' if not loop.first }}parent.{{ to_columns[loop.index0] }} = keyed.{{ column }}
            {%- endfor %}
    )

)

select *
from orphans
where
    (select count(*) from orphans)
    > (1 - {{ mostly }}) * (select count(*) from keyed)

{% endtest %}
