{#- The last day of a month as two digits; year and month are texts of four and two digits. -#}
{%- macro last_day_of(year, month) -%}
    {%- set leap = '^([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)$' -%}
    case
        when {{ month }} in ('04', '06', '09', '11') then '30'
        when {{ month }} <> '02' then '31'
        when {{ matches(year if '||' not in year else '(' ~ year ~ ')', leap) }} then '29'
        else '28'
    end
{%- endmacro -%}
