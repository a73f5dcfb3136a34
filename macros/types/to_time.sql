{#-
    A time of day by the first of the JDK patterns that fits (HH:mm:ss, with up to six digits of fraction, where none is
    given). NULL for any other text, 24:00:00 included.
-#}
{%- macro to_time(text, formats=[]) -%}
    {%- set patterns = [
        'HH:mm:ss', 'HH:mm:ss.S', 'HH:mm:ss.SS', 'HH:mm:ss.SSS', 'HH:mm:ss.SSSS', 'HH:mm:ss.SSSSS', 'HH:mm:ss.SSSSSS'
    ] -%}
    {%- set moments = [] -%}
    {%- for pattern in formats or patterns -%}
        {%- do moments.append(parse_moment(text, pattern)) -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('time_of_day', 'landfall')(first_of(moments))) }}
{%- endmacro -%}

{%- macro default__time_of_day(moment) -%}
    {{ no_body_for_adapter('time_of_day') }}
{%- endmacro -%}

{%- macro duckdb__time_of_day(moment) -%}
    cast({{ moment }} as time)
{%- endmacro -%}

{%- macro postgres__time_of_day(moment) -%}
    {{ return(duckdb__time_of_day(moment)) }}
{%- endmacro -%}

{%- macro snowflake__time_of_day(moment) -%}
    {{ return(duckdb__time_of_day(moment)) }}
{%- endmacro -%}

{%- macro bigquery__time_of_day(moment) -%}
    {{ return(duckdb__time_of_day(moment)) }}
{%- endmacro -%}

{#- Kept as text (`engine_type`), written as others show a time. -#}
{%- macro spark__time_of_day(moment) -%}
    replace(date_format({{ moment }}, 'HH:mm:ss.SSSSSS'), '.000000', '')
{%- endmacro -%}

{%- macro databricks__time_of_day(moment) -%}
    {{ return(spark__time_of_day(moment)) }}
{%- endmacro -%}
