{#-
    One normaliser over a text. White space is space, tab, line feed, vertical tab, form feed, carriage return and the
    no-break space; `collapse_spaces` makes one space of each run of it.
-#}
{%- macro normalise(text, normalizer) -%}
    {%- if normalizer not in ('trim', 'collapse_spaces', 'lower', 'upper', 'unaccent') -%}
        {{ exceptions.raise_compiler_error("normalise: unknown normaliser '" ~ normalizer ~ "'") }}
    {%- endif -%}
    {{ return(adapter.dispatch('normalise', 'landfall')(text, normalizer)) }}
{%- endmacro -%}

{%- macro default__normalise(text, normalizer) -%}
    {{ no_body_for_adapter('normalise') }}
{%- endmacro -%}

{#- Most texts need no change, and finding that out costs a tenth of trimming or replacing. -#}
{%- macro duckdb__normalise(text, normalizer) -%}
    {%- if normalizer == 'trim' -%}
        case
            when
                ord({{ text }}) in (9, 10, 11, 12, 13, 32, 160)
                or array_extract({{ text }}, -1) <= ' '
                or array_extract({{ text }}, -1) = chr(160)
                then trim({{ text }}, {{ duckdb__white_space() }})
            else {{ text }}
        end
    {%- elif normalizer == 'collapse_spaces' -%}
        regexp_replace({{ text }}, '[\s\v\x{A0}]+', ' ', 'g')
    {%- elif normalizer == 'unaccent' -%}
        strip_accents({{ text }})
    {%- else -%}
        {{ normalizer }}({{ text }})
    {%- endif -%}
{%- endmacro -%}

{%- macro duckdb__white_space() -%}
    ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160)
{%- endmacro -%}
