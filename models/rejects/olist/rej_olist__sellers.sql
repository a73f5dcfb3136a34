-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+b7050262'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__sellers')) }}",
    ],
) }}

{% set row_rules = [
    reject_rule('seller_id', 'required', 'seller_id must not be empty'),
    reject_rule('seller_id', 'pattern', 'seller_id must match ^[0-9a-f]{32}$'),
    reject_rule('seller_zip_code_prefix', 'required', (
        'seller_zip_code_prefix must not be empty'
    )),
    reject_rule('seller_zip_code_prefix', 'pattern', (
        'seller_zip_code_prefix must match ^[0-9]{5}$'
    )),
    reject_rule('seller_city', 'required', 'seller_city must not be empty'),
    reject_rule('seller_city', 'length', (
        'seller_city must have at most 100 characters'
    )),
    reject_rule('seller_state', 'required', 'seller_state must not be empty'),
    reject_rule('seller_state', 'enum', (
        'seller_state must be one of AC, AL, AM, AP, BA, CE, DF, ES, GO, '
        ~ 'MA, MG, MS, MT, PA, PB, PE, PI, PR, RJ, RN, RO, RR, RS, SC, SE, '
        ~ 'SP, TO'
    )),
] %}
{% set key_rules = [
    reject_rule('seller_id', 'duplicate', (
        'only the first row of each seller_id stays'
    )),
] %}
{% set rules = row_rules + key_rules %}

with

landed as (

    select *
    from {{ source('landing', 'olist__sellers') }} as landed
    where {{ not_judged(
        'landed',
        source('landing', 'olist__sellers'),
        ref('stg_olist__sellers')
    ) }}

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

staged as (

    select *
    from {{ ref('stg_olist__sellers') }}

),

-- What breaks no rule and is not staged has lost its key to a row that is.
judged as (

    select
        checked.*,
        {{ breaks_none_of(row_rules | map(attribute='flag') | list) }}
        and staged._row_number is not null as _seller_id__duplicate
    from checked
    left join staged
        on checked.seller_id = staged.seller_id

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
        '1.0.0+b7050262' as _contract_version
    from broken
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
