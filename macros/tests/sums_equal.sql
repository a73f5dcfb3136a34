{#-
    Fails with the keys, present on both sides, whose sums differ by more than `tolerance`, when they are more than
    1 - `mostly` of those keys. NULL adds nothing.
-#}
{% test sums_equal(
    model, left, left_columns, left_by, right, right_columns, right_by, tolerance='0', mostly='1'
) %}

with

{% for side, relation, columns, by in [
    ('left_sums', left, left_columns, left_by), ('right_sums', right, right_columns, right_by)
] %}
{{ side }} as (

    select
        {%- for column in by %}
        {{ column }} as key_{{ loop.index }},
        {%- endfor %}
        {%- for column in columns %}
        {{ '+ ' if not loop.first }}coalesce(sum({{ column }}), 0)
        {%- endfor %} as total
    from {{ relation }}
    group by {{ by | join(', ') }}

),

{% endfor %}
compared as (

    select
        {%- for column in left_by %}
        left_sums.key_{{ loop.index }},
        {%- endfor %}
        left_sums.total as left_total,
        right_sums.total as right_total
    from left_sums
    inner join right_sums
        on
            {%- for column in left_by %}
            {{ 'and ' if not loop.first }}left_sums.key_{{ loop.index }} = right_sums.key_{{ loop.index }}
            {%- endfor %}

),

different as (

    select *
    from compared
    where abs(left_total - right_total) > {{ tolerance }}

)

select *
from different
where
    (select count(*) from different)
    > (1 - {{ mostly }}) * (select count(*) from compared)

{% endtest %}
