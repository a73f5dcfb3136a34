{#-
    The landed text of a column after its normalisers ran in order; NULL where what is left is a null token.
    Normalisers: trim, collapse_spaces, lower, upper, unaccent.
-#}
{%- macro clean_text(column, normalizers=[], null_tokens=['']) -%}
    {%- set text = namespace(sql=column) -%}
    {%- for normalizer in normalizers -%}
        {%- set text.sql = normalise(text.sql, normalizer) -%}
    {%- endfor -%}
    {%- if null_tokens | length == 0 -%}
        {{ text.sql }}
    {%- elif null_tokens | length == 1 -%}
        nullif({{ text.sql }}, {{ text_literal(null_tokens[0]) }})
    {%- else -%}
        case when not {{ in_list(text.sql, null_tokens) }} then {{ text.sql }} end
    {%- endif -%}
{%- endmacro -%}
