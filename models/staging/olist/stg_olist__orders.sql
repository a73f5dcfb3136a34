-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['order_id'],
    meta={'contract_version': '1.0.0+b2e35881'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_orphans(
            ['customer_id'],
            ref('stg_olist__customers'),
            ['customer_id']
        ) }}",
    ],
) }}

with

landed as (

    select *
    from {{ source('landing', 'olist__orders') }} as landed
    {% if is_incremental() %}
        where {{ not_staged(
            'landed',
            source('landing', 'olist__orders'),
            this
        ) }}
    {% else %}
        where {{ in_landed_files('landed') }}
    {% endif %}

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

    {% if is_incremental() %}
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
        from {{ this }} as staged
        where
            exists (
                select 1 from checked
                where
                    checked.order_id = staged.order_id
            )
    {% endif %}

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

final as (

    select
        -- ids
        order_id,
        customer_id,

        -- text
        order_status,

        -- timestamps
        order_purchase_timestamp,
        order_approved_at,
        order_delivered_carrier_date,
        order_delivered_customer_date,
        order_estimated_delivery_date,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at,
        '1.0.0+b2e35881' as _contract_version
    from ranked
    where
        _is_new
        and _order_id__rank = 1

)

select * from final
