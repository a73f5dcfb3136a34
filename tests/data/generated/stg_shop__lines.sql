-- Made by `loaders generate` from contract shop, version 1.2.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['order_id', 'line'],
    meta={'contract_version': '1.2.0+b3d0603e'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_orphans(
            ['customer_id'],
            ref('stg_shop__customers'),
            ['customer_id']
        ) }}",
    ],
) }}

with

landed as (

    select *
    from {{ source('landing', 'shop__lines') }} as landed
    {% if is_incremental() %}
        where {{ not_staged(
            'landed',
            source('landing', 'shop__lines'),
            this
        ) }}
    {% else %}
        where {{ in_landed_files('landed') }}
    {% endif %}

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

    {% if is_incremental() %}
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
        from {{ this }} as staged
        where
            exists (
                select 1 from checked
                where
                    checked.order_id = staged.order_id
                    and checked.line = staged.line
            )
    {% endif %}

),

-- Under names that no column of a contract has.
file_dates as (

    select
        file_id as _dated_file_id,
        file_date as _dated_on
    from {{ source('landing', 'ledger') }}

),

ranked as (

    select
        candidates.*,
        {{ rank_in_key(
            ['order_id', 'line'],
            [
                '_dated_on desc',
                'shipped_at desc',
                '_landed_file_id desc',
                '_row_number desc',
            ]
        ) }} as _order_id__line__rank
    from candidates
    left join file_dates
        on candidates._landed_file_id = file_dates._dated_file_id

),

final as (

    select
        -- ids
        order_id,
        line,
        status,
        customer_id,

        -- numbers
        price,
        weight,

        -- booleans
        is_gift,

        -- dates
        ordered_on,

        -- timestamps
        shipped_at,

        -- times
        ordered_time,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at,
        '1.2.0+b3d0603e' as _contract_version
    from ranked
    where
        _is_new
        and _order_id__line__rank = 1

)

select * from final
