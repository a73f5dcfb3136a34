-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+b2e35881'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__orders')) }}",
    ],
) }}

{% set row_rules = [
    reject_rule('order_id', 'required', 'order_id must not be empty'),
    reject_rule('order_id', 'pattern', 'order_id must match ^[0-9a-f]{32}$'),
    reject_rule('customer_id', 'required', 'customer_id must not be empty'),
    reject_rule('customer_id', 'pattern', (
        'customer_id must match ^[0-9a-f]{32}$'
    )),
    reject_rule('order_status', 'required', 'order_status must not be empty'),
    reject_rule('order_status', 'enum', (
        'order_status must be one of created, approved, invoiced, '
        ~ 'processing, shipped, delivered, unavailable, canceled'
    )),
    reject_rule('order_purchase_timestamp', 'required', (
        'order_purchase_timestamp must not be empty'
    )),
    reject_rule('order_purchase_timestamp', 'type', (
        'order_purchase_timestamp must be a timestamp written as '
        ~ 'yyyy-MM-dd HH:mm:ss'
    )),
    reject_rule('order_purchase_timestamp', 'range', (
        'order_purchase_timestamp must be at least 2016-01-01T00:00:00 '
        ~ 'and less than 2019-01-01T00:00:00'
    )),
    reject_rule('order_approved_at', 'type', (
        'order_approved_at must be a timestamp written as yyyy-MM-dd '
        ~ 'HH:mm:ss'
    )),
    reject_rule('order_approved_at', 'range', (
        'order_approved_at must be at least 2016-01-01T00:00:00 and less '
        ~ 'than 2019-01-01T00:00:00'
    )),
    reject_rule('order_delivered_carrier_date', 'type', (
        'order_delivered_carrier_date must be a timestamp written as '
        ~ 'yyyy-MM-dd HH:mm:ss'
    )),
    reject_rule('order_delivered_carrier_date', 'range', (
        'order_delivered_carrier_date must be at least '
        ~ '2016-01-01T00:00:00 and less than 2019-01-01T00:00:00'
    )),
    reject_rule('order_delivered_customer_date', 'type', (
        'order_delivered_customer_date must be a timestamp written as '
        ~ 'yyyy-MM-dd HH:mm:ss'
    )),
    reject_rule('order_delivered_customer_date', 'range', (
        'order_delivered_customer_date must be at least '
        ~ '2016-01-01T00:00:00 and less than 2019-01-01T00:00:00'
    )),
    reject_rule('order_estimated_delivery_date', 'required', (
        'order_estimated_delivery_date must not be empty'
    )),
    reject_rule('order_estimated_delivery_date', 'type', (
        'order_estimated_delivery_date must be a timestamp written as '
        ~ 'yyyy-MM-dd HH:mm:ss'
    )),
    reject_rule('order_estimated_delivery_date', 'range', (
        'order_estimated_delivery_date must be at least '
        ~ '2016-01-01T00:00:00 and less than 2019-01-01T00:00:00'
    )),
    reject_rule('customer_id', 'foreign_key', (
        'customer_id must exist in customers (customer_id)'
    )),
] %}
{% set key_rules = [
    reject_rule('order_id', 'duplicate', (
        'only the first row of each order_id stays'
    )),
] %}
{% set rules = row_rules + key_rules %}

with

landed as (

    select *
    from {{ source('landing', 'olist__orders') }} as landed
    where {{ not_staged(
        'landed',
        source('landing', 'olist__orders'),
        ref('stg_olist__orders')
    ) }}

),

known_customers as (

    select customer_id
    from {{ ref('stg_olist__customers') }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('order_id', ['trim']) }} as order_id,
        {{ clean_text('customer_id', ['trim']) }} as customer_id,

        -- text
        {{ clean_text('order_status', ['trim', 'lower']) }} as order_status,

        -- timestamps
        {{ clean_text('order_purchase_timestamp', ['trim']) }}
            as order_purchase_timestamp,
        {{ clean_text('order_approved_at', ['trim']) }} as order_approved_at,
        {{ clean_text('order_delivered_carrier_date', ['trim']) }}
            as order_delivered_carrier_date,
        {{ clean_text('order_delivered_customer_date', ['trim']) }}
            as order_delivered_customer_date,
        {{ clean_text('order_estimated_delivery_date', ['trim']) }}
            as order_estimated_delivery_date,

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
        customer_id,

        -- text
        order_status,

        -- timestamps
        {{ to_timestamp(
            'order_purchase_timestamp',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as order_purchase_timestamp,
        order_purchase_timestamp as _order_purchase_timestamp__text,
        {{ to_timestamp(
            'order_approved_at',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as order_approved_at,
        order_approved_at as _order_approved_at__text,
        {{ to_timestamp(
            'order_delivered_carrier_date',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as order_delivered_carrier_date,
        order_delivered_carrier_date as _order_delivered_carrier_date__text,
        {{ to_timestamp(
            'order_delivered_customer_date',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as order_delivered_customer_date,
        order_delivered_customer_date as _order_delivered_customer_date__text,
        {{ to_timestamp(
            'order_estimated_delivery_date',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as order_estimated_delivery_date,
        order_estimated_delivery_date as _order_estimated_delivery_date__text,

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
        typed.customer_id is null as _customer_id__required,
        {{ violates_pattern('typed.customer_id', '^[0-9a-f]{32}$') }}
            as _customer_id__pattern,
        typed.order_status is null as _order_status__required,
        {{ violates_enum(
            'typed.order_status',
            [
                'created',
                'approved',
                'invoiced',
                'processing',
                'shipped',
                'delivered',
                'unavailable',
                'canceled',
            ]
        ) }} as _order_status__enum,
        typed._order_purchase_timestamp__text is null
            as _order_purchase_timestamp__required,
        typed._order_purchase_timestamp__text is not null
        and typed.order_purchase_timestamp is null
            as _order_purchase_timestamp__type,
        {{ violates_range(
            'typed.order_purchase_timestamp',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2019-01-01T00:00:00'
        ) }} as _order_purchase_timestamp__range,
        typed._order_approved_at__text is not null
        and typed.order_approved_at is null as _order_approved_at__type,
        {{ violates_range(
            'typed.order_approved_at',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2019-01-01T00:00:00'
        ) }} as _order_approved_at__range,
        typed._order_delivered_carrier_date__text is not null
        and typed.order_delivered_carrier_date is null
            as _order_delivered_carrier_date__type,
        {{ violates_range(
            'typed.order_delivered_carrier_date',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2019-01-01T00:00:00'
        ) }} as _order_delivered_carrier_date__range,
        typed._order_delivered_customer_date__text is not null
        and typed.order_delivered_customer_date is null
            as _order_delivered_customer_date__type,
        {{ violates_range(
            'typed.order_delivered_customer_date',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2019-01-01T00:00:00'
        ) }} as _order_delivered_customer_date__range,
        typed._order_estimated_delivery_date__text is null
            as _order_estimated_delivery_date__required,
        typed._order_estimated_delivery_date__text is not null
        and typed.order_estimated_delivery_date is null
            as _order_estimated_delivery_date__type,
        {{ violates_range(
            'typed.order_estimated_delivery_date',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2019-01-01T00:00:00'
        ) }} as _order_estimated_delivery_date__range,
        typed.customer_id is not null and known_customers.customer_id is null
            as _customer_id__foreign_key
    from typed
    left join known_customers
        on typed.customer_id = known_customers.customer_id

),

staged as (

    select *
    from {{ ref('stg_olist__orders') }}

),

-- What breaks no rule and is not staged has lost its key to a row that is.
judged as (

    select
        checked.*,
        {{ breaks_none_of(row_rules | map(attribute='flag') | list) }}
        and staged._row_number is not null as _order_id__duplicate
    from checked
    left join staged
        on checked.order_id = staged.order_id

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
        '1.0.0+b2e35881' as _contract_version
    from broken
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
