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
    {%- set fraction = '[0-9]+' if round else '[0-9]{1,' ~ scale ~ '}0*' if scale else '0+' -%}
    {%- set guard = digits_pattern(thousands_separator) ~ '([' ~ decimal_separator ~ ']' ~ fraction ~ ')?' -%}
    case
        when regexp_full_match({{ text }}, {{ text_literal(guard) }})
            then try_cast(
                {{ without_separators(text, thousands_separator, decimal_separator) }}
                as decimal({{ precision }}, {{ scale }})
            )
    end
{%- endmacro -%}
