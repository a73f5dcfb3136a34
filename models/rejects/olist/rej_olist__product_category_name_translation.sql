-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+9c3e5a91'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__product_category_name_translation')) }}",
    ],
) }}

{% set and_next = " || ', ' || landed." %}
{% set rules = [
    {
        'rule_id': 'product_category_name.required',
        'reason': 'required',
        'column_name': 'product_category_name',
        'flag': '_product_category_name__required',
        'severity': 'warn',
        'text': 'product_category_name must not be empty',
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
        'rule_id': 'product_category_name_english.required',
        'reason': 'required',
        'column_name': 'product_category_name_english',
        'flag': '_product_category_name_english__required',
        'severity': 'warn',
        'text': 'product_category_name_english must not be empty',
    },
    {
        'rule_id': 'product_category_name_english.pattern',
        'reason': 'pattern',
        'column_name': 'product_category_name_english',
        'flag': '_product_category_name_english__pattern',
        'severity': 'warn',
        'text': 'product_category_name_english must match ^[a-z][a-z0-9_]*$',
    },
    {
        'rule_id': 'product_category_name.duplicate',
        'reason': 'duplicate',
        'column_name': 'product_category_name',
        'rank': '_product_category_name__rank',
        'severity': 'warn',
        'text': 'only the first row of each product_category_name stays',
    },
] %}

with

landed as (

    select *
    from
        {{ source('landing', 'olist__product_category_name_translation') }}
            as landed
    where {{ not_judged(
        'landed',
        source('landing', 'olist__product_category_name_translation'),
        ref('stg_olist__product_category_name_translation')
    ) }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('product_category_name', ['trim', 'lower']) }}
            as product_category_name,

        -- text
        {{ clean_text('product_category_name_english', ['trim', 'lower']) }}
            as product_category_name_english,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from landed

),

typed as (

    select
        -- ids
        product_category_name,

        -- text
        product_category_name_english,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from cleaned

),

checked as (

    select
        *,
        product_category_name is null as _product_category_name__required,
        {{ violates_pattern('product_category_name', '^[a-z][a-z0-9_]*$') }}
            as _product_category_name__pattern,
        product_category_name_english is null
            as _product_category_name_english__required,
        {{ violates_pattern(
            'product_category_name_english',
            '^[a-z][a-z0-9_]*$'
        ) }} as _product_category_name_english__pattern
    from typed

),

candidates as (

    select
        product_category_name,
        product_category_name_english,
        _landed_file_id,
        _row_number,
        _landed_at,
        true as _is_new
    from checked
    where {{ breaks_none_of([
        '_product_category_name__required',
        '_product_category_name__pattern',
        '_product_category_name_english__required',
        '_product_category_name_english__pattern',
    ]) }}

    union all

    select
        product_category_name,
        product_category_name_english,
        _landed_file_id,
        _row_number,
        _landed_at,
        false as _is_new
    from {{ ref('stg_olist__product_category_name_translation') }} as staged
    where
        exists (
            select 1 from checked
            where
                checked.product_category_name = staged.product_category_name
        )

),

ranked as (

    select
        candidates.*,
        {{ rank_in_key(
            ['product_category_name'],
            ['_landed_file_id asc', '_row_number asc']
        ) }} as _product_category_name__rank
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
        '1.0.0+9c3e5a91' as _contract_version
    from broken
    inner join rules on broken.rule_id = rules.rule_id
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
