{#-
    A time of day by the first of the JDK patterns that fits (HH:mm:ss, with up to six digits of fraction, where none is
    given). NULL for any other text, 24:00:00 included.
-#}
{%- macro to_time(text, formats=[]) -%}
    {%- set patterns = [
        'HH:mm:ss', 'HH:mm:ss.S', 'HH:mm:ss.SS', 'HH:mm:ss.SSS', 'HH:mm:ss.SSSS', 'HH:mm:ss.SSSSS', 'HH:mm:ss.SSSSSS'
    ] -%}
    {%- set moments = [] -%}
    {%- for pattern in formats or patterns -%}
        {%- do moments.append(parse_moment(text, pattern)) -%}
    {%- endfor -%}
    cast({{ first_of(moments) }} as {{ engine_type('time') }})
{%- endmacro -%}
