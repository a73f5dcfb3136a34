-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['product_id'],
    meta={'contract_version': '1.0.0+be70b5ed'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
    ],
) }}

with

landed as (

    select *
    from {{ source('landing', 'olist__products') }} as landed
    {% if is_incremental() %}
        where {{ not_staged(
            'landed',
            source('landing', 'olist__products'),
            this
        ) }}
    {% else %}
        where {{ in_landed_files('landed') }}
    {% endif %}

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

candidates as (

    select
        product_id,
        product_category_name,
        product_name_length,
        product_description_length,
        product_photos_qty,
        product_weight_g,
        product_length_cm,
        product_height_cm,
        product_width_cm,
        _landed_file_id,
        _row_number,
        _landed_at,
        true as _is_new
    from checked
    where {{ breaks_none_of([
        '_product_id__required',
        '_product_id__pattern',
        '_product_category_name__pattern',
        '_product_name_length__type',
        '_product_name_length__range',
        '_product_description_length__type',
        '_product_description_length__range',
        '_product_photos_qty__type',
        '_product_photos_qty__range',
        '_product_weight_g__type',
        '_product_weight_g__range',
        '_product_length_cm__type',
        '_product_length_cm__range',
        '_product_height_cm__type',
        '_product_height_cm__range',
        '_product_width_cm__type',
        '_product_width_cm__range',
    ]) }}

    {% if is_incremental() %}
        union all

        select
            product_id,
            product_category_name,
            product_name_length,
            product_description_length,
            product_photos_qty,
            product_weight_g,
            product_length_cm,
            product_height_cm,
            product_width_cm,
            _landed_file_id,
            _row_number,
            _landed_at,
            false as _is_new
        from {{ this }} as staged
        where
            exists (
                select 1 from checked
                where
                    checked.product_id = staged.product_id
            )
    {% endif %}

),

ranked as (

    select
        candidates.*,
        {{ rank_in_key(
            ['product_id'],
            ['_landed_file_id asc', '_row_number asc']
        ) }} as _product_id__rank
    from candidates

),

final as (

    select
        -- ids
        product_id,
        product_category_name,

        -- numbers
        product_name_length,
        product_description_length,
        product_photos_qty,
        product_weight_g,
        product_length_cm,
        product_height_cm,
        product_width_cm,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at,
        '1.0.0+be70b5ed' as _contract_version
    from ranked
    where
        _is_new
        and _product_id__rank = 1

)

select * from final
