{#-
    A double: digits, a fraction and an exponent at will, `-` before them at most; -0 becomes 0. NULL for any other text
    beyond the largest double and below the smallest; with `allow_nan`, NaN, Infinity, inf and their negatives in any case are taken.
-#}
{%- macro to_double(text, allow_nan=false, decimal_separator='.', thousands_separator=none) -%}
    {{ return(adapter.dispatch('to_double', 'landfall')(text, allow_nan, decimal_separator, thousands_separator)) }}
{%- endmacro -%}

{%- macro default__to_double(text, allow_nan, decimal_separator, thousands_separator) -%}
    {{ no_body_for_adapter('to_double') }}
{%- endmacro -%}

{#- The cast alone turns 1e400 into infinity and 1e-400 into 0. Neither befalls 300 characters without an exponent, which
    need half the work. -#}
{%- macro duckdb__to_double(text, allow_nan, decimal_separator, thousands_separator) -%}
    {%- set number = 'try_cast(' ~ without_separators(text, thousands_separator, decimal_separator) ~ ' as double)' -%}
    {%- set plain = digits_pattern(thousands_separator) ~ '([' ~ decimal_separator ~ '][0-9]+)?' -%}
    case
        when strlen({{ text }}) <= 300 and regexp_full_match({{ text }}, {{ text_literal(plain) }})
            then {{ number }} + 0.0
        when
            regexp_full_match({{ text }}, {{ text_literal(double_pattern(decimal_separator, thousands_separator)) }})
            and isfinite({{ number }})
            and ({{ number }} <> 0 or not {{ matches(text, '^[^1-9eE]*[1-9]') }})
            then {{ number }} + 0.0
        {%- if allow_nan %}
        {{ special_doubles(text) }}
        {%- endif %}
    end
{%- endmacro -%}

{#- Its cast fails where others give infinity or 0, so numeric looks first; it takes exponents of four digits and more. -#}
{%- macro postgres__to_double(text, allow_nan, decimal_separator, thousands_separator) -%}
    {%- set plain = without_separators(text, thousands_separator, decimal_separator) -%}
    case
        when {{ matches(text, '^' ~ double_pattern(decimal_separator, thousands_separator) ~ '$') }}
            then
                case
                    when not {{ matches(text, '^[^1-9eE]*[1-9]') }} then 0
                    when {{ matches(text, '[eE][+-]?0*[1-9][0-9]{4,}$') }} then null
                    when abs(cast({{ plain }} as numeric)) between 2.5e-324 and 1.7976931348623158e308
                        then cast({{ plain }} as double precision)
                end
        {%- if allow_nan %}
        {{ special_doubles(text) }}
        {%- endif %}
    end
{%- endmacro -%}

{%- macro snowflake__to_double(text, allow_nan, decimal_separator, thousands_separator) -%}
    {%- set number = cast_or_null(without_separators(text, thousands_separator, decimal_separator), 'double') -%}
    case
        when {{ matches(text, '^' ~ double_pattern(decimal_separator, thousands_separator) ~ '$') }}
            then
                case
                    when {{ number }} = 0 and {{ matches(text, '^[^1-9eE]*[1-9]') }} then null
                    when abs({{ number }}) <= 1.7976931348623157e308 then {{ number }} + 0.0
                end
        {%- if allow_nan %}
        {{ special_doubles(text) }}
        {%- endif %}
    end
{%- endmacro -%}

{%- macro bigquery__to_double(text, allow_nan, decimal_separator, thousands_separator) -%}
    {{ return(snowflake__to_double(text, allow_nan, decimal_separator, thousands_separator)) }}
{%- endmacro -%}

{%- macro spark__to_double(text, allow_nan, decimal_separator, thousands_separator) -%}
    {{ return(snowflake__to_double(text, allow_nan, decimal_separator, thousands_separator)) }}
{%- endmacro -%}

{%- macro databricks__to_double(text, allow_nan, decimal_separator, thousands_separator) -%}
    {{ return(snowflake__to_double(text, allow_nan, decimal_separator, thousands_separator)) }}
{%- endmacro -%}
