-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+b2e35881'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__orders')) }}",
    ],
) }}

{% set and_next = " || ', ' || landed." %}
{% set rules = [
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
        'rule_id': 'customer_id.required',
        'reason': 'required',
        'column_name': 'customer_id',
        'flag': '_customer_id__required',
        'severity': 'warn',
        'text': 'customer_id must not be empty',
    },
    {
        'rule_id': 'customer_id.pattern',
        'reason': 'pattern',
        'column_name': 'customer_id',
        'flag': '_customer_id__pattern',
        'severity': 'warn',
        'text': 'customer_id must match ^[0-9a-f]{32}$',
    },
    {
        'rule_id': 'order_status.required',
        'reason': 'required',
        'column_name': 'order_status',
        'flag': '_order_status__required',
        'severity': 'warn',
        'text': 'order_status must not be empty',
    },
    {
        'rule_id': 'order_status.enum',
        'reason': 'enum',
        'column_name': 'order_status',
        'flag': '_order_status__enum',
        'severity': 'warn',
        'text': (
            'order_status must be one of created, approved, invoiced, '
            ~ 'processing, shipped, delivered, unavailable, canceled'
        ),
    },
    {
        'rule_id': 'order_purchase_timestamp.required',
        'reason': 'required',
        'column_name': 'order_purchase_timestamp',
        'flag': '_order_purchase_timestamp__required',
        'severity': 'warn',
        'text': 'order_purchase_timestamp must not be empty',
    },
    {
        'rule_id': 'order_purchase_timestamp.type',
        'reason': 'type',
        'column_name': 'order_purchase_timestamp',
        'flag': '_order_purchase_timestamp__type',
        'severity': 'warn',
        'text': (
            'order_purchase_timestamp must be a timestamp written as '
            ~ 'yyyy-MM-dd HH:mm:ss'
        ),
    },
    {
        'rule_id': 'order_purchase_timestamp.range',
        'reason': 'range',
        'column_name': 'order_purchase_timestamp',
        'flag': '_order_purchase_timestamp__range',
        'severity': 'warn',
        'text': (
            'order_purchase_timestamp must be at least '
            ~ '2016-01-01T00:00:00 and less than 2019-01-01T00:00:00'
        ),
    },
    {
        'rule_id': 'order_approved_at.type',
        'reason': 'type',
        'column_name': 'order_approved_at',
        'flag': '_order_approved_at__type',
        'severity': 'warn',
        'text': (
            'order_approved_at must be a timestamp written as yyyy-MM-dd '
            ~ 'HH:mm:ss'
        ),
    },
    {
        'rule_id': 'order_approved_at.range',
        'reason': 'range',
        'column_name': 'order_approved_at',
        'flag': '_order_approved_at__range',
        'severity': 'warn',
        'text': (
            'order_approved_at must be at least 2016-01-01T00:00:00 and '
            ~ 'less than 2019-01-01T00:00:00'
        ),
    },
    {
        'rule_id': 'order_delivered_carrier_date.type',
        'reason': 'type',
        'column_name': 'order_delivered_carrier_date',
        'flag': '_order_delivered_carrier_date__type',
        'severity': 'warn',
        'text': (
            'order_delivered_carrier_date must be a timestamp written as '
            ~ 'yyyy-MM-dd HH:mm:ss'
        ),
    },
    {
        'rule_id': 'order_delivered_carrier_date.range',
        'reason': 'range',
        'column_name': 'order_delivered_carrier_date',
        'flag': '_order_delivered_carrier_date__range',
        'severity': 'warn',
        'text': (
            'order_delivered_carrier_date must be at least '
            ~ '2016-01-01T00:00:00 and less than 2019-01-01T00:00:00'
        ),
    },
    {
        'rule_id': 'order_delivered_customer_date.type',
        'reason': 'type',
        'column_name': 'order_delivered_customer_date',
        'flag': '_order_delivered_customer_date__type',
        'severity': 'warn',
        'text': (
            'order_delivered_customer_date must be a timestamp written as '
            ~ 'yyyy-MM-dd HH:mm:ss'
        ),
    },
    {
        'rule_id': 'order_delivered_customer_date.range',
        'reason': 'range',
        'column_name': 'order_delivered_customer_date',
        'flag': '_order_delivered_customer_date__range',
        'severity': 'warn',
        'text': (
            'order_delivered_customer_date must be at least '
            ~ '2016-01-01T00:00:00 and less than 2019-01-01T00:00:00'
        ),
    },
    {
        'rule_id': 'order_estimated_delivery_date.required',
        'reason': 'required',
        'column_name': 'order_estimated_delivery_date',
        'flag': '_order_estimated_delivery_date__required',
        'severity': 'warn',
        'text': 'order_estimated_delivery_date must not be empty',
    },
    {
        'rule_id': 'order_estimated_delivery_date.type',
        'reason': 'type',
        'column_name': 'order_estimated_delivery_date',
        'flag': '_order_estimated_delivery_date__type',
        'severity': 'warn',
        'text': (
            'order_estimated_delivery_date must be a timestamp written as '
            ~ 'yyyy-MM-dd HH:mm:ss'
        ),
    },
    {
        'rule_id': 'order_estimated_delivery_date.range',
        'reason': 'range',
        'column_name': 'order_estimated_delivery_date',
        'flag': '_order_estimated_delivery_date__range',
        'severity': 'warn',
        'text': (
            'order_estimated_delivery_date must be at least '
            ~ '2016-01-01T00:00:00 and less than 2019-01-01T00:00:00'
        ),
    },
    {
        'rule_id': 'customer_id.foreign_key',
        'reason': 'foreign_key',
        'column_name': 'customer_id',
        'flag': '_customer_id__foreign_key',
        'severity': 'warn',
        'text': 'customer_id must exist in customers (customer_id)',
    },
    {
        'rule_id': 'order_id.duplicate',
        'reason': 'duplicate',
        'column_name': 'order_id',
        'rank': '_order_id__rank',
        'severity': 'warn',
        'text': 'only the first row of each order_id stays',
    },
] %}

with

landed as (

    select *
    from {{ source('landing', 'olist__orders') }} as landed
    where {{ not_staged(
        'landed',
        source('landing', 'olist__orders'),
        ref('stg_olist__orders')
    ) }}

),

known_customers as (

    select customer_id
    from {{ ref('stg_olist__customers') }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('order_id', ['trim']) }} as order_id,
        {{ clean_text('customer_id', ['trim']) }} as customer_id,

        -- text
        {{ clean_text('order_status', ['trim', 'lower']) }} as order_status,

        -- timestamps
        {{ clean_text('order_purchase_timestamp', ['trim']) }}
            as order_purchase_timestamp,
        {{ clean_text('order_approved_at', ['trim']) }} as order_approved_at,
        {{ clean_text('order_delivered_carrier_date', ['trim']) }}
            as order_delivered_carrier_date,
        {{ clean_text('order_delivered_customer_date', ['trim']) }}
            as order_delivered_customer_date,
        {{ clean_text('order_estimated_delivery_date', ['trim']) }}
            as order_estimated_delivery_date,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from landed

),

typed as (

    select
        -- ids
        order_id,
        customer_id,

        -- text
        order_status,

        -- timestamps
        {{ to_timestamp(
            'order_purchase_timestamp',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as order_purchase_timestamp,
        order_purchase_timestamp as _order_purchase_timestamp__text,
        {{ to_timestamp(
            'order_approved_at',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as order_approved_at,
        order_approved_at as _order_approved_at__text,
        {{ to_timestamp(
            'order_delivered_carrier_date',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as order_delivered_carrier_date,
        order_delivered_carrier_date as _order_delivered_carrier_date__text,
        {{ to_timestamp(
            'order_delivered_customer_date',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as order_delivered_customer_date,
        order_delivered_customer_date as _order_delivered_customer_date__text,
        {{ to_timestamp(
            'order_estimated_delivery_date',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as order_estimated_delivery_date,
        order_estimated_delivery_date as _order_estimated_delivery_date__text,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from cleaned

),

checked as (

    select
        typed.*,
        typed.order_id is null as _order_id__required,
        {{ violates_pattern('typed.order_id', '^[0-9a-f]{32}$') }}
            as _order_id__pattern,
        typed.customer_id is null as _customer_id__required,
        {{ violates_pattern('typed.customer_id', '^[0-9a-f]{32}$') }}
            as _customer_id__pattern,
        typed.order_status is null as _order_status__required,
        {{ violates_enum(
            'typed.order_status',
            [
                'created',
                'approved',
                'invoiced',
                'processing',
                'shipped',
                'delivered',
                'unavailable',
                'canceled',
            ]
        ) }} as _order_status__enum,
        typed._order_purchase_timestamp__text is null
            as _order_purchase_timestamp__required,
        typed._order_purchase_timestamp__text is not null
        and typed.order_purchase_timestamp is null
            as _order_purchase_timestamp__type,
        {{ violates_range(
            'typed.order_purchase_timestamp',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2019-01-01T00:00:00'
        ) }} as _order_purchase_timestamp__range,
        typed._order_approved_at__text is not null
        and typed.order_approved_at is null as _order_approved_at__type,
        {{ violates_range(
            'typed.order_approved_at',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2019-01-01T00:00:00'
        ) }} as _order_approved_at__range,
        typed._order_delivered_carrier_date__text is not null
        and typed.order_delivered_carrier_date is null
            as _order_delivered_carrier_date__type,
        {{ violates_range(
            'typed.order_delivered_carrier_date',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2019-01-01T00:00:00'
        ) }} as _order_delivered_carrier_date__range,
        typed._order_delivered_customer_date__text is not null
        and typed.order_delivered_customer_date is null
            as _order_delivered_customer_date__type,
        {{ violates_range(
            'typed.order_delivered_customer_date',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2019-01-01T00:00:00'
        ) }} as _order_delivered_customer_date__range,
        typed._order_estimated_delivery_date__text is null
            as _order_estimated_delivery_date__required,
        typed._order_estimated_delivery_date__text is not null
        and typed.order_estimated_delivery_date is null
            as _order_estimated_delivery_date__type,
        {{ violates_range(
            'typed.order_estimated_delivery_date',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2019-01-01T00:00:00'
        ) }} as _order_estimated_delivery_date__range,
        typed.customer_id is not null and known_customers.customer_id is null
            as _customer_id__foreign_key
    from typed
    left join known_customers
        on typed.customer_id = known_customers.customer_id

),

candidates as (

    select
        order_id,
        customer_id,
        order_status,
        order_purchase_timestamp,
        order_approved_at,
        order_delivered_carrier_date,
        order_delivered_customer_date,
        order_estimated_delivery_date,
        _landed_file_id,
        _row_number,
        _landed_at,
        true as _is_new
    from checked
    where {{ breaks_none_of([
        '_order_id__required',
        '_order_id__pattern',
        '_customer_id__required',
        '_customer_id__pattern',
        '_order_status__required',
        '_order_status__enum',
        '_order_purchase_timestamp__required',
        '_order_purchase_timestamp__type',
        '_order_purchase_timestamp__range',
        '_order_approved_at__type',
        '_order_approved_at__range',
        '_order_delivered_carrier_date__type',
        '_order_delivered_carrier_date__range',
        '_order_delivered_customer_date__type',
        '_order_delivered_customer_date__range',
        '_order_estimated_delivery_date__required',
        '_order_estimated_delivery_date__type',
        '_order_estimated_delivery_date__range',
        '_customer_id__foreign_key',
    ]) }}

    union all

    select
        order_id,
        customer_id,
        order_status,
        order_purchase_timestamp,
        order_approved_at,
        order_delivered_carrier_date,
        order_delivered_customer_date,
        order_estimated_delivery_date,
        _landed_file_id,
        _row_number,
        _landed_at,
        false as _is_new
    from {{ ref('stg_olist__orders') }} as staged
    where
        exists (
            select 1 from checked
            where
                checked.order_id = staged.order_id
        )

),

ranked as (

    select
        candidates.*,
        {{ rank_in_key(
            ['order_id'],
            ['_landed_file_id asc', '_row_number asc']
        ) }} as _order_id__rank
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
        '1.0.0+b2e35881' as _contract_version
    from broken
    inner join rules on broken.rule_id = rules.rule_id
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
