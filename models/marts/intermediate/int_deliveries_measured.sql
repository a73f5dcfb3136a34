with

orders_by_state as (

    select
        orders.order_id,
        customers.customer_state as state_code,
        orders.order_status,
        cast(
            {{ dbt.date_trunc('month', 'orders.order_purchase_timestamp') }}
            as date
        ) as purchase_month,
        cast(orders.order_purchase_timestamp as date) as purchased_on,
        cast(orders.order_estimated_delivery_date as date) as promised_on,
        case
            when status_groups.status_group = 'delivered'
                then cast(orders.order_delivered_customer_date as date)
        end as delivered_on
    from {{ ref('stg_olist__orders') }} as orders
    inner join {{ ref('stg_olist__customers') }} as customers
        on orders.customer_id = customers.customer_id
    left join {{ ref('order_status_groups') }} as status_groups
        on orders.order_status = status_groups.order_status

)

select
    order_id,
    state_code,
    order_status,
    purchase_month,
    purchased_on,
    promised_on,
    delivered_on,
    {{ dbt.datediff('purchased_on', 'promised_on', 'day') }}
        as promised_days,
    {{ dbt.datediff('purchased_on', 'delivered_on', 'day') }}
        as actual_days,
    {{ dbt.datediff('promised_on', 'delivered_on', 'day') }}
        as days_late
from orders_by_state
