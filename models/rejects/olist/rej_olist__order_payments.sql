-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+a5db9fc9'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__order_payments')) }}",
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
        'rule_id': 'payment_sequential.required',
        'reason': 'required',
        'column_name': 'payment_sequential',
        'flag': '_payment_sequential__required',
        'severity': 'warn',
        'text': 'payment_sequential must not be empty',
    },
    {
        'rule_id': 'payment_sequential.type',
        'reason': 'type',
        'column_name': 'payment_sequential',
        'flag': '_payment_sequential__type',
        'severity': 'warn',
        'text': 'payment_sequential must be a 64-bit integer',
    },
    {
        'rule_id': 'payment_sequential.range',
        'reason': 'range',
        'column_name': 'payment_sequential',
        'flag': '_payment_sequential__range',
        'severity': 'warn',
        'text': 'payment_sequential must be at least 1',
    },
    {
        'rule_id': 'payment_type.required',
        'reason': 'required',
        'column_name': 'payment_type',
        'flag': '_payment_type__required',
        'severity': 'warn',
        'text': 'payment_type must not be empty',
    },
    {
        'rule_id': 'payment_type.enum',
        'reason': 'enum',
        'column_name': 'payment_type',
        'flag': '_payment_type__enum',
        'severity': 'warn',
        'text': (
            'payment_type must be one of credit_card, boleto, voucher, '
            ~ 'debit_card, not_defined'
        ),
    },
    {
        'rule_id': 'payment_installments.required',
        'reason': 'required',
        'column_name': 'payment_installments',
        'flag': '_payment_installments__required',
        'severity': 'warn',
        'text': 'payment_installments must not be empty',
    },
    {
        'rule_id': 'payment_installments.type',
        'reason': 'type',
        'column_name': 'payment_installments',
        'flag': '_payment_installments__type',
        'severity': 'warn',
        'text': 'payment_installments must be a 64-bit integer',
    },
    {
        'rule_id': 'payment_installments.range',
        'reason': 'range',
        'column_name': 'payment_installments',
        'flag': '_payment_installments__range',
        'severity': 'warn',
        'text': 'payment_installments must be at least 0',
    },
    {
        'rule_id': 'payment_value.required',
        'reason': 'required',
        'column_name': 'payment_value',
        'flag': '_payment_value__required',
        'severity': 'warn',
        'text': 'payment_value must not be empty',
    },
    {
        'rule_id': 'payment_value.type',
        'reason': 'type',
        'column_name': 'payment_value',
        'flag': '_payment_value__type',
        'severity': 'warn',
        'text': 'payment_value must be a decimal(10,2)',
    },
    {
        'rule_id': 'payment_value.range',
        'reason': 'range',
        'column_name': 'payment_value',
        'flag': '_payment_value__range',
        'severity': 'warn',
        'text': 'payment_value must be at least 0',
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
        'rule_id': 'order_id-payment_sequential.duplicate',
        'reason': 'duplicate',
        'column_name': 'order_id, payment_sequential',
        'rank': '_order_id__payment_sequential__rank',
        'severity': 'warn',
        'text': 'only the first row of each order_id, payment_sequential stays',
    },
] %}

with

landed as (

    select *
    from {{ source('landing', 'olist__order_payments') }} as landed
    where {{ not_staged(
        'landed',
        source('landing', 'olist__order_payments'),
        ref('stg_olist__order_payments')
    ) }}

),

known_orders as (

    select order_id
    from {{ ref('stg_olist__orders') }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('order_id', ['trim']) }} as order_id,
        {{ clean_text('payment_sequential', ['trim']) }} as payment_sequential,

        -- text
        {{ clean_text('payment_type', ['trim', 'lower']) }} as payment_type,

        -- numbers
        {{ clean_text('payment_installments', ['trim']) }}
            as payment_installments,
        {{ clean_text('payment_value', ['trim']) }} as payment_value,

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
        {{ to_integer('payment_sequential') }} as payment_sequential,
        payment_sequential as _payment_sequential__text,

        -- text
        payment_type,

        -- numbers
        {{ to_integer('payment_installments') }} as payment_installments,
        payment_installments as _payment_installments__text,
        {{ to_decimal('payment_value', 10, 2) }} as payment_value,
        payment_value as _payment_value__text,

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
        typed._payment_sequential__text is null
            as _payment_sequential__required,
        typed._payment_sequential__text is not null
        and typed.payment_sequential is null as _payment_sequential__type,
        {{ violates_range(
            'typed.payment_sequential',
            'bigint',
            at_least='1'
        ) }} as _payment_sequential__range,
        typed.payment_type is null as _payment_type__required,
        {{ violates_enum(
            'typed.payment_type',
            ['credit_card', 'boleto', 'voucher', 'debit_card', 'not_defined']
        ) }} as _payment_type__enum,
        typed._payment_installments__text is null
            as _payment_installments__required,
        typed._payment_installments__text is not null
        and typed.payment_installments is null as _payment_installments__type,
        {{ violates_range(
            'typed.payment_installments',
            'bigint',
            at_least='0'
        ) }} as _payment_installments__range,
        typed._payment_value__text is null as _payment_value__required,
        typed._payment_value__text is not null and typed.payment_value is null
            as _payment_value__type,
        {{ violates_range(
            'typed.payment_value',
            'decimal(10, 2)',
            at_least='0'
        ) }} as _payment_value__range,
        typed.order_id is not null and known_orders.order_id is null
            as _order_id__foreign_key
    from typed
    left join known_orders
        on typed.order_id = known_orders.order_id

),

candidates as (

    select
        order_id,
        payment_sequential,
        payment_type,
        payment_installments,
        payment_value,
        _landed_file_id,
        _row_number,
        _landed_at,
        true as _is_new
    from checked
    where {{ breaks_none_of([
        '_order_id__required',
        '_order_id__pattern',
        '_payment_sequential__required',
        '_payment_sequential__type',
        '_payment_sequential__range',
        '_payment_type__required',
        '_payment_type__enum',
        '_payment_installments__required',
        '_payment_installments__type',
        '_payment_installments__range',
        '_payment_value__required',
        '_payment_value__type',
        '_payment_value__range',
        '_order_id__foreign_key',
    ]) }}

    union all

    select
        order_id,
        payment_sequential,
        payment_type,
        payment_installments,
        payment_value,
        _landed_file_id,
        _row_number,
        _landed_at,
        false as _is_new
    from {{ ref('stg_olist__order_payments') }} as staged
    where
        exists (
            select 1 from checked
            where
                checked.order_id = staged.order_id
                and checked.payment_sequential = staged.payment_sequential
        )

),

ranked as (

    select
        candidates.*,
        {{ rank_in_key(
            ['order_id', 'payment_sequential'],
            ['_landed_file_id asc', '_row_number asc']
        ) }} as _order_id__payment_sequential__rank
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
        '1.0.0+a5db9fc9' as _contract_version
    from broken
    inner join rules on broken.rule_id = rules.rule_id
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
