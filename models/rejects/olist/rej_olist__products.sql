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

{% set and_next = " || ', ' || landed." %}
{% set rules = [
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
        'rule_id': 'product_category_name.pattern',
        'reason': 'pattern',
        'column_name': 'product_category_name',
        'flag': '_product_category_name__pattern',
        'severity': 'warn',
        'text': 'product_category_name must match ^[a-z][a-z0-9_]*$',
    },
    {
        'rule_id': 'product_name_length.type',
        'reason': 'type',
        'column_name': 'product_name_length',
        'flag': '_product_name_length__type',
        'severity': 'warn',
        'text': 'product_name_length must be a 64-bit integer',
    },
    {
        'rule_id': 'product_name_length.range',
        'reason': 'range',
        'column_name': 'product_name_length',
        'flag': '_product_name_length__range',
        'severity': 'warn',
        'text': 'product_name_length must be at least 1',
    },
    {
        'rule_id': 'product_description_length.type',
        'reason': 'type',
        'column_name': 'product_description_length',
        'flag': '_product_description_length__type',
        'severity': 'warn',
        'text': 'product_description_length must be a 64-bit integer',
    },
    {
        'rule_id': 'product_description_length.range',
        'reason': 'range',
        'column_name': 'product_description_length',
        'flag': '_product_description_length__range',
        'severity': 'warn',
        'text': 'product_description_length must be at least 1',
    },
    {
        'rule_id': 'product_photos_qty.type',
        'reason': 'type',
        'column_name': 'product_photos_qty',
        'flag': '_product_photos_qty__type',
        'severity': 'warn',
        'text': 'product_photos_qty must be a 64-bit integer',
    },
    {
        'rule_id': 'product_photos_qty.range',
        'reason': 'range',
        'column_name': 'product_photos_qty',
        'flag': '_product_photos_qty__range',
        'severity': 'warn',
        'text': 'product_photos_qty must be at least 1',
    },
    {
        'rule_id': 'product_weight_g.type',
        'reason': 'type',
        'column_name': 'product_weight_g',
        'flag': '_product_weight_g__type',
        'severity': 'warn',
        'text': 'product_weight_g must be a 64-bit integer',
    },
    {
        'rule_id': 'product_weight_g.range',
        'reason': 'range',
        'column_name': 'product_weight_g',
        'flag': '_product_weight_g__range',
        'severity': 'warn',
        'text': 'product_weight_g must be at least 0',
    },
    {
        'rule_id': 'product_length_cm.type',
        'reason': 'type',
        'column_name': 'product_length_cm',
        'flag': '_product_length_cm__type',
        'severity': 'warn',
        'text': 'product_length_cm must be a 64-bit integer',
    },
    {
        'rule_id': 'product_length_cm.range',
        'reason': 'range',
        'column_name': 'product_length_cm',
        'flag': '_product_length_cm__range',
        'severity': 'warn',
        'text': 'product_length_cm must be at least 1',
    },
    {
        'rule_id': 'product_height_cm.type',
        'reason': 'type',
        'column_name': 'product_height_cm',
        'flag': '_product_height_cm__type',
        'severity': 'warn',
        'text': 'product_height_cm must be a 64-bit integer',
    },
    {
        'rule_id': 'product_height_cm.range',
        'reason': 'range',
        'column_name': 'product_height_cm',
        'flag': '_product_height_cm__range',
        'severity': 'warn',
        'text': 'product_height_cm must be at least 1',
    },
    {
        'rule_id': 'product_width_cm.type',
        'reason': 'type',
        'column_name': 'product_width_cm',
        'flag': '_product_width_cm__type',
        'severity': 'warn',
        'text': 'product_width_cm must be a 64-bit integer',
    },
    {
        'rule_id': 'product_width_cm.range',
        'reason': 'range',
        'column_name': 'product_width_cm',
        'flag': '_product_width_cm__range',
        'severity': 'warn',
        'text': 'product_width_cm must be at least 1',
    },
    {
        'rule_id': 'product_id.duplicate',
        'reason': 'duplicate',
        'column_name': 'product_id',
        'rank': '_product_id__rank',
        'severity': 'warn',
        'text': 'only the first row of each product_id stays',
    },
] %}

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
    from {{ ref('stg_olist__products') }} as staged
    where
        exists (
            select 1 from checked
            where
                checked.product_id = staged.product_id
        )

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
        '1.0.0+be70b5ed' as _contract_version
    from broken
    inner join rules on broken.rule_id = rules.rule_id
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
