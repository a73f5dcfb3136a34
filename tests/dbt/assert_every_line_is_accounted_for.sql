-- Every line of every landed file is somewhere, and every landed row too.
select
    contract,
    table_name,
    path,
    file_id,
    missing_lines,
    missing_rows,
    missing_landed_rows,
    missing_malformed_rows
from {{ ref('file_accounting') }}
where
    coalesce(missing_lines, -1) <> 0
    or coalesce(missing_rows, -1) <> 0
    or coalesce(missing_landed_rows, -1) <> 0
    or coalesce(missing_malformed_rows, -1) <> 0
