-- Made by `loaders generate` from all contracts.
-- Do not edit: change the contract and generate again.
{{ config(materialized='view') }}

{% set tables = [
    {
        'landing': source('landing', 'olist__customers'),
        'staging': ref('stg_olist__customers'),
        'rejects': ref('rej_olist__customers'),
    },
    {
        'landing': source('landing', 'olist__geolocation'),
        'staging': ref('stg_olist__geolocation'),
        'rejects': ref('rej_olist__geolocation'),
    },
    {
        'landing': source('landing', 'olist__sellers'),
        'staging': ref('stg_olist__sellers'),
        'rejects': ref('rej_olist__sellers'),
    },
    {
        'landing': source('landing', 'olist__product_category_name_translation'),
        'staging': ref('stg_olist__product_category_name_translation'),
        'rejects': ref('rej_olist__product_category_name_translation'),
    },
    {
        'landing': source('landing', 'olist__products'),
        'staging': ref('stg_olist__products'),
        'rejects': ref('rej_olist__products'),
    },
    {
        'landing': source('landing', 'olist__orders'),
        'staging': ref('stg_olist__orders'),
        'rejects': ref('rej_olist__orders'),
    },
    {
        'landing': source('landing', 'olist__order_items'),
        'staging': ref('stg_olist__order_items'),
        'rejects': ref('rej_olist__order_items'),
    },
    {
        'landing': source('landing', 'olist__order_payments'),
        'staging': ref('stg_olist__order_payments'),
        'rejects': ref('rej_olist__order_payments'),
    },
    {
        'landing': source('landing', 'olist__order_reviews'),
        'staging': ref('stg_olist__order_reviews'),
        'rejects': ref('rej_olist__order_reviews'),
    },
] %}

with

files as (

    select *
    from {{ source('landing', 'ledger') }}
    where
        state = 'landed'
        and contract in ('olist')

),

landed as (

    {% for table in tables %}
        select
            _landed_file_id as file_id,
            count(*) as row_count
        from {{ table.landing }}
        group by _landed_file_id
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

malformed as (

    select
        file_id,
        count(*) as row_count
    from {{ source('landing', 'malformed_rows') }}
    group by file_id

),

staged as (

    {% for table in tables %}
        select
            _landed_file_id as file_id,
            count(*) as row_count
        from {{ table.staging }}
        group by _landed_file_id
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

unstaged_rows as (

    {% for table in tables %}
        select
            _landed_file_id as file_id,
            _row_number as row_number,
            max(
                case
                    when reason in ('duplicate', 'superseded') then 0
                    else 1
                end
            ) as is_rejected
        from {{ table.rejects }}
        group by _landed_file_id, _row_number
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

unstaged as (

    select
        file_id,
        sum(is_rejected) as rejected_rows,
        sum(1 - is_rejected) as deduplicated_rows
    from unstaged_rows
    group by file_id

),

counted as (

    select
        files.contract,
        files.table_name,
        files.file_id,
        files.path,
        files.lines,
        files.header_lines,
        files.skipped_lines,
        files.blank_lines,
        files.comment_lines,
        files.landed_lines,
        files.malformed_lines,
        files.landed_rows,
        files.malformed_rows,
        coalesce(staged.row_count, 0) as staged_rows,
        coalesce(unstaged.rejected_rows, 0) as rejected_rows,
        coalesce(unstaged.deduplicated_rows, 0) as deduplicated_rows,
        coalesce(landed.row_count, 0) as rows_in_landing,
        coalesce(malformed.row_count, 0) as rows_in_malformed
    from files
    left join landed on files.file_id = landed.file_id
    left join malformed on files.file_id = malformed.file_id
    left join staged on files.file_id = staged.file_id
    left join unstaged on files.file_id = unstaged.file_id

)

select
    contract,
    table_name,
    file_id,
    path,
    lines,
    header_lines,
    skipped_lines,
    blank_lines,
    comment_lines,
    landed_lines,
    malformed_lines,
    landed_rows,
    malformed_rows,
    staged_rows,
    cast(rejected_rows as {{ engine_type('bigint') }}) as rejected_rows,
    cast(deduplicated_rows as {{ engine_type('bigint') }}) as deduplicated_rows,
    lines - header_lines - skipped_lines - blank_lines - comment_lines
    - landed_lines - malformed_lines as missing_lines,
    cast(
        landed_rows - staged_rows - rejected_rows - deduplicated_rows
        as {{ engine_type('bigint') }}
    ) as missing_rows,
    landed_rows - rows_in_landing as missing_landed_rows,
    malformed_rows - rows_in_malformed as missing_malformed_rows
from counted
