{#-
    A date by the first of the JDK patterns that fits (ISO 8601 where none is given). NULL for any other text and outside
    the years, both included.
-#}
{%- macro to_date(text, formats=[], first_year=1900, last_year=2100) -%}
    {%- set moments = [] -%}
    {%- for pattern in formats or ['yyyy-MM-dd'] -%}
        {%- do moments.append(parse_moment(text, pattern, first_year, last_year)) -%}
    {%- endfor -%}
    cast({{ first_of(moments) }} as {{ engine_type('date') }})
{%- endmacro -%}
