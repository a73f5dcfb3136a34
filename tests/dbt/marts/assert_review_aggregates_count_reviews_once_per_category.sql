-- The scores of a row add up to its reviews, no category stands twice in a
-- month, and no category has more reviews than the month.
with

reviews_per_month as (

    select
        cast(
            {{ dbt.date_trunc('month', 'review_creation_date') }} as date
        ) as review_month,
        count(*) as review_count
    from {{ ref('stg_olist__order_reviews') }}
    group by
        cast({{ dbt.date_trunc('month', 'review_creation_date') }} as date)

),

aggregates_counted as (

    select
        product_category,
        review_month,
        review_count,
        score_1_count
        + score_2_count
        + score_3_count
        + score_4_count
        + score_5_count as scored_count,
        count(*) over (
            partition by product_category, review_month
        ) as row_count
    from {{ ref('review_aggregates') }}

)

select
    aggregates_counted.product_category,
    aggregates_counted.review_month,
    aggregates_counted.review_count,
    aggregates_counted.scored_count,
    aggregates_counted.row_count,
    reviews_per_month.review_count as review_count_of_month
from aggregates_counted
left join reviews_per_month
    on aggregates_counted.review_month = reviews_per_month.review_month
where
    aggregates_counted.scored_count != aggregates_counted.review_count
    or aggregates_counted.row_count != 1
    or coalesce(reviews_per_month.review_count, 0)
    < aggregates_counted.review_count
