-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+b06a33f4'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__customers')) }}",
    ],
) }}

{% set row_rules = [
    reject_rule('customer_id', 'required', 'customer_id must not be empty'),
    reject_rule('customer_id', 'pattern', (
        'customer_id must match ^[0-9a-f]{32}$'
    )),
    reject_rule('customer_unique_id', 'required', (
        'customer_unique_id must not be empty'
    )),
    reject_rule('customer_unique_id', 'pattern', (
        'customer_unique_id must match ^[0-9a-f]{32}$'
    )),
    reject_rule('customer_zip_code_prefix', 'required', (
        'customer_zip_code_prefix must not be empty'
    )),
    reject_rule('customer_zip_code_prefix', 'pattern', (
        'customer_zip_code_prefix must match ^[0-9]{5}$'
    )),
    reject_rule('customer_city', 'required', 'customer_city must not be empty'),
    reject_rule('customer_city', 'length', (
        'customer_city must have at most 100 characters'
    )),
    reject_rule('customer_state', 'required', (
        'customer_state must not be empty'
    )),
    reject_rule('customer_state', 'enum', (
        'customer_state must be one of AC, AL, AM, AP, BA, CE, DF, ES, '
        ~ 'GO, MA, MG, MS, MT, PA, PB, PE, PI, PR, RJ, RN, RO, RR, RS, SC, '
        ~ 'SE, SP, TO'
    )),
] %}
{% set key_rules = [
    reject_rule('customer_id', 'duplicate', (
        'only the first row of each customer_id stays'
    )),
] %}
{% set rules = row_rules + key_rules %}

with

landed as (

    select *
    from {{ source('landing', 'olist__customers') }} as landed
    where {{ not_judged(
        'landed',
        source('landing', 'olist__customers'),
        ref('stg_olist__customers')
    ) }}

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

staged as (

    select *
    from {{ ref('stg_olist__customers') }}

),

-- What breaks no rule and is not staged has lost its key to a row that is.
judged as (

    select
        checked.*,
        {{ breaks_none_of(row_rules | map(attribute='flag') | list) }}
        and staged._row_number is not null as _customer_id__duplicate
    from checked
    left join staged
        on checked.customer_id = staged.customer_id

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
        '1.0.0+b06a33f4' as _contract_version
    from broken
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
