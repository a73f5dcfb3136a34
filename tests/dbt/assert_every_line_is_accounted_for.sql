-- Every line of every landed file is somewhere, and every landed row too.
select *
from {{ ref('file_accounting') }}
where
    coalesce(missing_lines, -1) <> 0
    or coalesce(missing_rows, -1) <> 0
    or coalesce(missing_landed_rows, -1) <> 0
    or coalesce(missing_malformed_rows, -1) <> 0
