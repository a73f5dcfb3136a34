{#- Branch of a CASE: the texts of what is no finite number, in any case of letters. -#}
{%- macro special_doubles(text) -%}
    when lower({{ text }}) in ('nan', 'inf', '-inf', 'infinity', '-infinity')
            then cast(replace(lower({{ text }}), 'infinity', 'inf') as {{ engine_type('double') }})
{%- endmacro -%}
