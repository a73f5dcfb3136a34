-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+43cb9851'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__order_reviews')) }}",
    ],
) }}

{% set row_rules = [
    reject_rule('review_id', 'required', 'review_id must not be empty'),
    reject_rule('review_id', 'pattern', 'review_id must match ^[0-9a-f]{32}$'),
    reject_rule('order_id', 'required', 'order_id must not be empty'),
    reject_rule('order_id', 'pattern', 'order_id must match ^[0-9a-f]{32}$'),
    reject_rule('review_score', 'required', 'review_score must not be empty'),
    reject_rule('review_score', 'type', (
        'review_score must be a 64-bit integer'
    )),
    reject_rule('review_score', 'range', (
        'review_score must be at least 1 and at most 5'
    )),
    reject_rule('review_comment_title', 'length', (
        'review_comment_title must have at most 100 characters'
    )),
    reject_rule('review_comment_message', 'length', (
        'review_comment_message must have at most 2000 characters'
    )),
    reject_rule('review_creation_date', 'required', (
        'review_creation_date must not be empty'
    ), severity='error'),
    reject_rule('review_creation_date', 'type', (
        'review_creation_date must be a timestamp written as yyyy-MM-dd '
        ~ 'HH:mm:ss'
    ), severity='error'),
    reject_rule('review_creation_date', 'range', (
        'review_creation_date must be at least 2016-01-01T00:00:00 and '
        ~ 'less than 2019-01-01T00:00:00'
    ), severity='error'),
    reject_rule('review_answer_timestamp', 'required', (
        'review_answer_timestamp must not be empty'
    ), severity='error'),
    reject_rule('review_answer_timestamp', 'type', (
        'review_answer_timestamp must be a timestamp written as '
        ~ 'yyyy-MM-dd HH:mm:ss'
    ), severity='error'),
    reject_rule('review_answer_timestamp', 'range', (
        'review_answer_timestamp must be at least 2016-01-01T00:00:00 and '
        ~ 'less than 2019-01-01T00:00:00'
    ), severity='error'),
    reject_rule('order_id', 'foreign_key', (
        'order_id must exist in orders (order_id)'
    )),
] %}
{% set key_rules = [
    reject_rule('review_id, order_id', 'duplicate', (
        'only the first row of each review_id, order_id stays'
    )),
] %}
{% set rules = row_rules + key_rules %}

with

landed as (

    select *
    from {{ source('landing', 'olist__order_reviews') }} as landed
    where {{ not_staged(
        'landed',
        source('landing', 'olist__order_reviews'),
        ref('stg_olist__order_reviews')
    ) }}

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

staged as (

    select *
    from {{ ref('stg_olist__order_reviews') }}

),

-- What breaks no rule and is not staged has lost its key to a row that is.
judged as (

    select
        checked.*,
        {{ breaks_none_of(row_rules | map(attribute='flag') | list) }}
        and staged._row_number is not null as _review_id__order_id__duplicate
    from checked
    left join staged
        on
            checked.review_id = staged.review_id
            and checked.order_id = staged.order_id

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
        '1.0.0+43cb9851' as _contract_version
    from broken
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
