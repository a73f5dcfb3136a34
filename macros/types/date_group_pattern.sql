{#- Portable pattern of texts of a date pattern, whose one group is what the token at `index` reads. -#}
{%- macro date_group_pattern(tokens, index) -%}
    {%- set parts = [] -%}
    {%- for token in tokens -%}
        {%- set width = token.letters | length -%}
        {%- if width == 0 -%}
            {%- set part = modules.re.sub('[][{}()*+?.|^$\\\\]', '\\\\\\g<0>', token.literal) -%}
        {%- elif token.letters[0] == 'X' -%}
            {%- set part = '[Z+-][0-9:]*' -%}
        {%- elif width == 1 and token.letters != 'S' -%}
            {%- set part = '[0-9]{1,2}' -%}
        {%- else -%}
            {%- set part = '[0-9]{' ~ width ~ '}' -%}
        {%- endif -%}
        {%- do parts.append('(' ~ part ~ ')' if loop.index0 == index else part) -%}
    {%- endfor -%}
    {{ return('^' ~ parts | join ~ '$') }}
{%- endmacro -%}
