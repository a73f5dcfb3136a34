{#- The first of the expressions that is not NULL. -#}
{%- macro first_of(expressions) -%}
    {%- if expressions | length == 1 -%}
        {{ expressions[0] }}
    {%- else -%}
        coalesce({{ expressions | join(', ') }})
    {%- endif -%}
{%- endmacro -%}
