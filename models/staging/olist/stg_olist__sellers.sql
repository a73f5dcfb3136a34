-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['seller_id'],
    meta={'contract_version': '1.0.0+b7050262'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
    ],
) }}

with

landed as (

    select *
    from {{ source('landing', 'olist__sellers') }} as landed
    {% if is_incremental() %}
        where {{ not_staged(
            'landed',
            source('landing', 'olist__sellers'),
            this
        ) }}
    {% else %}
        where {{ in_landed_files('landed') }}
    {% endif %}

),

cleaned as (

    select
        -- ids
        {{ clean_text('seller_id', ['trim']) }} as seller_id,

        -- text
        {{ clean_text('seller_zip_code_prefix', ['trim']) }}
            as seller_zip_code_prefix,
        {{ clean_text(
            'seller_city',
            ['trim', 'lower', 'collapse_spaces', 'unaccent']
        ) }} as seller_city,
        {{ clean_text('seller_state', ['trim', 'upper']) }} as seller_state,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from landed

),

typed as (

    select
        -- ids
        seller_id,

        -- text
        seller_zip_code_prefix,
        seller_city,
        seller_state,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from cleaned

),

checked as (

    select
        *,
        seller_id is null as _seller_id__required,
        {{ violates_pattern('seller_id', '^[0-9a-f]{32}$') }}
            as _seller_id__pattern,
        seller_zip_code_prefix is null as _seller_zip_code_prefix__required,
        {{ violates_pattern('seller_zip_code_prefix', '^[0-9]{5}$') }}
            as _seller_zip_code_prefix__pattern,
        seller_city is null as _seller_city__required,
        {{ violates_length('seller_city', at_most=100) }}
            as _seller_city__length,
        seller_state is null as _seller_state__required,
        {{ violates_enum(
            'seller_state',
            [
                'AC',
                'AL',
                'AM',
                'AP',
                'BA',
                'CE',
                'DF',
                'ES',
                'GO',
                'MA',
                'MG',
                'MS',
                'MT',
                'PA',
                'PB',
                'PE',
                'PI',
                'PR',
                'RJ',
                'RN',
                'RO',
                'RR',
                'RS',
                'SC',
                'SE',
                'SP',
                'TO',
            ]
        ) }} as _seller_state__enum
    from typed

),

candidates as (

    select
        seller_id,
        seller_zip_code_prefix,
        seller_city,
        seller_state,
        _landed_file_id,
        _row_number,
        _landed_at,
        true as _is_new
    from checked
    where {{ breaks_none_of([
        '_seller_id__required',
        '_seller_id__pattern',
        '_seller_zip_code_prefix__required',
        '_seller_zip_code_prefix__pattern',
        '_seller_city__required',
        '_seller_city__length',
        '_seller_state__required',
        '_seller_state__enum',
    ]) }}

    {% if is_incremental() %}
        union all

        select
            seller_id,
            seller_zip_code_prefix,
            seller_city,
            seller_state,
            _landed_file_id,
            _row_number,
            _landed_at,
            false as _is_new
        from {{ this }} as staged
        where
            exists (
                select 1 from checked
                where
                    checked.seller_id = staged.seller_id
            )
    {% endif %}

),

ranked as (

    select
        candidates.*,
        {{ rank_in_key(
            ['seller_id'],
            ['_landed_file_id asc', '_row_number asc']
        ) }} as _seller_id__rank
    from candidates

),

final as (

    select
        -- ids
        seller_id,

        -- text
        seller_zip_code_prefix,
        seller_city,
        seller_state,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at,
        '1.0.0+b7050262' as _contract_version
    from ranked
    where
        _is_new
        and _seller_id__rank = 1

)

select * from final
