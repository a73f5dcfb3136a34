{#- A timestamp without zone, read in one time zone, as it reads in another; `from` or `to` is UTC. -#}
{%- macro exchanged_zone(moment, from, to) -%}
    {{ return(adapter.dispatch('exchanged_zone', 'landfall')(moment, text_literal(from), text_literal(to))) }}
{%- endmacro -%}

{%- macro default__exchanged_zone(moment, from, to) -%}
    {{ no_body_for_adapter('exchanged_zone') }}
{%- endmacro -%}

{%- macro duckdb__exchanged_zone(moment, from, to) -%}
    ({{ moment }}) at time zone {{ from }} at time zone {{ to }}
{%- endmacro -%}

{%- macro postgres__exchanged_zone(moment, from, to) -%}
    {{ return(duckdb__exchanged_zone(moment, from, to)) }}
{%- endmacro -%}

{%- macro snowflake__exchanged_zone(moment, from, to) -%}
    convert_timezone({{ from }}, {{ to }}, {{ moment }})
{%- endmacro -%}

{%- macro bigquery__exchanged_zone(moment, from, to) -%}
    datetime(timestamp({{ moment }}, {{ from }}), {{ to }})
{%- endmacro -%}

{%- macro spark__exchanged_zone(moment, from, to) -%}
    {{ return(snowflake__exchanged_zone(moment, from, to)) }}
{%- endmacro -%}

{%- macro databricks__exchanged_zone(moment, from, to) -%}
    {{ return(snowflake__exchanged_zone(moment, from, to)) }}
{%- endmacro -%}
