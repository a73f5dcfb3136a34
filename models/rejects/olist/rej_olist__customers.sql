-- Made by `loaders generate` from contract olist, version 1.0.0.
-- Do not edit: change the contract and generate again.
{{ config(
    materialized='incremental',
    incremental_strategy='by_file',
    on_schema_change='fail',
    unique_key=['_landed_file_id', '_row_number'],
    meta={'contract_version': '1.0.0+b06a33f4'},
    pre_hook=[
        "{{ remove_departed_rows() }}",
        "{{ remove_staged_rows(ref('stg_olist__customers')) }}",
    ],
) }}

{% set and_next = " || ', ' || landed." %}
{% set rules = [
    {
        'rule_id': 'customer_id.required',
        'reason': 'required',
        'column_name': 'customer_id',
        'flag': '_customer_id__required',
        'severity': 'warn',
        'text': 'customer_id must not be empty',
    },
    {
        'rule_id': 'customer_id.pattern',
        'reason': 'pattern',
        'column_name': 'customer_id',
        'flag': '_customer_id__pattern',
        'severity': 'warn',
        'text': 'customer_id must match ^[0-9a-f]{32}$',
    },
    {
        'rule_id': 'customer_unique_id.required',
        'reason': 'required',
        'column_name': 'customer_unique_id',
        'flag': '_customer_unique_id__required',
        'severity': 'warn',
        'text': 'customer_unique_id must not be empty',
    },
    {
        'rule_id': 'customer_unique_id.pattern',
        'reason': 'pattern',
        'column_name': 'customer_unique_id',
        'flag': '_customer_unique_id__pattern',
        'severity': 'warn',
        'text': 'customer_unique_id must match ^[0-9a-f]{32}$',
    },
    {
        'rule_id': 'customer_zip_code_prefix.required',
        'reason': 'required',
        'column_name': 'customer_zip_code_prefix',
        'flag': '_customer_zip_code_prefix__required',
        'severity': 'warn',
        'text': 'customer_zip_code_prefix must not be empty',
    },
    {
        'rule_id': 'customer_zip_code_prefix.pattern',
        'reason': 'pattern',
        'column_name': 'customer_zip_code_prefix',
        'flag': '_customer_zip_code_prefix__pattern',
        'severity': 'warn',
        'text': 'customer_zip_code_prefix must match ^[0-9]{5}$',
    },
    {
        'rule_id': 'customer_city.required',
        'reason': 'required',
        'column_name': 'customer_city',
        'flag': '_customer_city__required',
        'severity': 'warn',
        'text': 'customer_city must not be empty',
    },
    {
        'rule_id': 'customer_city.length',
        'reason': 'length',
        'column_name': 'customer_city',
        'flag': '_customer_city__length',
        'severity': 'warn',
        'text': 'customer_city must have at most 100 characters',
    },
    {
        'rule_id': 'customer_state.required',
        'reason': 'required',
        'column_name': 'customer_state',
        'flag': '_customer_state__required',
        'severity': 'warn',
        'text': 'customer_state must not be empty',
    },
    {
        'rule_id': 'customer_state.enum',
        'reason': 'enum',
        'column_name': 'customer_state',
        'flag': '_customer_state__enum',
        'severity': 'warn',
        'text': (
            'customer_state must be one of AC, AL, AM, AP, BA, CE, DF, '
            ~ 'ES, GO, MA, MG, MS, MT, PA, PB, PE, PI, PR, RJ, RN, RO, RR, '
            ~ 'RS, SC, SE, SP, TO'
        ),
    },
    {
        'rule_id': 'customer_id.duplicate',
        'reason': 'duplicate',
        'column_name': 'customer_id',
        'rank': '_customer_id__rank',
        'severity': 'warn',
        'text': 'only the first row of each customer_id stays',
    },
] %}

with

landed as (

    select *
    from {{ source('landing', 'olist__customers') }} as landed
    where {{ not_judged(
        'landed',
        source('landing', 'olist__customers'),
        ref('stg_olist__customers')
    ) }}

),

cleaned as (

    select
        -- ids
        {{ clean_text('customer_id', ['trim']) }} as customer_id,
        {{ clean_text('customer_unique_id', ['trim']) }} as customer_unique_id,

        -- text
        {{ clean_text('customer_zip_code_prefix', ['trim']) }}
            as customer_zip_code_prefix,
        {{ clean_text(
            'customer_city',
            ['trim', 'lower', 'collapse_spaces', 'unaccent']
        ) }} as customer_city,
        {{ clean_text('customer_state', ['trim', 'upper']) }} as customer_state,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from landed

),

typed as (

    select
        -- ids
        customer_id,
        customer_unique_id,

        -- text
        customer_zip_code_prefix,
        customer_city,
        customer_state,

        -- lineage
        _landed_file_id,
        _row_number,
        _landed_at
    from cleaned

),

checked as (

    select
        *,
        customer_id is null as _customer_id__required,
        {{ violates_pattern('customer_id', '^[0-9a-f]{32}$') }}
            as _customer_id__pattern,
        customer_unique_id is null as _customer_unique_id__required,
        {{ violates_pattern('customer_unique_id', '^[0-9a-f]{32}$') }}
            as _customer_unique_id__pattern,
        customer_zip_code_prefix is null as _customer_zip_code_prefix__required,
        {{ violates_pattern('customer_zip_code_prefix', '^[0-9]{5}$') }}
            as _customer_zip_code_prefix__pattern,
        customer_city is null as _customer_city__required,
        {{ violates_length('customer_city', at_most=100) }}
            as _customer_city__length,
        customer_state is null as _customer_state__required,
        {{ violates_enum(
            'customer_state',
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
        ) }} as _customer_state__enum
    from typed

),

candidates as (

    select
        customer_id,
        customer_unique_id,
        customer_zip_code_prefix,
        customer_city,
        customer_state,
        _landed_file_id,
        _row_number,
        _landed_at,
        true as _is_new
    from checked
    where {{ breaks_none_of([
        '_customer_id__required',
        '_customer_id__pattern',
        '_customer_unique_id__required',
        '_customer_unique_id__pattern',
        '_customer_zip_code_prefix__required',
        '_customer_zip_code_prefix__pattern',
        '_customer_city__required',
        '_customer_city__length',
        '_customer_state__required',
        '_customer_state__enum',
    ]) }}

    union all

    select
        customer_id,
        customer_unique_id,
        customer_zip_code_prefix,
        customer_city,
        customer_state,
        _landed_file_id,
        _row_number,
        _landed_at,
        false as _is_new
    from {{ ref('stg_olist__customers') }} as staged
    where
        exists (
            select 1 from checked
            where
                checked.customer_id = staged.customer_id
        )

),

ranked as (

    select
        candidates.*,
        {{ rank_in_key(
            ['customer_id'],
            ['_landed_file_id asc', '_row_number asc']
        ) }} as _customer_id__rank
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
        '1.0.0+b06a33f4' as _contract_version
    from broken
    inner join rules on broken.rule_id = rules.rule_id
    inner join landed
        on
            broken._landed_file_id = landed._landed_file_id
            and broken._row_number = landed._row_number

)

select * from final
