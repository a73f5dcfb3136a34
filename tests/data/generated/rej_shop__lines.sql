-- Made by `loaders generate` from contract shop, version 1.2.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.2.0+b3d0603e'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_shop__lines')) }}",
    ],
) }}

{% set row_rules = [
    reject_rule('shipped_at', 'type', (
        'shipped_at must be a timestamp written as yyyy-MM-dd HH:mm:ss or '
        ~ 'd/M/yy H:mm'
    )),
    reject_rule('shipped_at', 'range', (
        'shipped_at must be at least 2016-01-01T00:00:00'
    )),
    reject_rule('order_id', 'required', 'order_id must not be empty'),
    reject_rule('order_id', 'type', 'order_id must be a 32-bit integer'),
    reject_rule('line', 'required', 'line must not be empty'),
    reject_rule('line', 'type', 'line must be an unsigned 64-bit integer'),
    reject_rule('status', 'required', (
        'status must not be empty'
    ), severity='error'),
    reject_rule('status', 'enum', (
        'status must be one of open, paid'
    ), severity='error'),
    reject_rule('price', 'type', 'price must be a decimal(10,2)'),
    reject_rule('price', 'range', 'price must be at least 0'),
    reject_rule('price', 'multiple_of', 'price must be a multiple of 0.05'),
    reject_rule('weight', 'type', 'weight must be a number'),
    reject_rule('weight', 'range', 'weight must be less than 1000'),
    reject_rule('is_gift', 'type', 'is_gift must be true (yes) or false (no)'),
    reject_rule('customer_id', 'pattern', (
        'customer_id must match ^[0-9a-f]{32}$'
    )),
    reject_rule('customer_id', 'length', 'customer_id must have 32 characters'),
    reject_rule('ordered_on', 'type', (
        'ordered_on must be a date written as ISO 8601'
    )),
    reject_rule('ordered_time', 'type', (
        'ordered_time must be a time written as ISO 8601'
    )),
    reject_rule('customer_id', 'foreign_key', (
        'customer_id must exist in customers (customer_id)'
    )),
] %}
{% set key_rules = [
    reject_rule('order_id, line', 'duplicate', (
        'only the last row of each order_id, line stays'
    )),
] %}
{% set rules = row_rules + key_rules %}

with

landed as (

    select *
    from {{ source('landing', 'shop__lines') }} as landed
    where {{ not_staged(
        'landed',
        source('landing', 'shop__lines'),
        ref('stg_shop__lines')
    ) }}

),

known_customers as (

    select customer_id
    from {{ ref('stg_shop__customers') }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('order_id') }} as order_id,
        {{ clean_text('line') }} as line,
        {{ clean_text('status', ['trim', 'lower'], null_tokens=['', 'n/a']) }}
            as status,
        {{ clean_text('customer_id') }} as customer_id,

        -- numbers
        {{ clean_text('price') }} as price,
        {{ clean_text('weight') }} as weight,

        -- booleans
        {{ clean_text('is_gift') }} as is_gift,

        -- dates
        {{ clean_text('ordered_on') }} as ordered_on,

        -- timestamps
        {{ clean_text('shipped_at') }} as shipped_at,

        -- times
        {{ clean_text('ordered_time') }} as ordered_time,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from landed

),

typed as (

    select
        -- ids
        {{ to_integer('order_id', bits=32) }} as order_id,
        order_id as _order_id__text,
        {{ to_integer('line', unsigned=true) }} as line,
        line as _line__text,
        status,
        customer_id,

        -- numbers
        {{ to_decimal('price', 10, 2) }} as price,
        price as _price__text,
        {{ to_double('weight') }} as weight,
        weight as _weight__text,

        -- booleans
        {{ to_boolean('is_gift', true_values=['yes'], false_values=['no']) }}
            as is_gift,
        is_gift as _is_gift__text,

        -- dates
        {{ to_date('ordered_on') }} as ordered_on,
        ordered_on as _ordered_on__text,

        -- timestamps
        {{ to_timestamp(
            'shipped_at',
            ['yyyy-MM-dd HH:mm:ss', 'd/M/yy H:mm'],
            first_year=1
        ) }} as shipped_at,
        shipped_at as _shipped_at__text,

        -- times
        {{ to_time('ordered_time') }} as ordered_time,
        ordered_time as _ordered_time__text,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from cleaned

),

checked as (

    select
        typed.*,
        typed._shipped_at__text is not null and typed.shipped_at is null
            as _shipped_at__type,
        {{ violates_range(
            'typed.shipped_at',
            'timestamp',
            at_least='2016-01-01T00:00:00'
        ) }} as _shipped_at__range,
        typed._order_id__text is null as _order_id__required,
        typed._order_id__text is not null and typed.order_id is null
            as _order_id__type,
        typed._line__text is null as _line__required,
        typed._line__text is not null and typed.line is null as _line__type,
        typed.status is null as _status__required,
        {{ violates_enum('typed.status', ['open', 'paid']) }} as _status__enum,
        typed._price__text is not null and typed.price is null as _price__type,
        {{ violates_range('typed.price', 'decimal(10, 2)', at_least='0') }}
            as _price__range,
        {{ violates_multiple_of('typed.price', '0.05') }}
            as _price__multiple_of,
        typed._weight__text is not null and typed.weight is null
            as _weight__type,
        {{ violates_range('typed.weight', 'double', less_than='1000') }}
            as _weight__range,
        typed._is_gift__text is not null and typed.is_gift is null
            as _is_gift__type,
        {{ violates_pattern('typed.customer_id', '^[0-9a-f]{32}$') }}
            as _customer_id__pattern,
        {{ violates_length('typed.customer_id', at_least=32, at_most=32) }}
            as _customer_id__length,
        typed._ordered_on__text is not null and typed.ordered_on is null
            as _ordered_on__type,
        typed._ordered_time__text is not null and typed.ordered_time is null
            as _ordered_time__type,
        typed.customer_id is not null and known_customers.customer_id is null
            as _customer_id__foreign_key
    from typed
    left join known_customers
        on typed.customer_id = known_customers.customer_id

),

staged as (

    select *
    from {{ ref('stg_shop__lines') }}

),

-- What breaks no rule and is not staged has lost its key to a row that is.
judged as (

    select
        checked.*,
        {{ breaks_none_of(row_rules | map(attribute='flag') | list) }}
        and staged._row_number is not null as _order_id__line__duplicate
    from checked
    left join staged
        on
            checked.order_id = staged.order_id
            and checked.line = staged.line

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
        '1.2.0+b3d0603e' as _contract_version
    from broken
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
