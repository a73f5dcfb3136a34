{#-
    The text read as an ISO 8601 date and time with seconds, as a timestamp without zone: as written, or with
    `has_offset` in UTC. NULL for any other text, for an offset where none is wanted, and for none where one is.
-#}
{%- macro parse_iso_moment(text, has_offset=false, first_year=1900, last_year=2100) -%}
    {%- set guard = year_pattern(first_year, last_year)
        ~ '-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?'
        ~ ('(Z|[+-][0-9]{2}(:?[0-9]{2})?)' if has_offset else '') -%}
    {{ return(adapter.dispatch('parse_iso_moment', 'landfall')(text, has_offset, text_literal(guard))) }}
{%- endmacro -%}

{%- macro default__parse_iso_moment(text, has_offset, guard) -%}
    {{ no_body_for_adapter('parse_iso_moment') }}
{%- endmacro -%}

{#- The cast alone drops offsets, cuts fractions, takes 24:00 and words. -#}
{%- macro duckdb__parse_iso_moment(text, has_offset, guard) -%}
    case
        when regexp_full_match({{ text }}, {{ guard }})
            then try_cast({{ text }} as {{ "timestamptz) at time zone 'UTC'" if has_offset else 'timestamp)' }}
    end
{%- endmacro -%}
