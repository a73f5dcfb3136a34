{#- The text cast to the neutral type `data_type`, NULL where the cast fails. Not on Postgres, which has no such cast. -#}
{%- macro cast_or_null(text, data_type) -%}
    {{ return(adapter.dispatch('cast_or_null', 'landfall')(text, engine_type(data_type))) }}
{%- endmacro -%}

{%- macro default__cast_or_null(text, data_type) -%}
    {{ no_body_for_adapter('cast_or_null') }}
{%- endmacro -%}

{%- macro duckdb__cast_or_null(text, data_type) -%}
    try_cast({{ text }} as {{ data_type }})
{%- endmacro -%}

{%- macro snowflake__cast_or_null(text, data_type) -%}
    {{ return(duckdb__cast_or_null(text, data_type)) }}
{%- endmacro -%}

{%- macro bigquery__cast_or_null(text, data_type) -%}
    safe_cast({{ text }} as {{ data_type }})
{%- endmacro -%}

{%- macro spark__cast_or_null(text, data_type) -%}
    {{ return(duckdb__cast_or_null(text, data_type)) }}
{%- endmacro -%}

{%- macro databricks__cast_or_null(text, data_type) -%}
    {{ return(duckdb__cast_or_null(text, data_type)) }}
{%- endmacro -%}
