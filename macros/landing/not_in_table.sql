{#- Whether no row of `relation` came from this landing row. -#}
{%- macro not_in_table(rows, relation) -%}
    not exists (
        select 1 from {{ relation }} as known
        where known._landed_file_id = {{ rows }}._landed_file_id and known._row_number = {{ rows }}._row_number
    )
{%- endmacro -%}
