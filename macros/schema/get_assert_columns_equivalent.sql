{#-
    dbt's own check of an enforced contract, with the neutral types of the YAML (`engine_type`) exchanged for the engine's
    before it compares and before it writes the table's columns. Other type names stay as they are.
-#}
{%- macro get_assert_columns_equivalent(sql) -%}
    {%- set neutral = ['string', 'smallint', 'integer', 'bigint', 'double', 'boolean', 'date', 'timestamp', 'time'] -%}
    {%- for column in model.columns.values() if column.data_type -%}
        {%- if column.data_type in neutral or column.data_type.startswith('decimal(') -%}
            {%- do column.update({'data_type': engine_type(column.data_type)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('get_assert_columns_equivalent', 'dbt')(sql)) }}
{%- endmacro -%}
