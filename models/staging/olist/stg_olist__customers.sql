-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['customer_id'],
    meta={'contract_version': '1.0.0+b06a33f4'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
    ],
) }}

with

landed as (

    select *
    from {{ source('landing', 'olist__customers') }} as landed
    {% if is_incremental() %}
        where {{ not_staged(
            'landed',
            source('landing', 'olist__customers'),
            this
        ) }}
    {% else %}
        where {{ in_landed_files('landed') }}
    {% endif %}

),

cleaned as (

    select
        -- ids
        {{ clean_text('customer_id', ['trim']) }} as customer_id,
        {{ clean_text('customer_unique_id', ['trim']) }} as customer_unique_id,

        -- text
        {{ clean_text('customer_zip_code_prefix', ['trim']) }}
            as customer_zip_code_prefix,
        {{ clean_text(
            'customer_city',
            ['trim', 'lower', 'collapse_spaces', 'unaccent']
        ) }} as customer_city,
        {{ clean_text('customer_state', ['trim', 'upper']) }} as customer_state,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from landed

),

typed as (

    select
        -- ids
        customer_id,
        customer_unique_id,

        -- text
        customer_zip_code_prefix,
        customer_city,
        customer_state,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from cleaned

),

checked as (

    select
        *,
        customer_id is null as _customer_id__required,
        {{ violates_pattern('customer_id', '^[0-9a-f]{32}$') }}
            as _customer_id__pattern,
        customer_unique_id is null as _customer_unique_id__required,
        {{ violates_pattern('customer_unique_id', '^[0-9a-f]{32}$') }}
            as _customer_unique_id__pattern,
        customer_zip_code_prefix is null as _customer_zip_code_prefix__required,
        {{ violates_pattern('customer_zip_code_prefix', '^[0-9]{5}$') }}
            as _customer_zip_code_prefix__pattern,
        customer_city is null as _customer_city__required,
        {{ violates_length('customer_city', at_most=100) }}
            as _customer_city__length,
        customer_state is null as _customer_state__required,
        {{ violates_enum(
            'customer_state',
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
        ) }} as _customer_state__enum
    from typed

),

candidates as (

    select
        customer_id,
        customer_unique_id,
        customer_zip_code_prefix,
        customer_city,
        customer_state,
        _landed_file_id,
        _row_number,
        _landed_at,
        true as _is_new
    from checked
    where {{ breaks_none_of([
        '_customer_id__required',
        '_customer_id__pattern',
        '_customer_unique_id__required',
        '_customer_unique_id__pattern',
        '_customer_zip_code_prefix__required',
        '_customer_zip_code_prefix__pattern',
        '_customer_city__required',
        '_customer_city__length',
        '_customer_state__required',
        '_customer_state__enum',
    ]) }}

    {% if is_incremental() %}
        union all

        select
            customer_id,
            customer_unique_id,
            customer_zip_code_prefix,
            customer_city,
            customer_state,
            _landed_file_id,
            _row_number,
            _landed_at,
            false as _is_new
        from {{ this }} as staged
        where
            exists (
                select 1 from checked
                where
                    checked.customer_id = staged.customer_id
            )
    {% endif %}

),

ranked as (

    select
        candidates.*,
        {{ rank_in_key(
            ['customer_id'],
            ['_landed_file_id asc', '_row_number asc']
        ) }} as _customer_id__rank
    from candidates

),

final as (

    select
        -- ids
        customer_id,
        customer_unique_id,

        -- text
        customer_zip_code_prefix,
        customer_city,
        customer_state,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at,
        '1.0.0+b06a33f4' as _contract_version
    from ranked
    where
        _is_new
        and _customer_id__rank = 1

)

select * from final
