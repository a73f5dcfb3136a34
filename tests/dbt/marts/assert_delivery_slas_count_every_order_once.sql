-- Per month, the states' orders are the month's orders, and no state stands
-- twice.
with

orders_per_month as (

    select
        cast(
            {{ dbt.date_trunc('month', 'order_purchase_timestamp') }} as date
        ) as purchase_month,
        count(*) as order_count
    from {{ ref('stg_olist__orders') }}
    group by
        cast(
            {{ dbt.date_trunc('month', 'order_purchase_timestamp') }} as date
        )

),

slas_per_month as (

    select
        purchase_month,
        sum(order_count) as order_count,
        sum(delivered_count) as delivered_count,
        sum(late_count) as late_count,
        count(*) as row_count,
        count(distinct state_code) as state_count
    from {{ ref('delivery_slas') }}
    group by purchase_month

)

select
    orders_per_month.purchase_month,
    orders_per_month.order_count as expected_order_count,
    slas_per_month.order_count,
    slas_per_month.delivered_count,
    slas_per_month.late_count,
    slas_per_month.row_count,
    slas_per_month.state_count
from orders_per_month
left join slas_per_month
    on orders_per_month.purchase_month = slas_per_month.purchase_month
where
    coalesce(slas_per_month.order_count, 0) != orders_per_month.order_count
    or slas_per_month.delivered_count > slas_per_month.order_count
    or slas_per_month.late_count > slas_per_month.delivered_count
    or slas_per_month.row_count != slas_per_month.state_count
