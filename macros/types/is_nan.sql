{#- Whether a double is NaN; NULL for NULL. -#}
{%- macro is_nan(expression) -%}
    {{ return(adapter.dispatch('is_nan', 'landfall')(expression)) }}
{%- endmacro -%}

{%- macro default__is_nan(expression) -%}
    {{ no_body_for_adapter('is_nan') }}
{%- endmacro -%}

{%- macro duckdb__is_nan(expression) -%}
    isnan({{ expression }})
{%- endmacro -%}

{#- NaN equals itself here: https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-FLOAT -#}
{%- macro postgres__is_nan(expression) -%}
    {{ expression }} = 'NaN'
{%- endmacro -%}

{#- And here: https://docs.snowflake.com/en/sql-reference/data-types-numeric#special-values -#}
{%- macro snowflake__is_nan(expression) -%}
    {{ expression }} = cast('NaN' as double)
{%- endmacro -%}

{%- macro bigquery__is_nan(expression) -%}
    is_nan({{ expression }})
{%- endmacro -%}

{%- macro spark__is_nan(expression) -%}
    isnan({{ expression }})
{%- endmacro -%}

{%- macro databricks__is_nan(expression) -%}
    {{ return(spark__is_nan(expression)) }}
{%- endmacro -%}
