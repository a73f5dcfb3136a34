-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+9c3e5a91'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__product_category_name_translation')) }}",
    ],
) }}

{% set row_rules = [
    reject_rule('product_category_name', 'required', (
        'product_category_name must not be empty'
    )),
    reject_rule('product_category_name', 'pattern', (
        'product_category_name must match ^[a-z][a-z0-9_]*$'
    )),
    reject_rule('product_category_name_english', 'required', (
        'product_category_name_english must not be empty'
    )),
    reject_rule('product_category_name_english', 'pattern', (
        'product_category_name_english must match ^[a-z][a-z0-9_]*$'
    )),
] %}
{% set key_rules = [
    reject_rule('product_category_name', 'duplicate', (
        'only the first row of each product_category_name stays'
    )),
] %}
{% set rules = row_rules + key_rules %}

with

landed as (

    select *
    from
        {{ source('landing', 'olist__product_category_name_translation') }}
            as landed
    where {{ not_judged(
        'landed',
        source('landing', 'olist__product_category_name_translation'),
        ref('stg_olist__product_category_name_translation')
    ) }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('product_category_name', ['trim', 'lower']) }}
            as product_category_name,

        -- text
        {{ clean_text('product_category_name_english', ['trim', 'lower']) }}
            as product_category_name_english,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from landed

),

typed as (

    select
        -- ids
        product_category_name,

        -- text
        product_category_name_english,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from cleaned

),

checked as (

    select
        *,
        product_category_name is null as _product_category_name__required,
        {{ violates_pattern('product_category_name', '^[a-z][a-z0-9_]*$') }}
            as _product_category_name__pattern,
        product_category_name_english is null
            as _product_category_name_english__required,
        {{ violates_pattern(
            'product_category_name_english',
            '^[a-z][a-z0-9_]*$'
        ) }} as _product_category_name_english__pattern
    from typed

),

staged as (

    select *
    from {{ ref('stg_olist__product_category_name_translation') }}

),

-- What breaks no rule and is not staged has lost its key to a row that is.
judged as (

    select
        checked.*,
        {{ breaks_none_of(row_rules | map(attribute='flag') | list) }}
        and staged._row_number is not null as _product_category_name__duplicate
    from checked
    left join staged
        on checked.product_category_name = staged.product_category_name

),

rules as (

    {{ rules_as_rows(rules) }}

),

broken as (

    select
        judged._landed_file_id,
        judged._row_number,
        rules.*
    from judged
    cross join rules
    where {{ breaks_rule('judged', rules) }}

),

final as (

    select
        -- reason
        broken.rule_id,
        broken.reason,
        broken.column_name,
        {{ offending_value('landed', 'broken.column_name', rules) }}
            as offending_value,
        broken.rule_text,
        broken.severity,
        cast(landed._landed_at as date) as reject_date,

        -- lineage
        landed._landed_file_id,
        landed._row_number,
        landed._landed_at,
        '1.0.0+9c3e5a91' as _contract_version
    from broken
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
