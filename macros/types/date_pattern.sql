{#-
    Portable pattern, not anchored, of the texts that a JDK date pattern takes: each part with exactly its digits, the
    year from first to last, offsets to 14 hours. 31 February and 24:00 pass it. It stands before the engines' own
    parsers, which take fewer digits, spaces, signs and any year.
-#}
{%- macro date_pattern(pattern, first_year=1900, last_year=2100) -%}
    {%- set offsets = {
        1: '(Z|[+-]((0[0-9]|1[0-3])([0-5][0-9])?|14(00)?))',
        2: '(Z|[+-]((0[0-9]|1[0-3])[0-5][0-9]|1400))',
        3: '(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))',
    } -%}
    {%- set parts = [] -%}
    {%- for token in date_tokens(pattern) -%}
        {%- set width = token.letters | length -%}
        {%- if width == 0 -%}
            {%- do parts.append(modules.re.sub('[][{}()*+?.|^$\\\\]', '\\\\\\g<0>', token.literal)) -%}
        {%- elif token.letters == 'yyyy' -%}
            {%- do parts.append(year_pattern(first_year, last_year)) -%}
        {%- elif token.letters[0] == 'X' -%}
            {%- do parts.append(offsets[width]) -%}
        {%- elif width == 1 and token.letters != 'S' -%}
            {%- do parts.append('[0-9]{1,2}') -%}
        {%- else -%}
            {%- do parts.append('[0-9]{' ~ width ~ '}') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(parts | join) }}
{%- endmacro -%}
