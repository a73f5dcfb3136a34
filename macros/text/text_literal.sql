{#- Any text as a SQL literal that gives back the same characters. -#}
{%- macro text_literal(value) -%}
    {{ return(adapter.dispatch('text_literal', 'landfall')(value)) }}
{%- endmacro -%}

{%- macro default__text_literal(value) -%}
    {{ no_body_for_adapter('text_literal') }}
{%- endmacro -%}

{#- A backslash is itself here: https://duckdb.org/docs/stable/sql/data_types/literal_types -#}
{%- macro duckdb__text_literal(value) -%}
    '{{ value | replace("'", "''") }}'
{%- endmacro -%}

{#- And here: https://www.postgresql.org/docs/current/runtime-config-compatible.html (standard_conforming_strings) -#}
{%- macro postgres__text_literal(value) -%}
    {{ return(duckdb__text_literal(value)) }}
{%- endmacro -%}

{#- A backslash begins an escape: https://docs.snowflake.com/en/sql-reference/data-types-text -#}
{%- macro snowflake__text_literal(value) -%}
    '{{ value | replace("\\", "\\\\") | replace("'", "''") }}'
{%- endmacro -%}

{#- So it does here, where two quotes are no quote and a line ends the literal:
    https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#string_and_bytes_literals -#}
{%- macro bigquery__text_literal(value) -%}
    '{{ value | replace("\\", "\\\\") | replace("'", "\\'") | replace("\n", "\\n") | replace("\r", "\\r") }}'
{%- endmacro -%}

{#- And here, where ${name} is a variable in literals too:
    https://spark.apache.org/docs/latest/sql-ref-literals.html#string-literal -#}
{%- macro spark__text_literal(value) -%}
    '{{ value | replace("\\", "\\\\") | replace("'", "\\'") | replace("${", "\\u0024{") }}'
{%- endmacro -%}

{%- macro databricks__text_literal(value) -%}
    {{ return(spark__text_literal(value)) }}
{%- endmacro -%}
