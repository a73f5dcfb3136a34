{#- Whether a landing row is not in the table `staging`, and in an incremental run not in this model of rejects either. -#}
{%- macro not_judged(rows, staging) -%}
    {{ not_staged(rows, staging) }}
    {%- if is_incremental() %}
    and {{ not_in_table(rows, this) }}
    {%- endif %}
{%- endmacro -%}
