-- Nothing is lost or multiplied on the way from items and payments to orders.
with

mart as (

    select
        count(*) as order_count,
        sum(item_count) as item_count,
        sum(payment_count) as payment_count,
        sum(items_brl) as items_brl,
        sum(freight_brl) as freight_brl,
        sum(paid_brl) as paid_brl
    from {{ ref('order_totals') }}

),

orders as (

    select count(*) as order_count
    from {{ ref('stg_olist__orders') }}

),

items as (

    select
        count(*) as item_count,
        coalesce(sum(price), 0) as items_brl,
        coalesce(sum(freight_value), 0) as freight_brl
    from {{ ref('stg_olist__order_items') }}

),

payments as (

    select
        count(*) as payment_count,
        coalesce(sum(payment_value), 0) as paid_brl
    from {{ ref('stg_olist__order_payments') }}

)

select
    mart.order_count,
    orders.order_count as expected_order_count,
    mart.item_count,
    items.item_count as expected_item_count,
    mart.payment_count,
    payments.payment_count as expected_payment_count,
    mart.items_brl,
    items.items_brl as expected_items_brl,
    mart.freight_brl,
    items.freight_brl as expected_freight_brl,
    mart.paid_brl,
    payments.paid_brl as expected_paid_brl
from mart
cross join orders
cross join items
cross join payments
where
    mart.order_count != orders.order_count
    or coalesce(mart.item_count, 0) != items.item_count
    or coalesce(mart.payment_count, 0) != payments.payment_count
    or coalesce(mart.items_brl, 0) != items.items_brl
    or coalesce(mart.freight_brl, 0) != items.freight_brl
    or coalesce(mart.paid_brl, 0) != payments.paid_brl
