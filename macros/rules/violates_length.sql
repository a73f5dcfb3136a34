{#- True where the text has too few or too many characters (code points); false for NULL. -#}
{%- macro violates_length(column, at_least=none, at_most=none) -%}
    {%- set broken = [] -%}
    {%- if at_least is not none -%}
        {%- do broken.append('length(' ~ column ~ ') < ' ~ at_least) -%}
    {%- endif -%}
    {%- if at_most is not none -%}
        {%- do broken.append('length(' ~ column ~ ') > ' ~ at_most) -%}
    {%- endif -%}
    coalesce({{ broken | join(' or ') }}, false)
{%- endmacro -%}
