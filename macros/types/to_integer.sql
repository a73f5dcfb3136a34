{#-
    A whole number: digits, `-` before them at most, nothing else; leading zeros add nothing. NULL for any other text
    and outside the range of `bits`. Types: 8 and 16 bits smallint, 32 integer, 64 bigint, 128 decimal(38, 0); unsigned
    the next wider one, 64 unsigned decimal(20, 0).
-#}
{%- macro to_integer(text, bits=64, unsigned=false, thousands_separator=none) -%}
    {{ return(adapter.dispatch('to_integer', 'landfall')(text, bits, unsigned, thousands_separator)) }}
{%- endmacro -%}

{%- macro default__to_integer(text, bits, unsigned, thousands_separator) -%}
    {{ no_body_for_adapter('to_integer') }}
{%- endmacro -%}

{#- The cast alone rounds 1.5 and takes 1e3, 0x1F, 1_000 and spaces. -#}
{%- macro duckdb__to_integer(text, bits, unsigned, thousands_separator) -%}
    {%- set types = {
        'signed': {8: 'tinyint', 16: 'smallint', 32: 'integer', 64: 'bigint', 128: 'decimal(38, 0)'},
        'unsigned': {8: 'utinyint', 16: 'usmallint', 32: 'uinteger', 64: 'ubigint', 128: 'decimal(38, 0)'},
        'stored': {8: 'smallint', 16: 'integer', 32: 'bigint', 64: 'decimal(20, 0)'},
    } -%}
    {%- set type = types['unsigned' if unsigned else 'signed'][bits] -%}
    {%- set stored = types['stored'].get(bits, type) if unsigned else ('smallint' if bits == 8 else type) -%}
    {%- set number = 'try_cast(' ~ without_separators(text, thousands_separator) ~ ' as ' ~ type ~ ')' -%}
    case
        when regexp_full_match({{ text }}, {{ text_literal(digits_pattern(thousands_separator)) }})
            {%- if unsigned and bits == 128 %} and not starts_with({{ text }}, '-') {%- endif %}
            then {{ number if stored == type else 'cast(' ~ number ~ ' as ' ~ stored ~ ')' }}
    end
{%- endmacro -%}

{#- It has no cast that gives NULL, its numeric ends somewhere too, and its CASE forgets a precision (`to_decimal`):
    https://www.postgresql.org/docs/current/datatype-numeric.html -#}
{%- macro postgres__to_integer(text, bits, unsigned, thousands_separator) -%}
    {%- set plain = without_separators(text, thousands_separator) -%}
    cast(
        case
            when {{ matches(text, '^' ~ digits_pattern(thousands_separator) ~ '$') }}
                then
                    case
                        when {{ has_whole_digits(plain, 38) }}
                            then {{ in_integer_range('cast(' ~ plain ~ ' as numeric)', bits, unsigned) }}
                    end
        end as {{ engine_type(integer_type(bits, unsigned)) }}
    )
{%- endmacro -%}

{#- All its integers are number(38, 0), so the range is ours to check. -#}
{%- macro snowflake__to_integer(text, bits, unsigned, thousands_separator) -%}
    {%- set plain = without_separators(text, thousands_separator) -%}
    {%- set number = cast_or_null(plain, integer_type(bits, unsigned)) -%}
    case
        when
            {{ matches(text, '^' ~ digits_pattern(thousands_separator) ~ '$') }}
            and {{ has_whole_digits(plain, 38) }}
            then {{ in_integer_range(number, bits, unsigned) }}
    end
{%- endmacro -%}

{%- macro bigquery__to_integer(text, bits, unsigned, thousands_separator) -%}
    {{ return(snowflake__to_integer(text, bits, unsigned, thousands_separator)) }}
{%- endmacro -%}

{%- macro spark__to_integer(text, bits, unsigned, thousands_separator) -%}
    {{ return(snowflake__to_integer(text, bits, unsigned, thousands_separator)) }}
{%- endmacro -%}

{%- macro databricks__to_integer(text, bits, unsigned, thousands_separator) -%}
    {{ return(snowflake__to_integer(text, bits, unsigned, thousands_separator)) }}
{%- endmacro -%}
