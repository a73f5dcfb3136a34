{#-
    Whether a row of the table `landing`, there called `rows`, is not in the table `staging`. Files of which every row is
    staged are passed over, and of the others two narrow columns tell the rows: what is read in full is what is new.
-#}
{%- macro not_staged(rows, landing, staging) -%}
    exists (
        select 1
        from (
            select candidates._landed_file_id, candidates._row_number
            from {{ landing }} as candidates
            where
                candidates._landed_file_id in (
                    select ledger.file_id
                    from {{ source('landing', 'ledger') }} as ledger
                    left join (
                        select _landed_file_id, count(*) as staged_rows from {{ staging }} group by _landed_file_id
                    ) as staged on ledger.file_id = staged._landed_file_id
                    where ledger.state = 'landed' and ledger.landed_rows > coalesce(staged.staged_rows, 0)
                )
                and {{ not_in_table('candidates', staging) }}
        ) as unstaged
        where unstaged._landed_file_id = {{ rows }}._landed_file_id and unstaged._row_number = {{ rows }}._row_number
    )
{%- endmacro -%}
