{#-
    A timestamp without zone by the first of the JDK patterns that fits (ISO 8601 with seconds where none is given: `T` or
    a space, six digits of fraction at most). Without `timezone` the moment stays as written and an offset is refused.
    With it the moment is UTC: by its offset, else by `default_timezone`, whose skipped and doubled hours give NULL.
    NULL for any other text and outside the years as written, both included.
-#}
{%- macro to_timestamp(
    text, formats=[], timezone=false, default_timezone='Etc/UTC', first_year=1900, last_year=2100
) -%}
    {%- set moments = [] -%}
    {%- for pattern in formats -%}
        {%- set moment = parse_moment(text, pattern, first_year, last_year) -%}
        {%- if timezone and 'X' not in date_tokens(pattern) | map(attribute='letters') | join -%}
            {%- set moment = to_utc(moment, default_timezone) -%}
        {%- endif -%}
        {%- do moments.append(moment) -%}
    {%- endfor -%}
    {%- if formats | length == 0 -%}
        {%- set written = parse_iso_moment(text, false, first_year, last_year) -%}
        {%- if timezone -%}
            {%- do moments.append(parse_iso_moment(text, true, first_year, last_year)) -%}
            {%- set written = to_utc(written, default_timezone) -%}
        {%- endif -%}
        {%- do moments.append(written) -%}
    {%- endif -%}
    {{ first_of(moments) }}
{%- endmacro -%}
