{#- A timestamp without zone so many seconds later, an integer expression. -#}
{%- macro seconds_later(moment, seconds) -%}
    {{ return(adapter.dispatch('seconds_later', 'landfall')(moment, seconds)) }}
{%- endmacro -%}

{%- macro default__seconds_later(moment, seconds) -%}
    {{ no_body_for_adapter('seconds_later') }}
{%- endmacro -%}

{%- macro duckdb__seconds_later(moment, seconds) -%}
    {{ moment }} + to_seconds({{ seconds }})
{%- endmacro -%}

{%- macro postgres__seconds_later(moment, seconds) -%}
    {{ moment }} + make_interval(secs => {{ seconds }})
{%- endmacro -%}

{%- macro snowflake__seconds_later(moment, seconds) -%}
    dateadd(second, {{ seconds }}, {{ moment }})
{%- endmacro -%}

{%- macro bigquery__seconds_later(moment, seconds) -%}
    datetime_add({{ moment }}, interval {{ seconds }} second)
{%- endmacro -%}

{%- macro spark__seconds_later(moment, seconds) -%}
    {{ moment }} + make_dt_interval(0, 0, 0, {{ seconds }})
{%- endmacro -%}

{%- macro databricks__seconds_later(moment, seconds) -%}
    {{ return(spark__seconds_later(moment, seconds)) }}
{%- endmacro -%}
