-- Made by `loaders generate` from contract shop, version 1.2.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.2.0+b3d0603e'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_shop__lines')) }}",
    ],
) }}

{% set and_next = " || ', ' || landed." %}
{% set rules = [
    {
        'rule_id': 'shipped_at.type',
        'reason': 'type',
        'column_name': 'shipped_at',
        'flag': '_shipped_at__type',
        'severity': 'warn',
        'text': (
            'shipped_at must be a timestamp written as yyyy-MM-dd '
            ~ 'HH:mm:ss or d/M/yy H:mm'
        ),
    },
    {
        'rule_id': 'shipped_at.range',
        'reason': 'range',
        'column_name': 'shipped_at',
        'flag': '_shipped_at__range',
        'severity': 'warn',
        'text': 'shipped_at must be at least 2016-01-01T00:00:00',
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
        'rule_id': 'order_id.type',
        'reason': 'type',
        'column_name': 'order_id',
        'flag': '_order_id__type',
        'severity': 'warn',
        'text': 'order_id must be a 32-bit integer',
    },
    {
        'rule_id': 'line.required',
        'reason': 'required',
        'column_name': 'line',
        'flag': '_line__required',
        'severity': 'warn',
        'text': 'line must not be empty',
    },
    {
        'rule_id': 'line.type',
        'reason': 'type',
        'column_name': 'line',
        'flag': '_line__type',
        'severity': 'warn',
        'text': 'line must be an unsigned 64-bit integer',
    },
    {
        'rule_id': 'status.required',
        'reason': 'required',
        'column_name': 'status',
        'flag': '_status__required',
        'severity': 'error',
        'text': 'status must not be empty',
    },
    {
        'rule_id': 'status.enum',
        'reason': 'enum',
        'column_name': 'status',
        'flag': '_status__enum',
        'severity': 'error',
        'text': 'status must be one of open, paid',
    },
    {
        'rule_id': 'price.type',
        'reason': 'type',
        'column_name': 'price',
        'flag': '_price__type',
        'severity': 'warn',
        'text': 'price must be a decimal(10,2)',
    },
    {
        'rule_id': 'price.range',
        'reason': 'range',
        'column_name': 'price',
        'flag': '_price__range',
        'severity': 'warn',
        'text': 'price must be at least 0',
    },
    {
        'rule_id': 'price.multiple_of',
        'reason': 'multiple_of',
        'column_name': 'price',
        'flag': '_price__multiple_of',
        'severity': 'warn',
        'text': 'price must be a multiple of 0.05',
    },
    {
        'rule_id': 'weight.type',
        'reason': 'type',
        'column_name': 'weight',
        'flag': '_weight__type',
        'severity': 'warn',
        'text': 'weight must be a number',
    },
    {
        'rule_id': 'weight.range',
        'reason': 'range',
        'column_name': 'weight',
        'flag': '_weight__range',
        'severity': 'warn',
        'text': 'weight must be less than 1000',
    },
    {
        'rule_id': 'is_gift.type',
        'reason': 'type',
        'column_name': 'is_gift',
        'flag': '_is_gift__type',
        'severity': 'warn',
        'text': 'is_gift must be true (yes) or false (no)',
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
        'rule_id': 'customer_id.length',
        'reason': 'length',
        'column_name': 'customer_id',
        'flag': '_customer_id__length',
        'severity': 'warn',
        'text': 'customer_id must have 32 characters',
    },
    {
        'rule_id': 'ordered_on.type',
        'reason': 'type',
        'column_name': 'ordered_on',
        'flag': '_ordered_on__type',
        'severity': 'warn',
        'text': 'ordered_on must be a date written as ISO 8601',
    },
    {
        'rule_id': 'ordered_time.type',
        'reason': 'type',
        'column_name': 'ordered_time',
        'flag': '_ordered_time__type',
        'severity': 'warn',
        'text': 'ordered_time must be a time written as ISO 8601',
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
        'rule_id': 'order_id-line.duplicate',
        'reason': 'duplicate',
        'column_name': 'order_id, line',
        'rank': '_order_id__line__rank',
        'severity': 'warn',
        'text': 'only the last row of each order_id, line stays',
    },
] %}

with

landed as (

    select *
    from {{ source('landing', 'shop__lines') }} as landed
    where {{ not_staged(
        'landed',
        source('landing', 'shop__lines'),
        ref('stg_shop__lines')
    ) }}

),

known_customers as (

    select customer_id
    from {{ ref('stg_shop__customers') }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('order_id') }} as order_id,
        {{ clean_text('line') }} as line,
        {{ clean_text('status', ['trim', 'lower'], null_tokens=['', 'n/a']) }}
            as status,
        {{ clean_text('customer_id') }} as customer_id,

        -- numbers
        {{ clean_text('price') }} as price,
        {{ clean_text('weight') }} as weight,

        -- booleans
        {{ clean_text('is_gift') }} as is_gift,

        -- dates
        {{ clean_text('ordered_on') }} as ordered_on,

        -- timestamps
        {{ clean_text('shipped_at') }} as shipped_at,

        -- times
        {{ clean_text('ordered_time') }} as ordered_time,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from landed

),

typed as (

    select
        -- ids
        {{ to_integer('order_id', bits=32) }} as order_id,
        order_id as _order_id__text,
        {{ to_integer('line', unsigned=true) }} as line,
        line as _line__text,
        status,
        customer_id,

        -- numbers
        {{ to_decimal('price', 10, 2) }} as price,
        price as _price__text,
        {{ to_double('weight') }} as weight,
        weight as _weight__text,

        -- booleans
        {{ to_boolean('is_gift', true_values=['yes'], false_values=['no']) }}
            as is_gift,
        is_gift as _is_gift__text,

        -- dates
        {{ to_date('ordered_on') }} as ordered_on,
        ordered_on as _ordered_on__text,

        -- timestamps
        {{ to_timestamp(
            'shipped_at',
            ['yyyy-MM-dd HH:mm:ss', 'd/M/yy H:mm'],
            first_year=1
        ) }} as shipped_at,
        shipped_at as _shipped_at__text,

        -- times
        {{ to_time('ordered_time') }} as ordered_time,
        ordered_time as _ordered_time__text,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from cleaned

),

checked as (

    select
        typed.*,
        typed._shipped_at__text is not null and typed.shipped_at is null
            as _shipped_at__type,
        {{ violates_range(
            'typed.shipped_at',
            'timestamp',
            at_least='2016-01-01T00:00:00'
        ) }} as _shipped_at__range,
        typed._order_id__text is null as _order_id__required,
        typed._order_id__text is not null and typed.order_id is null
            as _order_id__type,
        typed._line__text is null as _line__required,
        typed._line__text is not null and typed.line is null as _line__type,
        typed.status is null as _status__required,
        {{ violates_enum('typed.status', ['open', 'paid']) }} as _status__enum,
        typed._price__text is not null and typed.price is null as _price__type,
        {{ violates_range('typed.price', 'decimal(10, 2)', at_least='0') }}
            as _price__range,
        {{ violates_multiple_of('typed.price', '0.05') }}
            as _price__multiple_of,
        typed._weight__text is not null and typed.weight is null
            as _weight__type,
        {{ violates_range('typed.weight', 'double', less_than='1000') }}
            as _weight__range,
        typed._is_gift__text is not null and typed.is_gift is null
            as _is_gift__type,
        {{ violates_pattern('typed.customer_id', '^[0-9a-f]{32}$') }}
            as _customer_id__pattern,
        {{ violates_length('typed.customer_id', at_least=32, at_most=32) }}
            as _customer_id__length,
        typed._ordered_on__text is not null and typed.ordered_on is null
            as _ordered_on__type,
        typed._ordered_time__text is not null and typed.ordered_time is null
            as _ordered_time__type,
        typed.customer_id is not null and known_customers.customer_id is null
            as _customer_id__foreign_key
    from typed
    left join known_customers
        on typed.customer_id = known_customers.customer_id

),

candidates as (

    select
        order_id,
        line,
        status,
        customer_id,
        price,
        weight,
        is_gift,
        ordered_on,
        shipped_at,
        ordered_time,
        _landed_file_id,
        _row_number,
        _landed_at,
        true as _is_new
    from checked
    where {{ breaks_none_of([
        '_shipped_at__type',
        '_shipped_at__range',
        '_order_id__required',
        '_order_id__type',
        '_line__required',
        '_line__type',
        '_status__required',
        '_status__enum',
        '_price__type',
        '_price__range',
        '_price__multiple_of',
        '_weight__type',
        '_weight__range',
        '_is_gift__type',
        '_customer_id__pattern',
        '_customer_id__length',
        '_ordered_on__type',
        '_ordered_time__type',
        '_customer_id__foreign_key',
    ]) }}

    union all

    select
        order_id,
        line,
        status,
        customer_id,
        price,
        weight,
        is_gift,
        ordered_on,
        shipped_at,
        ordered_time,
        _landed_file_id,
        _row_number,
        _landed_at,
        false as _is_new
    from {{ ref('stg_shop__lines') }} as staged
    where
        exists (
            select 1 from checked
            where
                checked.order_id = staged.order_id
                and checked.line = staged.line
        )

),

ranked as (

    select
        candidates.*,
        {{ rank_in_key(
            ['order_id', 'line'],
            [
                'ledger.file_date desc',
                'shipped_at desc',
                '_landed_file_id desc',
                '_row_number desc',
            ]
        ) }} as _order_id__line__rank
    from candidates
    left join {{ source('landing', 'ledger') }} as ledger
        on candidates._landed_file_id = ledger.file_id

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
        '1.2.0+b3d0603e' as _contract_version
    from broken
    inner join rules on broken.rule_id = rules.rule_id
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
