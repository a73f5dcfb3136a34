{#- Queries that give one row per rule: rule_id, reason, column_name, rule_text, severity. -#}
{%- macro rules_as_rows(rules) -%}
    {%- for rule in rules %}
    select
        '{{ rule.rule_id }}' as rule_id,
        '{{ rule.reason }}' as reason,
        '{{ rule.column_name }}' as column_name,
        {{ text_literal(rule.text) }} as rule_text,
        '{{ rule.severity }}' as severity
    {{ 'union all' if not loop.last }}
    {%- else %}
    select '' as rule_id, '' as reason, '' as column_name, '' as rule_text, '' as severity
    from (select 1 as one) as nothing
    where one = 0
    {%- endfor %}
{%- endmacro -%}
