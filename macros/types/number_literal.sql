{#- The exact number `value`, given as text, as a literal for a column of the neutral type `data_type`. -#}
{%- macro number_literal(value, data_type) -%}
    {{ return(adapter.dispatch('number_literal', 'landfall')(value, data_type)) }}
{%- endmacro -%}

{%- macro default__number_literal(value, data_type) -%}
    {{ no_body_for_adapter('number_literal') }}
{%- endmacro -%}

{%- macro duckdb__number_literal(value, data_type) -%}
    {{ return(value) }}
{%- endmacro -%}

{%- macro postgres__number_literal(value, data_type) -%}
    {{ return(value) }}
{%- endmacro -%}

{%- macro snowflake__number_literal(value, data_type) -%}
    {{ return(value) }}
{%- endmacro -%}

{#- A bare literal with a point is a double, and a whole one ends at 64 bits:
    https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#numeric_literals -#}
{%- macro bigquery__number_literal(value, data_type) -%}
    {%- if data_type == 'double' and value | length > 18 -%}
        {{ return(value ~ 'e0') }}
    {%- endif -%}
    {{ return(value if data_type in ('smallint', 'integer', 'bigint', 'double') else "bignumeric '" ~ value ~ "'") }}
{%- endmacro -%}

{#- Without an exponent it is a decimal, of 38 digits at most:
    https://spark.apache.org/docs/latest/sql-ref-literals.html#numeric-literal -#}
{%- macro spark__number_literal(value, data_type) -%}
    {{ return(value ~ 'e0' if data_type == 'double' and value | length > 18 else value) }}
{%- endmacro -%}

{%- macro databricks__number_literal(value, data_type) -%}
    {{ return(spark__number_literal(value, data_type)) }}
{%- endmacro -%}
