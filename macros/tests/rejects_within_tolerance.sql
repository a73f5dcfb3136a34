{#-
    Fails when the rows that break one of `rules` are more than 1 - `mostly` of all landed rows of the table. On the
    rejects model; `staging` is the table's other half.
-#}
{% test rejects_within_tolerance(model, rules, staging, mostly='1') %}

with

broken as (

    select count(*) as broken_rows
    from (
        select distinct _landed_file_id, _row_number
        from {{ model }}
        where {{ in_list('rule_id', rules) }}
    ) as broken_once

),

unstaged as (

    select count(*) as unstaged_rows
    from (select distinct _landed_file_id, _row_number from {{ model }}) as once

),

staged as (

    select count(*) as staged_rows from {{ staging }}

)

select
    broken.broken_rows,
    staged.staged_rows + unstaged.unstaged_rows as all_rows
from broken
cross join unstaged
cross join staged
where
    broken.broken_rows
    > (1 - {{ mostly }}) * (staged.staged_rows + unstaged.unstaged_rows)

{% endtest %}
