-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['product_category_name'],
    meta={'contract_version': '1.0.0+9c3e5a91'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
    ],
) }}

with

landed as (

    select *
    from
        {{ source('landing', 'olist__product_category_name_translation') }}
            as landed
    {% if is_incremental() %}
        where {{ not_staged(
            'landed',
            source('landing', 'olist__product_category_name_translation'),
            this
        ) }}
    {% else %}
        where {{ in_landed_files('landed') }}
    {% endif %}

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

candidates as (

    select
        product_category_name,
        product_category_name_english,
        _landed_file_id,
        _row_number,
        _landed_at,
        true as _is_new
    from checked
    where {{ breaks_none_of([
        '_product_category_name__required',
        '_product_category_name__pattern',
        '_product_category_name_english__required',
        '_product_category_name_english__pattern',
    ]) }}

    {% if is_incremental() %}
        union all

        select
            product_category_name,
            product_category_name_english,
            _landed_file_id,
            _row_number,
            _landed_at,
            false as _is_new
        from {{ this }} as staged
        where
            exists (
                select 1 from checked
                where
                    checked.product_category_name = staged.product_category_name
            )
    {% endif %}

),

ranked as (

    select
        candidates.*,
        {{ rank_in_key(
            ['product_category_name'],
            ['_landed_file_id asc', '_row_number asc']
        ) }} as _product_category_name__rank
    from candidates

),

final as (

    select
        -- ids
        product_category_name,

        -- text
        product_category_name_english,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at,
        '1.0.0+9c3e5a91' as _contract_version
    from ranked
    where
        _is_new
        and _product_category_name__rank = 1

)

select * from final
