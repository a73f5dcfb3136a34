-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+334c7f54'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__order_items')) }}",
    ],
) }}

{% set row_rules = [
    reject_rule('order_id', 'required', 'order_id must not be empty'),
    reject_rule('order_id', 'pattern', 'order_id must match ^[0-9a-f]{32}$'),
    reject_rule('order_item_id', 'required', 'order_item_id must not be empty'),
    reject_rule('order_item_id', 'type', (
        'order_item_id must be a 64-bit integer'
    )),
    reject_rule('order_item_id', 'range', 'order_item_id must be at least 1'),
    reject_rule('product_id', 'required', 'product_id must not be empty'),
    reject_rule('product_id', 'pattern', (
        'product_id must match ^[0-9a-f]{32}$'
    )),
    reject_rule('seller_id', 'required', 'seller_id must not be empty'),
    reject_rule('seller_id', 'pattern', 'seller_id must match ^[0-9a-f]{32}$'),
    reject_rule('shipping_limit_date', 'required', (
        'shipping_limit_date must not be empty'
    )),
    reject_rule('shipping_limit_date', 'type', (
        'shipping_limit_date must be a timestamp written as yyyy-MM-dd '
        ~ 'HH:mm:ss'
    )),
    reject_rule('shipping_limit_date', 'range', (
        'shipping_limit_date must be at least 2016-01-01T00:00:00 and '
        ~ 'less than 2021-01-01T00:00:00'
    )),
    reject_rule('price', 'required', 'price must not be empty'),
    reject_rule('price', 'type', 'price must be a decimal(10,2)'),
    reject_rule('price', 'range', 'price must be at least 0'),
    reject_rule('freight_value', 'required', 'freight_value must not be empty'),
    reject_rule('freight_value', 'type', (
        'freight_value must be a decimal(10,2)'
    )),
    reject_rule('freight_value', 'range', 'freight_value must be at least 0'),
    reject_rule('order_id', 'foreign_key', (
        'order_id must exist in orders (order_id)'
    )),
    reject_rule('product_id', 'foreign_key', (
        'product_id must exist in products (product_id)'
    )),
    reject_rule('seller_id', 'foreign_key', (
        'seller_id must exist in sellers (seller_id)'
    )),
] %}
{% set key_rules = [
    reject_rule('order_id, order_item_id', 'duplicate', (
        'only the first row of each order_id, order_item_id stays'
    )),
] %}
{% set rules = row_rules + key_rules %}

with

landed as (

    select *
    from {{ source('landing', 'olist__order_items') }} as landed
    where {{ not_staged(
        'landed',
        source('landing', 'olist__order_items'),
        ref('stg_olist__order_items')
    ) }}

),

known_orders as (

    select order_id
    from {{ ref('stg_olist__orders') }}

),

known_products as (

    select product_id
    from {{ ref('stg_olist__products') }}

),

known_sellers as (

    select seller_id
    from {{ ref('stg_olist__sellers') }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('order_id', ['trim']) }} as order_id,
        {{ clean_text('order_item_id', ['trim']) }} as order_item_id,
        {{ clean_text('product_id', ['trim']) }} as product_id,
        {{ clean_text('seller_id', ['trim']) }} as seller_id,

        -- numbers
        {{ clean_text('price', ['trim']) }} as price,
        {{ clean_text('freight_value', ['trim']) }} as freight_value,

        -- timestamps
        {{ clean_text('shipping_limit_date', ['trim']) }}
            as shipping_limit_date,

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
        {{ to_integer('order_item_id') }} as order_item_id,
        order_item_id as _order_item_id__text,
        product_id,
        seller_id,

        -- numbers
        {{ to_decimal('price', 10, 2) }} as price,
        price as _price__text,
        {{ to_decimal('freight_value', 10, 2) }} as freight_value,
        freight_value as _freight_value__text,

        -- timestamps
        {{ to_timestamp(
            'shipping_limit_date',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as shipping_limit_date,
        shipping_limit_date as _shipping_limit_date__text,

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
        typed._order_item_id__text is null as _order_item_id__required,
        typed._order_item_id__text is not null and typed.order_item_id is null
            as _order_item_id__type,
        {{ violates_range('typed.order_item_id', 'bigint', at_least='1') }}
            as _order_item_id__range,
        typed.product_id is null as _product_id__required,
        {{ violates_pattern('typed.product_id', '^[0-9a-f]{32}$') }}
            as _product_id__pattern,
        typed.seller_id is null as _seller_id__required,
        {{ violates_pattern('typed.seller_id', '^[0-9a-f]{32}$') }}
            as _seller_id__pattern,
        typed._shipping_limit_date__text is null
            as _shipping_limit_date__required,
        typed._shipping_limit_date__text is not null
        and typed.shipping_limit_date is null as _shipping_limit_date__type,
        {{ violates_range(
            'typed.shipping_limit_date',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2021-01-01T00:00:00'
        ) }} as _shipping_limit_date__range,
        typed._price__text is null as _price__required,
        typed._price__text is not null and typed.price is null as _price__type,
        {{ violates_range('typed.price', 'decimal(10, 2)', at_least='0') }}
            as _price__range,
        typed._freight_value__text is null as _freight_value__required,
        typed._freight_value__text is not null and typed.freight_value is null
            as _freight_value__type,
        {{ violates_range(
            'typed.freight_value',
            'decimal(10, 2)',
            at_least='0'
        ) }} as _freight_value__range,
        typed.order_id is not null and known_orders.order_id is null
            as _order_id__foreign_key,
        typed.product_id is not null and known_products.product_id is null
            as _product_id__foreign_key,
        typed.seller_id is not null and known_sellers.seller_id is null
            as _seller_id__foreign_key
    from typed
    left join known_orders
        on typed.order_id = known_orders.order_id
    left join known_products
        on typed.product_id = known_products.product_id
    left join known_sellers
        on typed.seller_id = known_sellers.seller_id

),

staged as (

    select *
    from {{ ref('stg_olist__order_items') }}

),

-- What breaks no rule and is not staged has lost its key to a row that is.
judged as (

    select
        checked.*,
        {{ breaks_none_of(row_rules | map(attribute='flag') | list) }}
        and staged._row_number is not null
            as _order_id__order_item_id__duplicate
    from checked
    left join staged
        on
            checked.order_id = staged.order_id
            and checked.order_item_id = staged.order_item_id

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
        '1.0.0+334c7f54' as _contract_version
    from broken
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
