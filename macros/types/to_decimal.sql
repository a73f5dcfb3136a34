{#-
    An exact decimal(precision, scale): digits, a fraction at will, `-` before them at most. NULL for any other text, for
    too many digits before the point, and for digits behind the scale other than zeros unless `round` is true; rounding
    is half away from zero.
-#}
{%- macro to_decimal(text, precision, scale, round=false, decimal_separator='.', thousands_separator=none) -%}
    {{ return(adapter.dispatch('to_decimal', 'landfall')(
        text, precision, scale, round, decimal_separator, thousands_separator
    )) }}
{%- endmacro -%}

{%- macro default__to_decimal(text, precision, scale, round, decimal_separator, thousands_separator) -%}
    {{ no_body_for_adapter('to_decimal') }}
{%- endmacro -%}

{#- The cast alone rounds silently and takes 1e2, .5, 5. and 1_0. -#}
{%- macro duckdb__to_decimal(text, precision, scale, round, decimal_separator, thousands_separator) -%}
    {%- set guard = decimal_pattern(scale, round, decimal_separator, thousands_separator) -%}
    case
        when regexp_full_match({{ text }}, {{ text_literal(guard) }})
            then try_cast(
                {{ without_separators(text, thousands_separator, decimal_separator) }}
                as decimal({{ precision }}, {{ scale }})
            )
    end
{%- endmacro -%}

{#- It has no cast that gives NULL; numeric without a precision takes all digits, and round() is half away from zero. A
    CASE without ELSE forgets the precision of its branches, so the cast stands around it:
    https://www.postgresql.org/docs/current/typeconv-union-case.html -#}
{%- macro postgres__to_decimal(text, precision, scale, round, decimal_separator, thousands_separator) -%}
    {%- set plain = without_separators(text, thousands_separator, decimal_separator) -%}
    {%- set number = 'round(cast(' ~ plain ~ ' as numeric), ' ~ scale ~ ')' -%}
    cast(
        case
            when {{ matches(text, '^' ~ decimal_pattern(scale, round, decimal_separator, thousands_separator) ~ '$') }}
                then
                    case
                        when {{ has_whole_digits(plain, precision - scale) }}
                            then {{ in_decimal_range(number, precision, scale, round) }}
                    end
        end as decimal({{ precision }}, {{ scale }})
    )
{%- endmacro -%}

{#- Its cast rounds half away from zero, looking at 38 digits at most; one digit past the scale decides. -#}
{%- macro snowflake__to_decimal(text, precision, scale, round, decimal_separator, thousands_separator) -%}
    {%- set guard = decimal_pattern(scale, round, decimal_separator, thousands_separator) -%}
    {%- set plain = without_separators(text, thousands_separator, decimal_separator) -%}
    case
        when {{ matches(text, '^' ~ guard ~ '$') }}
            then {{ cast_or_null(first_decimals(plain, scale + 1), 'decimal(' ~ precision ~ ', ' ~ scale ~ ')') }}
    end
{%- endmacro -%}

{#- Its casts take no precision, so round() and our own look at the digits give it. -#}
{%- macro bigquery__to_decimal(text, precision, scale, round, decimal_separator, thousands_separator) -%}
    {%- set plain = without_separators(text, thousands_separator, decimal_separator) -%}
    {%- set number = 'round(safe_cast(' ~ first_decimals(plain, scale + 1) ~ ' as bignumeric), ' ~ scale ~ ')' -%}
    case
        when
            {{ matches(text, '^' ~ decimal_pattern(scale, round, decimal_separator, thousands_separator) ~ '$') }}
            and {{ has_whole_digits(plain, precision - scale) }}
            then {{ in_decimal_range(number, precision, scale, round) }}
    end
{%- endmacro -%}

{%- macro spark__to_decimal(text, precision, scale, round, decimal_separator, thousands_separator) -%}
    {{ return(snowflake__to_decimal(text, precision, scale, round, decimal_separator, thousands_separator)) }}
{%- endmacro -%}

{%- macro databricks__to_decimal(text, precision, scale, round, decimal_separator, thousands_separator) -%}
    {{ return(snowflake__to_decimal(text, precision, scale, round, decimal_separator, thousands_separator)) }}
{%- endmacro -%}
