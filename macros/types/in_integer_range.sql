{#-
    The number as `integer_type`, NULL outside the range of `bits`. 128 bits mean the 38 digits that every engine holds,
    so such a number has been looked at before (`has_whole_digits`).
-#}
{%- macro in_integer_range(number, bits, unsigned=false) -%}
    {%- set kept = integer_type(bits, unsigned) -%}
    {%- set past = 2 ** (bits if unsigned else bits - 1) -%}
    {%- set conditions = [] -%}
    {%- if unsigned -%}
        {%- do conditions.append(number ~ ' >= 0') -%}
    {%- elif bits < 128 -%}
        {%- do conditions.append(number ~ ' >= ' ~ number_literal((-past) | string, kept)) -%}
    {%- endif -%}
    {%- if bits < 128 -%}
        {%- do conditions.append(number ~ ' <= ' ~ number_literal((past - 1) | string, kept)) -%}
    {%- endif -%}
    {%- set cast_number = 'cast(' ~ number ~ ' as ' ~ engine_type(kept) ~ ')' -%}
    {%- if conditions -%}
    case
        when
            {{ conditions | join('\n            and ') }}
            then {{ cast_number }}
    end
    {%- else -%}
    {{ cast_number }}
    {%- endif -%}
{%- endmacro -%}
