{#-
    Whether a landing row is not in the table `staging`. Files of which every row is there are passed over whole, so that
    a run costs what is new and not what ever landed.
-#}
{%- macro not_staged(rows, staging) -%}
    {{ rows }}._file_id in (
        select ledger.file_id
        from {{ source('landing', 'ledger') }} as ledger
        left join (
            select _file_id, count(*) as staged_rows from {{ staging }} group by _file_id
        ) as staged on ledger.file_id = staged._file_id
        where ledger.state = 'landed' and ledger.landed_rows > coalesce(staged.staged_rows, 0)
    )
    and {{ not_in_table(rows, staging) }}
{%- endmacro -%}
