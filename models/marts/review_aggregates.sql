with

translations as (

    select
        product_category_name,
        product_category_name_english
    from {{ ref('stg_olist__product_category_name_translation') }}

),

categories_per_order as (

    -- Distinct, so that three items of one category do not triple a review.
    select distinct
        items.order_id,
        coalesce(
            translations.product_category_name_english,
            products.product_category_name,
            'uncategorised'
        ) as product_category
    from {{ ref('stg_olist__order_items') }} as items
    inner join {{ ref('stg_olist__products') }} as products
        on items.product_id = products.product_id
    left join translations
        on products.product_category_name = translations.product_category_name

),

reviews_by_category as (

    select
        coalesce(categories.product_category, 'no items') as product_category,
        reviews.review_score,
        reviews.review_creation_date as asked_at,
        reviews.review_answer_timestamp as answered_at
    from {{ ref('stg_olist__order_reviews') }} as reviews
    left join categories_per_order as categories
        on reviews.order_id = categories.order_id

),

response_times as (

    select
        product_category,
        review_score,
        cast({{ dbt.date_trunc('month', 'asked_at') }} as date) as review_month,
        {{ dbt.datediff('asked_at', 'answered_at', 'second') }}
            as response_seconds
    from reviews_by_category

)

select
    product_category,
    review_month,
    count(*) as review_count,
    {{ ratio('sum(review_score)', 'count(*)') }} as average_score,
    count(case when review_score = 1 then 1 end) as score_1_count,
    count(case when review_score = 2 then 1 end) as score_2_count,
    count(case when review_score = 3 then 1 end) as score_3_count,
    count(case when review_score = 4 then 1 end) as score_4_count,
    count(case when review_score = 5 then 1 end) as score_5_count,
    count(response_seconds) as answered_count,
    {{ ratio('sum(response_seconds)', '3600 * count(response_seconds)') }}
        as average_response_hours
from response_times
group by product_category, review_month
