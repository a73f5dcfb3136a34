{#- True where the number is no multiple of `divisor`, given as text; false for NULL. -#}
{%- macro violates_multiple_of(column, divisor) -%}
    coalesce({{ adapter.dispatch('remainder', 'landfall')(column, divisor) }} <> 0, false)
{%- endmacro -%}

{%- macro default__remainder(column, divisor) -%}
    {{ no_body_for_adapter('remainder') }}
{%- endmacro -%}

{#- A bare whole divisor counts as 10, 19 or 38 digits, and past 38 with the column's own it divides as doubles; with a
    point it has its own. -#}
{%- macro duckdb__remainder(column, divisor) -%}
    mod({{ column }}, {{ divisor if '.' in divisor else divisor ~ '.' }})
{%- endmacro -%}

{%- macro postgres__remainder(column, divisor) -%}
    mod({{ column }}, {{ divisor }})
{%- endmacro -%}

{%- macro snowflake__remainder(column, divisor) -%}
    {{ return(postgres__remainder(column, divisor)) }}
{%- endmacro -%}

{#- A bare divisor with a point would be a double. -#}
{%- macro bigquery__remainder(column, divisor) -%}
    mod(cast({{ column }} as bignumeric), bignumeric '{{ divisor }}')
{%- endmacro -%}

{%- macro spark__remainder(column, divisor) -%}
    {{ return(postgres__remainder(column, divisor)) }}
{%- endmacro -%}

{%- macro databricks__remainder(column, divisor) -%}
    {{ return(postgres__remainder(column, divisor)) }}
{%- endmacro -%}
