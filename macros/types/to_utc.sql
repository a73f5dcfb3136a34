{#-
    A timestamp without zone, read in `zone`, as a timestamp without zone in UTC. NULL for a moment that the zone skips, or
    has twice because its clocks were put back by half an hour, one or two, since engines choose differently.
-#}
{%- macro to_utc(moment, zone) -%}
    {%- if zone in ('Etc/UTC', 'UTC') -%}
        {{ return(moment) }}
    {%- endif -%}
    {%- set instant = exchanged_zone(moment, zone, 'UTC') -%}
    case
        when
            {{ exchanged_zone(instant, 'UTC', zone) }} = {{ moment }}
            {%- for seconds in [1800, 3600, 7200] %}
            and {{ exchanged_zone(seconds_later(instant, seconds), 'UTC', zone) }} <> {{ moment }}
            and {{ exchanged_zone(seconds_later(instant, -seconds), 'UTC', zone) }} <> {{ moment }}
            {%- endfor %}
            then {{ instant }}
    end
{%- endmacro -%}
