with

orders as (

    select
        order_id,
        customer_id,
        order_status,
        order_purchase_timestamp
    from {{ ref('stg_olist__orders') }}

),

items_per_order as (

    select
        order_id,
        count(*) as item_count,
        sum(price) as items_brl,
        sum(freight_value) as freight_brl
    from {{ ref('stg_olist__order_items') }}
    group by order_id

),

payments_per_order as (

    select
        order_id,
        count(*) as payment_count,
        sum(payment_value) as paid_brl,
        {{ distinct_list('payment_type') }} as payment_types
    from {{ ref('stg_olist__order_payments') }}
    group by order_id

),

orders_with_totals as (

    select
        orders.order_id,
        orders.customer_id,
        orders.order_status,
        status_groups.status_group,
        payments_per_order.payment_types,
        orders.order_purchase_timestamp,
        coalesce(items_per_order.item_count, 0) as item_count,
        coalesce(payments_per_order.payment_count, 0) as payment_count,
        coalesce(items_per_order.items_brl, 0) as items_brl,
        coalesce(items_per_order.freight_brl, 0) as freight_brl,
        coalesce(payments_per_order.paid_brl, 0) as paid_brl
    from orders
    left join {{ ref('order_status_groups') }} as status_groups
        on orders.order_status = status_groups.order_status
    left join items_per_order on orders.order_id = items_per_order.order_id
    left join payments_per_order
        on orders.order_id = payments_per_order.order_id

)

select
    order_id,
    customer_id,
    order_status,
    status_group,
    payment_types,
    order_purchase_timestamp,
    item_count,
    payment_count,
    items_brl,
    freight_brl,
    items_brl + freight_brl as total_brl,
    paid_brl,
    paid_brl - items_brl - freight_brl as difference_brl
from orders_with_totals
