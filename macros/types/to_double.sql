{#-
    A double: digits, a fraction and an exponent at will, `-` before them at most; -0 becomes 0. NULL for any other text
    and beyond the largest double; with `allow_nan`, NaN, Infinity, inf and their negatives in any case are taken.
-#}
{%- macro to_double(text, allow_nan=false, decimal_separator='.', thousands_separator=none) -%}
    {{ return(adapter.dispatch('to_double', 'landfall')(text, allow_nan, decimal_separator, thousands_separator)) }}
{%- endmacro -%}

{%- macro default__to_double(text, allow_nan, decimal_separator, thousands_separator) -%}
    {{ no_body_for_adapter('to_double') }}
{%- endmacro -%}

{#- The cast alone turns 1e400 into infinity. -#}
{%- macro duckdb__to_double(text, allow_nan, decimal_separator, thousands_separator) -%}
    {%- set pattern = digits_pattern(thousands_separator) ~ '([' ~ decimal_separator ~ '][0-9]+)?([eE][+-]?[0-9]+)?' -%}
    {%- set number = 'try_cast(' ~ without_separators(text, thousands_separator, decimal_separator) ~ ' as double)' -%}
    case
        when regexp_full_match({{ text }}, {{ text_literal(pattern) }}) and isfinite({{ number }})
            then {{ number }} + 0.0
        {%- if allow_nan %}
        when lower({{ text }}) in ('nan', 'inf', '-inf', 'infinity', '-infinity')
            then try_cast({{ text }} as double)
        {%- endif %}
    end
{%- endmacro -%}
