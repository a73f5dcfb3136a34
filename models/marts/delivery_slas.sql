with

deliveries_ranked_by_lateness as (

    select
        state_code,
        purchase_month,
        promised_days,
        actual_days,
        days_late,
        row_number() over (
            partition by
                state_code,
                purchase_month,
                case when days_late is null then 0 else 1 end
            order by days_late
        ) as lateness_rank,
        count(days_late) over (
            partition by state_code, purchase_month
        ) as deliveries
    from {{ ref('int_deliveries_measured') }}

),

days_per_state_and_month as (

    select
        state_code,
        purchase_month,
        count(*) as order_count,
        count(days_late) as delivered_count,
        count(case when days_late > 0 then 1 end) as late_count,
        sum(case when days_late is not null then promised_days end)
            as promised_days,
        sum(actual_days) as actual_days,
        sum(days_late) as days_late,
        -- No median works on every engine: take the one or two middle rows.
        avg(
            case
                when
                    2 * lateness_rank
                    between deliveries and deliveries + 2
                    then cast(days_late as {{ engine_type('double') }})
            end
        ) as median_days_late
    from deliveries_ranked_by_lateness
    group by state_code, purchase_month

)

select
    per_month.state_code,
    states.state_name,
    states.region,
    per_month.purchase_month,
    per_month.order_count,
    per_month.delivered_count,
    per_month.late_count,
    {{ ratio('per_month.late_count', 'per_month.delivered_count') }}
        as late_share,
    {{ ratio('per_month.promised_days', 'per_month.delivered_count') }}
        as average_promised_days,
    {{ ratio('per_month.actual_days', 'per_month.delivered_count') }}
        as average_actual_days,
    {{ ratio('per_month.days_late', 'per_month.delivered_count') }}
        as average_days_late,
    per_month.median_days_late
from days_per_state_and_month as per_month
left join {{ ref('brazilian_states') }} as states
    on per_month.state_code = states.state_code
