{#-
    A timestamp without zone from its parts, a dict of SQL texts: `y` four digits, `M d H m s` two, `fraction` a point and
    digits or nothing, `X` an offset. Without a date it lies on 1970-01-01, with an offset it is UTC. NULL where there is
    no such day or time.
-#}
{%- macro moment_of(parts) -%}
    {%- set conditions = [] -%}
    {%- if 'y' in parts -%}
        {%- do conditions.append(parts.M ~ " between '01' and '12'") -%}
        {%- do conditions.append(parts.d ~ " between '01' and " ~ last_day_of(parts.y, parts.M)) -%}
    {%- endif -%}
    {%- for letter, last in [('H', '23'), ('m', '59'), ('s', '59')] if letter in parts -%}
        {%- do conditions.append(parts[letter] ~ " <= '" ~ last ~ "'") -%}
    {%- endfor -%}
    {%- set day = parts.y ~ " || '-' || " ~ parts.M ~ " || '-' || " ~ parts.d if 'y' in parts else "'1970-01-01'" -%}
    {%- set text = day ~ " || ' ' || " ~ parts.get('H', "'00'") ~ " || ':' || " ~ parts.get('m', "'00'")
        ~ " || ':' || " ~ parts.get('s', "'00'") ~ (' || ' ~ parts.fraction if 'fraction' in parts else '') -%}
    {%- set moment = 'cast(' ~ text ~ ' as ' ~ engine_type('timestamp') ~ ')' -%}
    case
        when
            {{ conditions | join('\n            and ') }}
            then {{ seconds_later(moment, seconds_to_utc(parts.X)) if 'X' in parts else moment }}
    end
{%- endmacro -%}
