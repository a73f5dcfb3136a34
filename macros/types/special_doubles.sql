{#- Branches of a CASE: the texts of what is no finite number, in any case of letters. -#}
{%- macro special_doubles(text) -%}
    {%- set type = engine_type('double') -%}
    when lower({{ text }}) = 'nan' then cast('NaN' as {{ type }})
        when lower({{ text }}) in ('inf', 'infinity') then cast('inf' as {{ type }})
        when lower({{ text }}) in ('-inf', '-infinity') then cast('-inf' as {{ type }})
{%- endmacro -%}
