{#-
    A JDK date pattern taken apart: a list of {'letters', 'literal'}, one of the two empty. `loaders contracts lint` has
    refused what is not in its small language.
-#}
{%- macro date_tokens(pattern) -%}
    {%- set tokens = [] -%}
    {%- for part in modules.re.findall("'(?:''|[^'])*'|y+|u+|M+|d+|H+|m+|s+|S+|X+|[^']", pattern) -%}
        {%- if part[0] in 'yuMdHmsSX' -%}
            {%- do tokens.append({'letters': part | replace('u', 'y'), 'literal': ''}) -%}
        {%- else -%}
            {%- set text = part[1:-1] | replace("''", "'") if part | length > 1 else part -%}
            {%- do tokens.append({'letters': '', 'literal': text or "'"}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(tokens) }}
{%- endmacro -%}
