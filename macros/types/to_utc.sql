{#-
    A timestamp without zone, read in `zone`, as a timestamp without zone in UTC. NULL for a moment that the zone skips or
    has twice (clocks moved by an hour), because engines choose differently.
-#}
{%- macro to_utc(moment, zone) -%}
    {%- if zone in ('Etc/UTC', 'UTC') -%}
        {{ return(moment) }}
    {%- endif -%}
    {{ return(adapter.dispatch('to_utc', 'landfall')(moment, zone)) }}
{%- endmacro -%}

{%- macro default__to_utc(moment, zone) -%}
    {{ no_body_for_adapter('to_utc') }}
{%- endmacro -%}

{%- macro duckdb__to_utc(moment, zone) -%}
    {%- set zone = text_literal(zone) -%}
    {%- set instant = '((' ~ moment ~ ') at time zone ' ~ zone ~ ')' -%}
    case
        when
            {{ instant }} at time zone {{ zone }} = {{ moment }}
            and ({{ instant }} - interval 1 hour) at time zone {{ zone }} <> {{ moment }}
            and ({{ instant }} + interval 1 hour) at time zone {{ zone }} <> {{ moment }}
            then {{ instant }} at time zone 'UTC'
    end
{%- endmacro -%}
