{#-
    The text read as an ISO 8601 date and time with seconds, as a timestamp without zone: as written, or with
    `has_offset` in UTC. NULL for any other text, for an offset where none is wanted, and for none where one is.
-#}
{%- macro parse_iso_moment(text, has_offset=false, first_year=1900, last_year=2100) -%}
    {%- set guard = year_pattern(first_year, last_year)
        ~ '-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?'
        ~ ('(Z|[+-]((0[0-9]|1[0-3])(:?[0-5][0-9])?|14(:?00)?))' if has_offset else '') -%}
    {{ return(adapter.dispatch('parse_iso_moment', 'landfall')(text, has_offset, guard)) }}
{%- endmacro -%}

{%- macro default__parse_iso_moment(text, has_offset, guard) -%}
    {{ no_body_for_adapter('parse_iso_moment') }}
{%- endmacro -%}

{#- The cast alone drops offsets, cuts fractions, takes 24:00 and words. -#}
{%- macro duckdb__parse_iso_moment(text, has_offset, guard) -%}
    case
        when regexp_full_match({{ text }}, {{ text_literal(guard) }})
            then try_cast({{ text }} as {{ "timestamptz) at time zone 'UTC'" if has_offset else 'timestamp)' }}
    end
{%- endmacro -%}

{%- macro postgres__parse_iso_moment(text, has_offset, guard) -%}
    {%- set tail = 'substr(' ~ text ~ ', 20)' -%}
    {%- set parts = {
        'y': 'substr(' ~ text ~ ', 1, 4)',
        'M': 'substr(' ~ text ~ ', 6, 2)',
        'd': 'substr(' ~ text ~ ', 9, 2)',
        'H': 'substr(' ~ text ~ ', 12, 2)',
        'm': 'substr(' ~ text ~ ', 15, 2)',
        's': 'substr(' ~ text ~ ', 18, 2)',
        'fraction': without_match(tail, '[Z+-][0-9:]*') if has_offset else tail,
    } -%}
    {%- if has_offset -%}
        {%- do parts.update({'X': without_match(tail, '^[.][0-9]+')}) -%}
    {%- endif -%}
    case when {{ matches(text, '^' ~ guard ~ '$') }} then {{ moment_of(parts) }} end
{%- endmacro -%}

{%- macro snowflake__parse_iso_moment(text, has_offset, guard) -%}
    {{ return(postgres__parse_iso_moment(text, has_offset, guard)) }}
{%- endmacro -%}

{%- macro bigquery__parse_iso_moment(text, has_offset, guard) -%}
    {{ return(postgres__parse_iso_moment(text, has_offset, guard)) }}
{%- endmacro -%}

{%- macro spark__parse_iso_moment(text, has_offset, guard) -%}
    {{ return(postgres__parse_iso_moment(text, has_offset, guard)) }}
{%- endmacro -%}

{%- macro databricks__parse_iso_moment(text, has_offset, guard) -%}
    {{ return(postgres__parse_iso_moment(text, has_offset, guard)) }}
{%- endmacro -%}
