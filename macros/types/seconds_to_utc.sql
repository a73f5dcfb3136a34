{#- Seconds from a local time to UTC by its offset: Z, or a sign with hours and at will minutes. -#}
{%- macro seconds_to_utc(offset) -%}
    {%- set integer = engine_type('integer') -%}
    {%- set digits = 'replace(' ~ offset ~ ", ':', '')" -%}
    case
        when {{ offset }} = 'Z' then 0
        else
            (case when substr({{ offset }}, 1, 1) = '-' then 60 else -60 end)
            * (
                cast(substr({{ digits }}, 2, 2) as {{ integer }}) * 60
                + cast(coalesce(nullif(substr({{ digits }}, 4, 2), ''), '0') as {{ integer }})
            )
    end
{%- endmacro -%}
