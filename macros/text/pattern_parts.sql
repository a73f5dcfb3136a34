{#-
    A portable pattern without its anchors, {'at_start', 'body', 'at_end'}: lint lets them stand at its two ends only. A
    `$` behind an odd number of backslashes is the character.
-#}
{%- macro pattern_parts(pattern) -%}
    {%- set at_start = pattern.startswith('^') -%}
    {%- set backslashes = (pattern[:-1] | length) - (pattern[:-1].rstrip('\\') | length) -%}
    {%- set at_end = pattern.endswith('$') and backslashes % 2 == 0 -%}
    {{ return({
        'at_start': at_start,
        'body': pattern[1 if at_start else 0:-1 if at_end else none],
        'at_end': at_end,
    }) }}
{%- endmacro -%}
