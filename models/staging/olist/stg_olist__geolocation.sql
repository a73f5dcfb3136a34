-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    meta={'contract_version': '1.0.0+06404394'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
    ],
) }}

with

landed as (

    select *
    from {{ source('landing', 'olist__geolocation') }} as landed
    {% if is_incremental() %}
        where {{ not_staged(
            'landed',
            source('landing', 'olist__geolocation'),
            this
        ) }}
    {% else %}
        where {{ in_landed_files('landed') }}
    {% endif %}

),

cleaned as (

    select
        -- text
        {{ clean_text('geolocation_zip_code_prefix', ['trim']) }}
            as geolocation_zip_code_prefix,
        {{ clean_text(
            'geolocation_city',
            ['trim', 'lower', 'collapse_spaces', 'unaccent']
        ) }} as geolocation_city,
        {{ clean_text('geolocation_state', ['trim', 'upper']) }}
            as geolocation_state,

        -- numbers
        {{ clean_text('geolocation_lat', ['trim']) }} as geolocation_lat,
        {{ clean_text('geolocation_lng', ['trim']) }} as geolocation_lng,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from landed

),

typed as (

    select
        -- text
        geolocation_zip_code_prefix,
        geolocation_city,
        geolocation_state,

        -- numbers
        {{ to_decimal('geolocation_lat', 23, 20) }} as geolocation_lat,
        geolocation_lat as _geolocation_lat__text,
        {{ to_decimal('geolocation_lng', 23, 20) }} as geolocation_lng,
        geolocation_lng as _geolocation_lng__text,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from cleaned

),

checked as (

    select
        *,
        geolocation_zip_code_prefix is null
            as _geolocation_zip_code_prefix__required,
        {{ violates_pattern('geolocation_zip_code_prefix', '^[0-9]{5}$') }}
            as _geolocation_zip_code_prefix__pattern,
        _geolocation_lat__text is null as _geolocation_lat__required,
        _geolocation_lat__text is not null and geolocation_lat is null
            as _geolocation_lat__type,
        {{ violates_range(
            'geolocation_lat',
            'decimal(23, 20)',
            at_least='-33.76',
            at_most='5.28'
        ) }} as _geolocation_lat__range,
        _geolocation_lng__text is null as _geolocation_lng__required,
        _geolocation_lng__text is not null and geolocation_lng is null
            as _geolocation_lng__type,
        {{ violates_range(
            'geolocation_lng',
            'decimal(23, 20)',
            at_least='-73.99',
            at_most='-28.83'
        ) }} as _geolocation_lng__range,
        geolocation_city is null as _geolocation_city__required,
        {{ violates_length('geolocation_city', at_most=100) }}
            as _geolocation_city__length,
        geolocation_state is null as _geolocation_state__required,
        {{ violates_enum(
            'geolocation_state',
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
        ) }} as _geolocation_state__enum
    from typed

),

final as (

    select
        -- text
        geolocation_zip_code_prefix,
        geolocation_city,
        geolocation_state,

        -- numbers
        geolocation_lat,
        geolocation_lng,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at,
        '1.0.0+06404394' as _contract_version
    from checked
    where {{ breaks_none_of([
        '_geolocation_zip_code_prefix__required',
        '_geolocation_zip_code_prefix__pattern',
        '_geolocation_lat__required',
        '_geolocation_lat__type',
        '_geolocation_lat__range',
        '_geolocation_lng__required',
        '_geolocation_lng__type',
        '_geolocation_lng__range',
        '_geolocation_city__required',
        '_geolocation_city__length',
        '_geolocation_state__required',
        '_geolocation_state__enum',
    ]) }}

)

select * from final
