{#-
    One normaliser over a text. White space is space, tab, line feed, vertical tab, form feed, carriage return and the
    no-break space; `collapse_spaces` makes one space of each run of it. `lower` and `upper` change one letter for one
    letter, `unaccent` takes the marks off Latin, Greek and Cyrillic letters (`letters`).
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

{#- Most texts need no change, and finding that out costs a tenth of trimming or replacing. Its own lower() and upper()
    change exactly our letters; strip_accents() does so where no other script stands in the text. -#}
{%- macro duckdb__normalise(text, normalizer) -%}
    {%- if normalizer == 'trim' -%}
        case
            when
                ord({{ text }}) in (9, 10, 11, 12, 13, 32, 160)
                or ord(array_extract({{ text }}, -1)) in (9, 10, 11, 12, 13, 32, 160)
                then trim({{ text }}, {{ text_literal(white_space()) }})
            else {{ text }}
        end
    {%- elif normalizer == 'collapse_spaces' -%}
        regexp_replace({{ text }}, '[\s\v\x{A0}]+', ' ', 'g')
    {%- elif normalizer == 'unaccent' -%}
        case
            when strlen({{ text }}) = length({{ text }}) then {{ text }}
            when regexp_full_match({{ text }}, '[\x{0}-\x{52F}\x{1E00}-\x{1FFF}\x{2002}-\x{20CF}]*')
                then strip_accents({{ text }})
            else {{ translated(text, normalizer) }}
        end
    {%- else -%}
        {{ normalizer }}({{ text }})
    {%- endif -%}
{%- endmacro -%}

{#- lower() follows the locale of the database; collation "C" keeps it to ASCII:
    https://www.postgresql.org/docs/current/collation.html -#}
{%- macro postgres__normalise(text, normalizer) -%}
    {%- if normalizer == 'trim' -%}
        btrim({{ text }}, {{ text_literal(white_space()) }})
    {%- elif normalizer == 'collapse_spaces' -%}
        regexp_replace({{ text }}, {{ text_literal('[' ~ white_space() ~ ']+') }}, ' ', 'g')
    {%- else -%}
        case
            when octet_length({{ text }}) = length({{ text }})
                then {{ text if normalizer == 'unaccent' else normalizer ~ '(' ~ text ~ ' collate "C")' }}
            else {{ translated(text, normalizer) }}
        end
    {%- endif -%}
{%- endmacro -%}

{%- macro snowflake__normalise(text, normalizer) -%}
    {%- if normalizer == 'trim' -%}
        trim({{ text }}, {{ text_literal(white_space()) }})
    {%- elif normalizer == 'collapse_spaces' -%}
        regexp_replace({{ text }}, {{ text_literal('[' ~ white_space() ~ ']+') }}, ' ')
    {%- else -%}
        case
            when {{ matches(text, '^[ -~]*$') }}
                then {{ text if normalizer == 'unaccent' else normalizer ~ '(' ~ text ~ ')' }}
            else {{ translated(text, normalizer) }}
        end
    {%- endif -%}
{%- endmacro -%}

{%- macro bigquery__normalise(text, normalizer) -%}
    {{ return(snowflake__normalise(text, normalizer)) }}
{%- endmacro -%}

{#- Its two-argument trim() takes the characters first: https://spark.apache.org/docs/latest/api/sql/#trim -#}
{%- macro spark__normalise(text, normalizer) -%}
    {%- if normalizer == 'trim' -%}
        btrim({{ text }}, {{ text_literal(white_space()) }})
    {%- else -%}
        {{ return(snowflake__normalise(text, normalizer)) }}
    {%- endif -%}
{%- endmacro -%}

{%- macro databricks__normalise(text, normalizer) -%}
    {{ return(spark__normalise(text, normalizer)) }}
{%- endmacro -%}
