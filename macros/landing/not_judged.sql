{#- As `not_staged`, and in an incremental run not in this model of rejects either. -#}
{%- macro not_judged(rows, landing, staging) -%}
    {{ not_staged(rows, landing, staging) }}
    {%- if is_incremental() %}
    and {{ not_in_table(rows, this) }}
    {%- endif %}
{%- endmacro -%}
