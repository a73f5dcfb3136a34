-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+be70b5ed'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__products')) }}",
    ],
) }}

{% set row_rules = [
    reject_rule('product_id', 'required', 'product_id must not be empty'),
    reject_rule('product_id', 'pattern', (
        'product_id must match ^[0-9a-f]{32}$'
    )),
    reject_rule('product_category_name', 'pattern', (
        'product_category_name must match ^[a-z][a-z0-9_]*$'
    )),
    reject_rule('product_name_length', 'type', (
        'product_name_length must be a 64-bit integer'
    )),
    reject_rule('product_name_length', 'range', (
        'product_name_length must be at least 1'
    )),
    reject_rule('product_description_length', 'type', (
        'product_description_length must be a 64-bit integer'
    )),
    reject_rule('product_description_length', 'range', (
        'product_description_length must be at least 1'
    )),
    reject_rule('product_photos_qty', 'type', (
        'product_photos_qty must be a 64-bit integer'
    )),
    reject_rule('product_photos_qty', 'range', (
        'product_photos_qty must be at least 1'
    )),
    reject_rule('product_weight_g', 'type', (
        'product_weight_g must be a 64-bit integer'
    )),
    reject_rule('product_weight_g', 'range', (
        'product_weight_g must be at least 0'
    )),
    reject_rule('product_length_cm', 'type', (
        'product_length_cm must be a 64-bit integer'
    )),
    reject_rule('product_length_cm', 'range', (
        'product_length_cm must be at least 1'
    )),
    reject_rule('product_height_cm', 'type', (
        'product_height_cm must be a 64-bit integer'
    )),
    reject_rule('product_height_cm', 'range', (
        'product_height_cm must be at least 1'
    )),
    reject_rule('product_width_cm', 'type', (
        'product_width_cm must be a 64-bit integer'
    )),
    reject_rule('product_width_cm', 'range', (
        'product_width_cm must be at least 1'
    )),
] %}
{% set key_rules = [
    reject_rule('product_id', 'duplicate', (
        'only the first row of each product_id stays'
    )),
] %}
{% set rules = row_rules + key_rules %}

with

landed as (

    select *
    from {{ source('landing', 'olist__products') }} as landed
    where {{ not_judged(
        'landed',
        source('landing', 'olist__products'),
        ref('stg_olist__products')
    ) }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('product_id', ['trim']) }} as product_id,
        {{ clean_text('product_category_name', ['trim', 'lower']) }}
            as product_category_name,

        -- numbers
        {{ clean_text('product_name_length', ['trim']) }}
            as product_name_length,
        {{ clean_text('product_description_length', ['trim']) }}
            as product_description_length,
        {{ clean_text('product_photos_qty', ['trim']) }} as product_photos_qty,
        {{ clean_text('product_weight_g', ['trim']) }} as product_weight_g,
        {{ clean_text('product_length_cm', ['trim']) }} as product_length_cm,
        {{ clean_text('product_height_cm', ['trim']) }} as product_height_cm,
        {{ clean_text('product_width_cm', ['trim']) }} as product_width_cm,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from landed

),

typed as (

    select
        -- ids
        product_id,
        product_category_name,

        -- numbers
        {{ to_integer('product_name_length') }} as product_name_length,
        product_name_length as _product_name_length__text,
        {{ to_integer('product_description_length') }}
            as product_description_length,
        product_description_length as _product_description_length__text,
        {{ to_integer('product_photos_qty') }} as product_photos_qty,
        product_photos_qty as _product_photos_qty__text,
        {{ to_integer('product_weight_g') }} as product_weight_g,
        product_weight_g as _product_weight_g__text,
        {{ to_integer('product_length_cm') }} as product_length_cm,
        product_length_cm as _product_length_cm__text,
        {{ to_integer('product_height_cm') }} as product_height_cm,
        product_height_cm as _product_height_cm__text,
        {{ to_integer('product_width_cm') }} as product_width_cm,
        product_width_cm as _product_width_cm__text,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from cleaned

),

checked as (

    select
        *,
        product_id is null as _product_id__required,
        {{ violates_pattern('product_id', '^[0-9a-f]{32}$') }}
            as _product_id__pattern,
        {{ violates_pattern('product_category_name', '^[a-z][a-z0-9_]*$') }}
            as _product_category_name__pattern,
        _product_name_length__text is not null and product_name_length is null
            as _product_name_length__type,
        {{ violates_range('product_name_length', 'bigint', at_least='1') }}
            as _product_name_length__range,
        _product_description_length__text is not null
        and product_description_length is null
            as _product_description_length__type,
        {{ violates_range(
            'product_description_length',
            'bigint',
            at_least='1'
        ) }} as _product_description_length__range,
        _product_photos_qty__text is not null and product_photos_qty is null
            as _product_photos_qty__type,
        {{ violates_range('product_photos_qty', 'bigint', at_least='1') }}
            as _product_photos_qty__range,
        _product_weight_g__text is not null and product_weight_g is null
            as _product_weight_g__type,
        {{ violates_range('product_weight_g', 'bigint', at_least='0') }}
            as _product_weight_g__range,
        _product_length_cm__text is not null and product_length_cm is null
            as _product_length_cm__type,
        {{ violates_range('product_length_cm', 'bigint', at_least='1') }}
            as _product_length_cm__range,
        _product_height_cm__text is not null and product_height_cm is null
            as _product_height_cm__type,
        {{ violates_range('product_height_cm', 'bigint', at_least='1') }}
            as _product_height_cm__range,
        _product_width_cm__text is not null and product_width_cm is null
            as _product_width_cm__type,
        {{ violates_range('product_width_cm', 'bigint', at_least='1') }}
            as _product_width_cm__range
    from typed

),

staged as (

    select *
    from {{ ref('stg_olist__products') }}

),

-- What breaks no rule and is not staged has lost its key to a row that is.
judged as (

    select
        checked.*,
        {{ breaks_none_of(row_rules | map(attribute='flag') | list) }}
        and staged._row_number is not null as _product_id__duplicate
    from checked
    left join staged
        on checked.product_id = staged.product_id

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
        '1.0.0+be70b5ed' as _contract_version
    from broken
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
