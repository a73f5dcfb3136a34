{#- Whether a landing row belongs to a file that the ledger calls landed; rows of any other file do not exist for us. -#}
{%- macro in_landed_files(rows) -%}
    {{ rows }}._landed_file_id in (
        select ledger.file_id from {{ source('landing', 'ledger') }} as ledger
        where ledger.state = 'landed'
    )
{%- endmacro -%}
