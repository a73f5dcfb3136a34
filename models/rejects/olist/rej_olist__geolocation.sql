-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+06404394'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__geolocation')) }}",
    ],
) }}

{% set rules = [
    reject_rule('geolocation_zip_code_prefix', 'required', (
        'geolocation_zip_code_prefix must not be empty'
    )),
    reject_rule('geolocation_zip_code_prefix', 'pattern', (
        'geolocation_zip_code_prefix must match ^[0-9]{5}$'
    )),
    reject_rule('geolocation_lat', 'required', (
        'geolocation_lat must not be empty'
    ), severity='error'),
    reject_rule('geolocation_lat', 'type', (
        'geolocation_lat must be a decimal(23,20)'
    ), severity='error'),
    reject_rule('geolocation_lat', 'range', (
        'geolocation_lat must be at least -33.76 and at most 5.28'
    ), severity='error'),
    reject_rule('geolocation_lng', 'required', (
        'geolocation_lng must not be empty'
    ), severity='error'),
    reject_rule('geolocation_lng', 'type', (
        'geolocation_lng must be a decimal(23,20)'
    ), severity='error'),
    reject_rule('geolocation_lng', 'range', (
        'geolocation_lng must be at least -73.99 and at most -28.83'
    ), severity='error'),
    reject_rule('geolocation_city', 'required', (
        'geolocation_city must not be empty'
    )),
    reject_rule('geolocation_city', 'length', (
        'geolocation_city must have at most 100 characters'
    )),
    reject_rule('geolocation_state', 'required', (
        'geolocation_state must not be empty'
    )),
    reject_rule('geolocation_state', 'enum', (
        'geolocation_state must be one of AC, AL, AM, AP, BA, CE, DF, ES, '
        ~ 'GO, MA, MG, MS, MT, PA, PB, PE, PI, PR, RJ, RN, RO, RR, RS, SC, '
        ~ 'SE, SP, TO'
    )),
] %}

with

landed as (

    select *
    from {{ source('landing', 'olist__geolocation') }} as landed
    where {{ not_judged(
        'landed',
        source('landing', 'olist__geolocation'),
        ref('stg_olist__geolocation')
    ) }}

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

rules as (

    {{ rules_as_rows(rules) }}

),

broken as (

    select
        checked._landed_file_id,
        checked._row_number,
        rules.*
    from checked
    cross join rules
    where {{ breaks_rule('checked', rules) }}

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
        '1.0.0+06404394' as _contract_version
    from broken
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
