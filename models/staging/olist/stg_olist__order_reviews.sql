-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['review_id', 'order_id'],
    meta={'contract_version': '1.0.0+43cb9851'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_orphans(
            ['order_id'],
            ref('stg_olist__orders'),
            ['order_id']
        ) }}",
    ],
) }}

with

landed as (

    select *
    from {{ source('landing', 'olist__order_reviews') }} as landed
    {% if is_incremental() %}
        where {{ not_staged(
            'landed',
            source('landing', 'olist__order_reviews'),
            this
        ) }}
    {% else %}
        where {{ in_landed_files('landed') }}
    {% endif %}

),

known_orders as (

    select order_id
    from {{ ref('stg_olist__orders') }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('review_id', ['trim']) }} as review_id,
        {{ clean_text('order_id', ['trim']) }} as order_id,

        -- text
        {{ clean_text('review_comment_title', ['trim']) }}
            as review_comment_title,
        {{ clean_text('review_comment_message', ['trim']) }}
            as review_comment_message,

        -- numbers
        {{ clean_text('review_score', ['trim']) }} as review_score,

        -- timestamps
        {{ clean_text('review_creation_date', ['trim']) }}
            as review_creation_date,
        {{ clean_text('review_answer_timestamp', ['trim']) }}
            as review_answer_timestamp,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from landed

),

typed as (

    select
        -- ids
        review_id,
        order_id,

        -- text
        review_comment_title,
        review_comment_message,

        -- numbers
        {{ to_integer('review_score') }} as review_score,
        review_score as _review_score__text,

        -- timestamps
        {{ to_timestamp(
            'review_creation_date',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as review_creation_date,
        review_creation_date as _review_creation_date__text,
        {{ to_timestamp(
            'review_answer_timestamp',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as review_answer_timestamp,
        review_answer_timestamp as _review_answer_timestamp__text,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from cleaned

),

checked as (

    select
        typed.*,
        typed.review_id is null as _review_id__required,
        {{ violates_pattern('typed.review_id', '^[0-9a-f]{32}$') }}
            as _review_id__pattern,
        typed.order_id is null as _order_id__required,
        {{ violates_pattern('typed.order_id', '^[0-9a-f]{32}$') }}
            as _order_id__pattern,
        typed._review_score__text is null as _review_score__required,
        typed._review_score__text is not null and typed.review_score is null
            as _review_score__type,
        {{ violates_range(
            'typed.review_score',
            'bigint',
            at_least='1',
            at_most='5'
        ) }} as _review_score__range,
        {{ violates_length('typed.review_comment_title', at_most=100) }}
            as _review_comment_title__length,
        {{ violates_length('typed.review_comment_message', at_most=2000) }}
            as _review_comment_message__length,
        typed._review_creation_date__text is null
            as _review_creation_date__required,
        typed._review_creation_date__text is not null
        and typed.review_creation_date is null as _review_creation_date__type,
        {{ violates_range(
            'typed.review_creation_date',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2019-01-01T00:00:00'
        ) }} as _review_creation_date__range,
        typed._review_answer_timestamp__text is null
            as _review_answer_timestamp__required,
        typed._review_answer_timestamp__text is not null
        and typed.review_answer_timestamp is null
            as _review_answer_timestamp__type,
        {{ violates_range(
            'typed.review_answer_timestamp',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2019-01-01T00:00:00'
        ) }} as _review_answer_timestamp__range,
        typed.order_id is not null and known_orders.order_id is null
            as _order_id__foreign_key
    from typed
    left join known_orders
        on typed.order_id = known_orders.order_id

),

candidates as (

    select
        review_id,
        order_id,
        review_comment_title,
        review_comment_message,
        review_score,
        review_creation_date,
        review_answer_timestamp,
        _landed_file_id,
        _row_number,
        _landed_at,
        true as _is_new
    from checked
    where {{ breaks_none_of([
        '_review_id__required',
        '_review_id__pattern',
        '_order_id__required',
        '_order_id__pattern',
        '_review_score__required',
        '_review_score__type',
        '_review_score__range',
        '_review_comment_title__length',
        '_review_comment_message__length',
        '_review_creation_date__required',
        '_review_creation_date__type',
        '_review_creation_date__range',
        '_review_answer_timestamp__required',
        '_review_answer_timestamp__type',
        '_review_answer_timestamp__range',
        '_order_id__foreign_key',
    ]) }}

    {% if is_incremental() %}
        union all

        select
            review_id,
            order_id,
            review_comment_title,
            review_comment_message,
            review_score,
            review_creation_date,
            review_answer_timestamp,
            _landed_file_id,
            _row_number,
            _landed_at,
            false as _is_new
        from {{ this }} as staged
        where
            exists (
                select 1 from checked
                where
                    checked.review_id = staged.review_id
                    and checked.order_id = staged.order_id
            )
    {% endif %}

),

ranked as (

    select
        candidates.*,
        {{ rank_in_key(
            ['review_id', 'order_id'],
            ['_landed_file_id asc', '_row_number asc']
        ) }} as _review_id__order_id__rank
    from candidates

),

final as (

    select
        -- ids
        review_id,
        order_id,

        -- text
        review_comment_title,
        review_comment_message,

        -- numbers
        review_score,

        -- timestamps
        review_creation_date,
        review_answer_timestamp,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at,
        '1.0.0+43cb9851' as _contract_version
    from ranked
    where
        _is_new
        and _review_id__order_id__rank = 1

)

select * from final
