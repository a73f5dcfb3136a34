{#-
    A rule as models of rejects list it. `columns` are its columns parted by `, `; `flag` is the column of true and false
    that says which rows break it, by default `_<columns>__<reason>`.
-#}
{%- macro reject_rule(columns, reason, text, severity='warn', flag=none) -%}
    {{ return({
        'rule_id': columns | replace(', ', '-') ~ '.' ~ reason,
        'reason': reason,
        'column_name': columns,
        'text': text,
        'severity': severity,
        'flag': flag or '_' ~ columns | replace(', ', '__') ~ '__' ~ reason,
    }) }}
{%- endmacro -%}
