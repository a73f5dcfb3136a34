{#- Whether a row of `rows` breaks the one of `rules` that the CTE `rules` gives beside it; never so where there are none. -#}
{%- macro breaks_rule(rows, rules) -%}
    case rules.rule_id
        {%- for rule in rules %}
        when '{{ rule.rule_id }}' then {{ rows }}.{{ rule.flag }}
        {%- else %}
        when '' then false
        {%- endfor %}
    end
{%- endmacro -%}
