-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+b7050262'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__sellers')) }}",
    ],
) }}

{% set and_next = " || ', ' || landed." %}
{% set rules = [
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
        'rule_id': 'seller_zip_code_prefix.required',
        'reason': 'required',
        'column_name': 'seller_zip_code_prefix',
        'flag': '_seller_zip_code_prefix__required',
        'severity': 'warn',
        'text': 'seller_zip_code_prefix must not be empty',
    },
    {
        'rule_id': 'seller_zip_code_prefix.pattern',
        'reason': 'pattern',
        'column_name': 'seller_zip_code_prefix',
        'flag': '_seller_zip_code_prefix__pattern',
        'severity': 'warn',
        'text': 'seller_zip_code_prefix must match ^[0-9]{5}$',
    },
    {
        'rule_id': 'seller_city.required',
        'reason': 'required',
        'column_name': 'seller_city',
        'flag': '_seller_city__required',
        'severity': 'warn',
        'text': 'seller_city must not be empty',
    },
    {
        'rule_id': 'seller_city.length',
        'reason': 'length',
        'column_name': 'seller_city',
        'flag': '_seller_city__length',
        'severity': 'warn',
        'text': 'seller_city must have at most 100 characters',
    },
    {
        'rule_id': 'seller_state.required',
        'reason': 'required',
        'column_name': 'seller_state',
        'flag': '_seller_state__required',
        'severity': 'warn',
        'text': 'seller_state must not be empty',
    },
    {
        'rule_id': 'seller_state.enum',
        'reason': 'enum',
        'column_name': 'seller_state',
        'flag': '_seller_state__enum',
        'severity': 'warn',
        'text': (
            'seller_state must be one of AC, AL, AM, AP, BA, CE, DF, ES, '
            ~ 'GO, MA, MG, MS, MT, PA, PB, PE, PI, PR, RJ, RN, RO, RR, RS, '
            ~ 'SC, SE, SP, TO'
        ),
    },
    {
        'rule_id': 'seller_id.duplicate',
        'reason': 'duplicate',
        'column_name': 'seller_id',
        'rank': '_seller_id__rank',
        'severity': 'warn',
        'text': 'only the first row of each seller_id stays',
    },
] %}

with

landed as (

    select *
    from {{ source('landing', 'olist__sellers') }} as landed
    where {{ not_judged(
        'landed',
        source('landing', 'olist__sellers'),
        ref('stg_olist__sellers')
    ) }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('seller_id', ['trim']) }} as seller_id,

        -- text
        {{ clean_text('seller_zip_code_prefix', ['trim']) }}
            as seller_zip_code_prefix,
        {{ clean_text(
            'seller_city',
            ['trim', 'lower', 'collapse_spaces', 'unaccent']
        ) }} as seller_city,
        {{ clean_text('seller_state', ['trim', 'upper']) }} as seller_state,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from landed

),

typed as (

    select
        -- ids
        seller_id,

        -- text
        seller_zip_code_prefix,
        seller_city,
        seller_state,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from cleaned

),

checked as (

    select
        *,
        seller_id is null as _seller_id__required,
        {{ violates_pattern('seller_id', '^[0-9a-f]{32}$') }}
            as _seller_id__pattern,
        seller_zip_code_prefix is null as _seller_zip_code_prefix__required,
        {{ violates_pattern('seller_zip_code_prefix', '^[0-9]{5}$') }}
            as _seller_zip_code_prefix__pattern,
        seller_city is null as _seller_city__required,
        {{ violates_length('seller_city', at_most=100) }}
            as _seller_city__length,
        seller_state is null as _seller_state__required,
        {{ violates_enum(
            'seller_state',
            [
                'AC',
                'AL',
                'AM',
                'AP',
                'BA',
                'CE',
                'DF',
                'ES',
                'GO',
                'MA',
                'MG',
                'MS',
                'MT',
                'PA',
                'PB',
                'PE',
                'PI',
                'PR',
                'RJ',
                'RN',
                'RO',
                'RR',
                'RS',
                'SC',
                'SE',
                'SP',
                'TO',
            ]
        ) }} as _seller_state__enum
    from typed

),

candidates as (

    select
        seller_id,
        seller_zip_code_prefix,
        seller_city,
        seller_state,
        _landed_file_id,
        _row_number,
        _landed_at,
        true as _is_new
    from checked
    where {{ breaks_none_of([
        '_seller_id__required',
        '_seller_id__pattern',
        '_seller_zip_code_prefix__required',
        '_seller_zip_code_prefix__pattern',
        '_seller_city__required',
        '_seller_city__length',
        '_seller_state__required',
        '_seller_state__enum',
    ]) }}

    union all

    select
        seller_id,
        seller_zip_code_prefix,
        seller_city,
        seller_state,
        _landed_file_id,
        _row_number,
        _landed_at,
        false as _is_new
    from {{ ref('stg_olist__sellers') }} as staged
    where
        exists (
            select 1 from checked
            where
                checked.seller_id = staged.seller_id
        )

),

ranked as (

    select
        candidates.*,
        {{ rank_in_key(
            ['seller_id'],
            ['_landed_file_id asc', '_row_number asc']
        ) }} as _seller_id__rank
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
        '1.0.0+b7050262' as _contract_version
    from broken
    inner join rules on broken.rule_id = rules.rule_id
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
