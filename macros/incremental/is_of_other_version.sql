{#- Whether the model's table holds no row, or a row of another contract version than `version`. False without table. -#}
{%- macro is_of_other_version(version) -%}
    {%- set table = adapter.get_relation(this.database, this.schema, this.identifier) -%}
    {%- if table is none or not table.is_table -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set found = run_query(
        'select min(_contract_version) as oldest, max(_contract_version) as newest from ' ~ table
    ) -%}
    {{ return(found.rows[0][0] != version or found.rows[0][1] != version) }}
{%- endmacro -%}
