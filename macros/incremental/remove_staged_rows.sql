{#- Statement that takes out of this model of rejects the rows that `staging` holds by now. For a pre-hook. -#}
{%- macro remove_staged_rows(staging) -%}
    {%- if is_incremental() -%}
        {{ delete_rows('not ' ~ not_in_table(this.identifier, staging)) }}
    {%- endif -%}
{%- endmacro -%}
