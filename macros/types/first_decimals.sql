{#- The text of a number, cut after `digits` digits behind the point. -#}
{%- macro first_decimals(text, digits) -%}
    {{ return(adapter.dispatch('first_decimals', 'landfall')(text, '([.][0-9]{' ~ digits ~ '})[0-9]+')) }}
{%- endmacro -%}

{%- macro default__first_decimals(text, pattern) -%}
    {{ no_body_for_adapter('first_decimals') }}
{%- endmacro -%}

{%- macro snowflake__first_decimals(text, pattern) -%}
    regexp_replace({{ text }}, {{ text_literal(pattern) }}, {{ text_literal('\\1') }})
{%- endmacro -%}

{%- macro bigquery__first_decimals(text, pattern) -%}
    {{ return(snowflake__first_decimals(text, pattern)) }}
{%- endmacro -%}

{#- Java writes a group as $1: https://spark.apache.org/docs/latest/api/sql/#regexp_replace -#}
{%- macro spark__first_decimals(text, pattern) -%}
    regexp_replace({{ text }}, {{ text_literal(pattern) }}, '$1')
{%- endmacro -%}

{%- macro databricks__first_decimals(text, pattern) -%}
    {{ return(spark__first_decimals(text, pattern)) }}
{%- endmacro -%}
