{#-
    The number as decimal(precision, scale), NULL where rounding brought it past the precision; before rounding it had no
    more digits than that (`has_whole_digits`).
-#}
{%- macro in_decimal_range(number, precision, scale, round) -%}
    {%- set kept = 'decimal(' ~ precision ~ ', ' ~ scale ~ ')' -%}
    {%- set cast_number = 'cast(' ~ number ~ ' as ' ~ engine_type(kept) ~ ')' -%}
    {%- if round -%}
    case
        when abs({{ number }}) < {{ number_literal((10 ** (precision - scale)) | string, kept) }}
            then {{ cast_number }}
    end
    {%- else -%}
    {{ cast_number }}
    {%- endif -%}
{%- endmacro -%}
