-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+a5db9fc9'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__order_payments')) }}",
    ],
) }}

{% set row_rules = [
    reject_rule('order_id', 'required', 'order_id must not be empty'),
    reject_rule('order_id', 'pattern', 'order_id must match ^[0-9a-f]{32}$'),
    reject_rule('payment_sequential', 'required', (
        'payment_sequential must not be empty'
    )),
    reject_rule('payment_sequential', 'type', (
        'payment_sequential must be a 64-bit integer'
    )),
    reject_rule('payment_sequential', 'range', (
        'payment_sequential must be at least 1'
    )),
    reject_rule('payment_type', 'required', 'payment_type must not be empty'),
    reject_rule('payment_type', 'enum', (
        'payment_type must be one of credit_card, boleto, voucher, '
        ~ 'debit_card, not_defined'
    )),
    reject_rule('payment_installments', 'required', (
        'payment_installments must not be empty'
    )),
    reject_rule('payment_installments', 'type', (
        'payment_installments must be a 64-bit integer'
    )),
    reject_rule('payment_installments', 'range', (
        'payment_installments must be at least 0'
    )),
    reject_rule('payment_value', 'required', 'payment_value must not be empty'),
    reject_rule('payment_value', 'type', (
        'payment_value must be a decimal(10,2)'
    )),
    reject_rule('payment_value', 'range', 'payment_value must be at least 0'),
    reject_rule('order_id', 'foreign_key', (
        'order_id must exist in orders (order_id)'
    )),
] %}
{% set key_rules = [
    reject_rule('order_id, payment_sequential', 'duplicate', (
        'only the first row of each order_id, payment_sequential stays'
    )),
] %}
{% set rules = row_rules + key_rules %}

with

landed as (

    select *
    from {{ source('landing', 'olist__order_payments') }} as landed
    where {{ not_staged(
        'landed',
        source('landing', 'olist__order_payments'),
        ref('stg_olist__order_payments')
    ) }}

),

known_orders as (

    select order_id
    from {{ ref('stg_olist__orders') }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('order_id', ['trim']) }} as order_id,
        {{ clean_text('payment_sequential', ['trim']) }} as payment_sequential,

        -- text
        {{ clean_text('payment_type', ['trim', 'lower']) }} as payment_type,

        -- numbers
        {{ clean_text('payment_installments', ['trim']) }}
            as payment_installments,
        {{ clean_text('payment_value', ['trim']) }} as payment_value,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from landed

),

typed as (

    select
        -- ids
        order_id,
        {{ to_integer('payment_sequential') }} as payment_sequential,
        payment_sequential as _payment_sequential__text,

        -- text
        payment_type,

        -- numbers
        {{ to_integer('payment_installments') }} as payment_installments,
        payment_installments as _payment_installments__text,
        {{ to_decimal('payment_value', 10, 2) }} as payment_value,
        payment_value as _payment_value__text,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from cleaned

),

checked as (

    select
        typed.*,
        typed.order_id is null as _order_id__required,
        {{ violates_pattern('typed.order_id', '^[0-9a-f]{32}$') }}
            as _order_id__pattern,
        typed._payment_sequential__text is null
            as _payment_sequential__required,
        typed._payment_sequential__text is not null
        and typed.payment_sequential is null as _payment_sequential__type,
        {{ violates_range(
            'typed.payment_sequential',
            'bigint',
            at_least='1'
        ) }} as _payment_sequential__range,
        typed.payment_type is null as _payment_type__required,
        {{ violates_enum(
            'typed.payment_type',
            ['credit_card', 'boleto', 'voucher', 'debit_card', 'not_defined']
        ) }} as _payment_type__enum,
        typed._payment_installments__text is null
            as _payment_installments__required,
        typed._payment_installments__text is not null
        and typed.payment_installments is null as _payment_installments__type,
        {{ violates_range(
            'typed.payment_installments',
            'bigint',
            at_least='0'
        ) }} as _payment_installments__range,
        typed._payment_value__text is null as _payment_value__required,
        typed._payment_value__text is not null and typed.payment_value is null
            as _payment_value__type,
        {{ violates_range(
            'typed.payment_value',
            'decimal(10, 2)',
            at_least='0'
        ) }} as _payment_value__range,
        typed.order_id is not null and known_orders.order_id is null
            as _order_id__foreign_key
    from typed
    left join known_orders
        on typed.order_id = known_orders.order_id

),

staged as (

    select *
    from {{ ref('stg_olist__order_payments') }}

),

-- What breaks no rule and is not staged has lost its key to a row that is.
judged as (

    select
        checked.*,
        {{ breaks_none_of(row_rules | map(attribute='flag') | list) }}
        and staged._row_number is not null
            as _order_id__payment_sequential__duplicate
    from checked
    left join staged
        on
            checked.order_id = staged.order_id
            and checked.payment_sequential = staged.payment_sequential

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
        '1.0.0+a5db9fc9' as _contract_version
    from broken
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
