{#-
    Whether the model's table has other columns than the model, holds no row, or holds a row of another contract version
    than `version`. False without a table.
-#}
{%- macro is_out_of_date(version) -%}
    {%- set table = adapter.get_relation(this.database, this.schema, this.identifier) -%}
    {%- if table is none or not table.is_table -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set columns = adapter.get_columns_in_relation(table) | map(attribute='name') | map('lower') | sort | list -%}
    {%- if columns != model.columns.keys() | map('lower') | sort | list -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set found = run_query(
        'select min(_contract_version) as oldest, max(_contract_version) as newest from ' ~ table
    ) -%}
    {{ return(found.rows[0][0] != version or found.rows[0][1] != version) }}
{%- endmacro -%}
