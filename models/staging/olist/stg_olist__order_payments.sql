-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['order_id', 'payment_sequential'],
    meta={'contract_version': '1.0.0+a5db9fc9'},
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
    from {{ source('landing', 'olist__order_payments') }} as landed
    {% if is_incremental() %}
        where {{ not_staged(
            'landed',
            source('landing', 'olist__order_payments'),
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

    {% if is_incremental() %}
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
        from {{ this }} as staged
        where
            exists (
                select 1 from checked
                where
                    checked.order_id = staged.order_id
                    and checked.payment_sequential = staged.payment_sequential
            )
    {% endif %}

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

final as (

    select
        -- ids
        order_id,
        payment_sequential,

        -- text
        payment_type,

        -- numbers
        payment_installments,
        payment_value,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at,
        '1.0.0+a5db9fc9' as _contract_version
    from ranked
    where
        _is_new
        and _order_id__payment_sequential__rank = 1

)

select * from final
