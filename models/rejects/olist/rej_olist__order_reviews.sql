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

{% set and_next = " || ', ' || landed." %}
{% set rules = [
    {
        'rule_id': 'review_id.required',
        'reason': 'required',
        'column_name': 'review_id',
        'flag': '_review_id__required',
        'severity': 'warn',
        'text': 'review_id must not be empty',
    },
    {
        'rule_id': 'review_id.pattern',
        'reason': 'pattern',
        'column_name': 'review_id',
        'flag': '_review_id__pattern',
        'severity': 'warn',
        'text': 'review_id must match ^[0-9a-f]{32}$',
    },
    {
        'rule_id': 'order_id.required',
        'reason': 'required',
        'column_name': 'order_id',
        'flag': '_order_id__required',
        'severity': 'warn',
        'text': 'order_id must not be empty',
    },
    {
        'rule_id': 'order_id.pattern',
        'reason': 'pattern',
        'column_name': 'order_id',
        'flag': '_order_id__pattern',
        'severity': 'warn',
        'text': 'order_id must match ^[0-9a-f]{32}$',
    },
    {
        'rule_id': 'review_score.required',
        'reason': 'required',
        'column_name': 'review_score',
        'flag': '_review_score__required',
        'severity': 'warn',
        'text': 'review_score must not be empty',
    },
    {
        'rule_id': 'review_score.type',
        'reason': 'type',
        'column_name': 'review_score',
        'flag': '_review_score__type',
        'severity': 'warn',
        'text': 'review_score must be a 64-bit integer',
    },
    {
        'rule_id': 'review_score.range',
        'reason': 'range',
        'column_name': 'review_score',
        'flag': '_review_score__range',
        'severity': 'warn',
        'text': 'review_score must be at least 1 and at most 5',
    },
    {
        'rule_id': 'review_comment_title.length',
        'reason': 'length',
        'column_name': 'review_comment_title',
        'flag': '_review_comment_title__length',
        'severity': 'warn',
        'text': 'review_comment_title must have at most 100 characters',
    },
    {
        'rule_id': 'review_comment_message.length',
        'reason': 'length',
        'column_name': 'review_comment_message',
        'flag': '_review_comment_message__length',
        'severity': 'warn',
        'text': 'review_comment_message must have at most 2000 characters',
    },
    {
        'rule_id': 'review_creation_date.required',
        'reason': 'required',
        'column_name': 'review_creation_date',
        'flag': '_review_creation_date__required',
        'severity': 'error',
        'text': 'review_creation_date must not be empty',
    },
    {
        'rule_id': 'review_creation_date.type',
        'reason': 'type',
        'column_name': 'review_creation_date',
        'flag': '_review_creation_date__type',
        'severity': 'error',
        'text': (
            'review_creation_date must be a timestamp written as '
            ~ 'yyyy-MM-dd HH:mm:ss'
        ),
    },
    {
        'rule_id': 'review_creation_date.range',
        'reason': 'range',
        'column_name': 'review_creation_date',
        'flag': '_review_creation_date__range',
        'severity': 'error',
        'text': (
            'review_creation_date must be at least 2016-01-01T00:00:00 '
            ~ 'and less than 2019-01-01T00:00:00'
        ),
    },
    {
        'rule_id': 'review_answer_timestamp.required',
        'reason': 'required',
        'column_name': 'review_answer_timestamp',
        'flag': '_review_answer_timestamp__required',
        'severity': 'error',
        'text': 'review_answer_timestamp must not be empty',
    },
    {
        'rule_id': 'review_answer_timestamp.type',
        'reason': 'type',
        'column_name': 'review_answer_timestamp',
        'flag': '_review_answer_timestamp__type',
        'severity': 'error',
        'text': (
            'review_answer_timestamp must be a timestamp written as '
            ~ 'yyyy-MM-dd HH:mm:ss'
        ),
    },
    {
        'rule_id': 'review_answer_timestamp.range',
        'reason': 'range',
        'column_name': 'review_answer_timestamp',
        'flag': '_review_answer_timestamp__range',
        'severity': 'error',
        'text': (
            'review_answer_timestamp must be at least 2016-01-01T00:00:00 '
            ~ 'and less than 2019-01-01T00:00:00'
        ),
    },
    {
        'rule_id': 'order_id.foreign_key',
        'reason': 'foreign_key',
        'column_name': 'order_id',
        'flag': '_order_id__foreign_key',
        'severity': 'warn',
        'text': 'order_id must exist in orders (order_id)',
    },
    {
        'rule_id': 'review_id-order_id.duplicate',
        'reason': 'duplicate',
        'column_name': 'review_id, order_id',
        'rank': '_review_id__order_id__rank',
        'severity': 'warn',
        'text': 'only the first row of each review_id, order_id stays',
    },
] %}

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
    from {{ ref('stg_olist__order_reviews') }} as staged
    where
        exists (
            select 1 from checked
            where
                checked.review_id = staged.review_id
                and checked.order_id = staged.order_id
        )

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

rules as (

    {% for rule in rules %}
        select
            '{{ rule.rule_id }}' as rule_id,
            '{{ rule.reason }}' as reason,
            '{{ rule.column_name }}' as column_name,
            {{ text_literal(rule.text) }} as rule_text,
            '{{ rule.severity }}' as severity
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

broken as (

    select
        checked._landed_file_id,
        checked._row_number,
        rules.rule_id
    from checked
    cross join rules
    where
        case rules.rule_id
            {% for rule in rules if rule.flag %}
                when '{{ rule.rule_id }}' then checked.{{ rule.flag }}
            {% endfor %}
        end

    union all

    select
        ranked._landed_file_id,
        ranked._row_number,
        rules.rule_id
    from ranked
    cross join rules
    where
        ranked._is_new
        and case rules.rule_id
            {% for rule in rules if rule.rank %}
                when '{{ rule.rule_id }}' then ranked.{{ rule.rank }} > 1
            {% endfor %}
        end

),

final as (

    select
        -- reason
        rules.rule_id,
        rules.reason,
        rules.column_name,
        case rules.column_name
            {% for names in rules | map(attribute='column_name') | unique %}
                when '{{ names }}'
                    then landed.{{ names | replace(', ', and_next) }}
            {% endfor %}
        end as offending_value,
        rules.rule_text,
        rules.severity,
        cast(landed._landed_at as date) as reject_date,

        -- lineage
        landed._landed_file_id,
        landed._row_number,
        landed._landed_at,
        '1.0.0+43cb9851' as _contract_version
    from broken
    inner join rules on broken.rule_id = rules.rule_id
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
