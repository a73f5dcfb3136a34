{#-
    Portable pattern of four digits from `first_year` (1 or 1900) to `last_year` (2100 or 9999). Year 0000 is none: some
    engines call it 1 BC.
-#}
{%- macro year_pattern(first_year=1900, last_year=2100) -%}
    {%- set before_1900 = ['000[1-9]', '00[1-9][0-9]', '0[1-9][0-9]{2}', '1[0-8][0-9]{2}'] -%}
    {%- set after_2100 = ['210[1-9]', '21[1-9][0-9]', '2[2-9][0-9]{2}', '[3-9][0-9]{3}'] -%}
    {%- if first_year not in (1, 1900) or last_year not in (2100, 9999) -%}
        {{ exceptions.raise_compiler_error(
            "year_pattern: takes years from 1 or 1900 to 2100 or 9999, not " ~ first_year ~ " to " ~ last_year
        ) }}
    {%- endif -%}
    {{ return('(' ~ (
        (before_1900 if first_year == 1 else [])
        + ['19[0-9]{2}', '20[0-9]{2}', '2100']
        + (after_2100 if last_year == 9999 else [])
    ) | join('|') ~ ')') }}
{%- endmacro -%}
