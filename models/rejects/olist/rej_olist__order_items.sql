-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+334c7f54'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__order_items')) }}",
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
        'rule_id': 'order_item_id.required',
        'reason': 'required',
        'column_name': 'order_item_id',
        'flag': '_order_item_id__required',
        'severity': 'warn',
        'text': 'order_item_id must not be empty',
    },
    {
        'rule_id': 'order_item_id.type',
        'reason': 'type',
        'column_name': 'order_item_id',
        'flag': '_order_item_id__type',
        'severity': 'warn',
        'text': 'order_item_id must be a 64-bit integer',
    },
    {
        'rule_id': 'order_item_id.range',
        'reason': 'range',
        'column_name': 'order_item_id',
        'flag': '_order_item_id__range',
        'severity': 'warn',
        'text': 'order_item_id must be at least 1',
    },
    {
        'rule_id': 'product_id.required',
        'reason': 'required',
        'column_name': 'product_id',
        'flag': '_product_id__required',
        'severity': 'warn',
        'text': 'product_id must not be empty',
    },
    {
        'rule_id': 'product_id.pattern',
        'reason': 'pattern',
        'column_name': 'product_id',
        'flag': '_product_id__pattern',
        'severity': 'warn',
        'text': 'product_id must match ^[0-9a-f]{32}$',
    },
    {
        'rule_id': 'seller_id.required',
        'reason': 'required',
        'column_name': 'seller_id',
        'flag': '_seller_id__required',
        'severity': 'warn',
        'text': 'seller_id must not be empty',
    },
    {
        'rule_id': 'seller_id.pattern',
        'reason': 'pattern',
        'column_name': 'seller_id',
        'flag': '_seller_id__pattern',
        'severity': 'warn',
        'text': 'seller_id must match ^[0-9a-f]{32}$',
    },
    {
        'rule_id': 'shipping_limit_date.required',
        'reason': 'required',
        'column_name': 'shipping_limit_date',
        'flag': '_shipping_limit_date__required',
        'severity': 'warn',
        'text': 'shipping_limit_date must not be empty',
    },
    {
        'rule_id': 'shipping_limit_date.type',
        'reason': 'type',
        'column_name': 'shipping_limit_date',
        'flag': '_shipping_limit_date__type',
        'severity': 'warn',
        'text': (
            'shipping_limit_date must be a timestamp written as '
            ~ 'yyyy-MM-dd HH:mm:ss'
        ),
    },
    {
        'rule_id': 'shipping_limit_date.range',
        'reason': 'range',
        'column_name': 'shipping_limit_date',
        'flag': '_shipping_limit_date__range',
        'severity': 'warn',
        'text': (
            'shipping_limit_date must be at least 2016-01-01T00:00:00 and '
            ~ 'less than 2021-01-01T00:00:00'
        ),
    },
    {
        'rule_id': 'price.required',
        'reason': 'required',
        'column_name': 'price',
        'flag': '_price__required',
        'severity': 'warn',
        'text': 'price must not be empty',
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
        'rule_id': 'freight_value.required',
        'reason': 'required',
        'column_name': 'freight_value',
        'flag': '_freight_value__required',
        'severity': 'warn',
        'text': 'freight_value must not be empty',
    },
    {
        'rule_id': 'freight_value.type',
        'reason': 'type',
        'column_name': 'freight_value',
        'flag': '_freight_value__type',
        'severity': 'warn',
        'text': 'freight_value must be a decimal(10,2)',
    },
    {
        'rule_id': 'freight_value.range',
        'reason': 'range',
        'column_name': 'freight_value',
        'flag': '_freight_value__range',
        'severity': 'warn',
        'text': 'freight_value must be at least 0',
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
        'rule_id': 'product_id.foreign_key',
        'reason': 'foreign_key',
        'column_name': 'product_id',
        'flag': '_product_id__foreign_key',
        'severity': 'warn',
        'text': 'product_id must exist in products (product_id)',
    },
    {
        'rule_id': 'seller_id.foreign_key',
        'reason': 'foreign_key',
        'column_name': 'seller_id',
        'flag': '_seller_id__foreign_key',
        'severity': 'warn',
        'text': 'seller_id must exist in sellers (seller_id)',
    },
    {
        'rule_id': 'order_id-order_item_id.duplicate',
        'reason': 'duplicate',
        'column_name': 'order_id, order_item_id',
        'rank': '_order_id__order_item_id__rank',
        'severity': 'warn',
        'text': 'only the first row of each order_id, order_item_id stays',
    },
] %}

with

landed as (

    select *
    from {{ source('landing', 'olist__order_items') }} as landed
    where {{ not_staged(
        'landed',
        source('landing', 'olist__order_items'),
        ref('stg_olist__order_items')
    ) }}

),

known_orders as (

    select order_id
    from {{ ref('stg_olist__orders') }}

),

known_products as (

    select product_id
    from {{ ref('stg_olist__products') }}

),

known_sellers as (

    select seller_id
    from {{ ref('stg_olist__sellers') }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('order_id', ['trim']) }} as order_id,
        {{ clean_text('order_item_id', ['trim']) }} as order_item_id,
        {{ clean_text('product_id', ['trim']) }} as product_id,
        {{ clean_text('seller_id', ['trim']) }} as seller_id,

        -- numbers
        {{ clean_text('price', ['trim']) }} as price,
        {{ clean_text('freight_value', ['trim']) }} as freight_value,

        -- timestamps
        {{ clean_text('shipping_limit_date', ['trim']) }}
            as shipping_limit_date,

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
        {{ to_integer('order_item_id') }} as order_item_id,
        order_item_id as _order_item_id__text,
        product_id,
        seller_id,

        -- numbers
        {{ to_decimal('price', 10, 2) }} as price,
        price as _price__text,
        {{ to_decimal('freight_value', 10, 2) }} as freight_value,
        freight_value as _freight_value__text,

        -- timestamps
        {{ to_timestamp(
            'shipping_limit_date',
            ['yyyy-MM-dd HH:mm:ss'],
            first_year=1,
            last_year=9999
        ) }} as shipping_limit_date,
        shipping_limit_date as _shipping_limit_date__text,

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
        typed._order_item_id__text is null as _order_item_id__required,
        typed._order_item_id__text is not null and typed.order_item_id is null
            as _order_item_id__type,
        {{ violates_range('typed.order_item_id', 'bigint', at_least='1') }}
            as _order_item_id__range,
        typed.product_id is null as _product_id__required,
        {{ violates_pattern('typed.product_id', '^[0-9a-f]{32}$') }}
            as _product_id__pattern,
        typed.seller_id is null as _seller_id__required,
        {{ violates_pattern('typed.seller_id', '^[0-9a-f]{32}$') }}
            as _seller_id__pattern,
        typed._shipping_limit_date__text is null
            as _shipping_limit_date__required,
        typed._shipping_limit_date__text is not null
        and typed.shipping_limit_date is null as _shipping_limit_date__type,
        {{ violates_range(
            'typed.shipping_limit_date',
            'timestamp',
            at_least='2016-01-01T00:00:00',
            less_than='2021-01-01T00:00:00'
        ) }} as _shipping_limit_date__range,
        typed._price__text is null as _price__required,
        typed._price__text is not null and typed.price is null as _price__type,
        {{ violates_range('typed.price', 'decimal(10, 2)', at_least='0') }}
            as _price__range,
        typed._freight_value__text is null as _freight_value__required,
        typed._freight_value__text is not null and typed.freight_value is null
            as _freight_value__type,
        {{ violates_range(
            'typed.freight_value',
            'decimal(10, 2)',
            at_least='0'
        ) }} as _freight_value__range,
        typed.order_id is not null and known_orders.order_id is null
            as _order_id__foreign_key,
        typed.product_id is not null and known_products.product_id is null
            as _product_id__foreign_key,
        typed.seller_id is not null and known_sellers.seller_id is null
            as _seller_id__foreign_key
    from typed
    left join known_orders
        on typed.order_id = known_orders.order_id
    left join known_products
        on typed.product_id = known_products.product_id
    left join known_sellers
        on typed.seller_id = known_sellers.seller_id

),

candidates as (

    select
        order_id,
        order_item_id,
        product_id,
        seller_id,
        price,
        freight_value,
        shipping_limit_date,
        _landed_file_id,
        _row_number,
        _landed_at,
        true as _is_new
    from checked
    where {{ breaks_none_of([
        '_order_id__required',
        '_order_id__pattern',
        '_order_item_id__required',
        '_order_item_id__type',
        '_order_item_id__range',
        '_product_id__required',
        '_product_id__pattern',
        '_seller_id__required',
        '_seller_id__pattern',
        '_shipping_limit_date__required',
        '_shipping_limit_date__type',
        '_shipping_limit_date__range',
        '_price__required',
        '_price__type',
        '_price__range',
        '_freight_value__required',
        '_freight_value__type',
        '_freight_value__range',
        '_order_id__foreign_key',
        '_product_id__foreign_key',
        '_seller_id__foreign_key',
    ]) }}

    union all

    select
        order_id,
        order_item_id,
        product_id,
        seller_id,
        price,
        freight_value,
        shipping_limit_date,
        _landed_file_id,
        _row_number,
        _landed_at,
        false as _is_new
    from {{ ref('stg_olist__order_items') }} as staged
    where
        exists (
            select 1 from checked
            where
                checked.order_id = staged.order_id
                and checked.order_item_id = staged.order_item_id
        )

),

ranked as (

    select
        candidates.*,
        {{ rank_in_key(
            ['order_id', 'order_item_id'],
            ['_landed_file_id asc', '_row_number asc']
        ) }} as _order_id__order_item_id__rank
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
        '1.0.0+334c7f54' as _contract_version
    from broken
    inner join rules on broken.rule_id = rules.rule_id
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
