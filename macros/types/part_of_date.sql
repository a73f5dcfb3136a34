{#-
    The characters that one token of a date pattern reads of a text that has the pattern: by place where all tokens before
    it have a fixed width, else by a match.
-#}
{%- macro part_of_date(text, tokens, index) -%}
    {%- set start = namespace(at=1, fixed=true) -%}
    {%- for token in tokens[:index + 1] -%}
        {%- if token.letters | length == 1 and token.letters != 'S' -%}
            {%- set start.fixed = false -%}
        {%- elif not loop.last -%}
            {%- set start.at = start.at + (token.letters or token.literal) | length -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set token = tokens[index] -%}
    {%- if start.fixed and token.letters[0] != 'X' -%}
        {{ return('substr(' ~ text ~ ', ' ~ start.at ~ ', ' ~ token.letters | length ~ ')') }}
    {%- endif -%}
    {{ return(group_of_match(text, date_group_pattern(tokens, index))) }}
{%- endmacro -%}
