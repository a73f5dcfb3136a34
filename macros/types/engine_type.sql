{#-
    The one table of types: a neutral name, as it stands in generated files, to the engine's own.
    `decimal(p, s)` passes through where the engine takes 38 digits with any scale.
-#}
{%- macro engine_type(name) -%}
    {{ return(adapter.dispatch('engine_type', 'landfall')(name)) }}
{%- endmacro -%}

{%- macro default__engine_type(name) -%}
    {{ no_body_for_adapter('engine_type') }}
{%- endmacro -%}

{%- macro duckdb__engine_type(name) -%}
    {{ return(known_type(name, {
        'string': 'varchar',
        'smallint': 'smallint',
        'integer': 'integer',
        'bigint': 'bigint',
        'double': 'double',
        'boolean': 'boolean',
        'date': 'date',
        'timestamp': 'timestamp',
        'time': 'time',
    })) }}
{%- endmacro -%}

{%- macro postgres__engine_type(name) -%}
    {{ return(known_type(name, {
        'string': 'text',
        'smallint': 'smallint',
        'integer': 'integer',
        'bigint': 'bigint',
        'double': 'double precision',
        'boolean': 'boolean',
        'date': 'date',
        'timestamp': 'timestamp',
        'time': 'time',
    })) }}
{%- endmacro -%}

{%- macro snowflake__engine_type(name) -%}
    {{ return(known_type(name, {
        'string': 'varchar',
        'smallint': 'smallint',
        'integer': 'integer',
        'bigint': 'bigint',
        'double': 'double',
        'boolean': 'boolean',
        'date': 'date',
        'timestamp': 'timestamp_ntz',
        'time': 'time',
    })) }}
{%- endmacro -%}

{#- numeric holds 29 digits before the point and 9 behind it, bignumeric 38 and 38; a cast takes no precision:
    https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#decimal_types -#}
{%- macro bigquery__engine_type(name) -%}
    {%- if name.startswith('decimal(') -%}
        {%- set precision, scale = name[8:-1].split(',') | map('int') -%}
        {{ return('numeric' if scale <= 9 and precision - scale <= 29 else 'bignumeric') }}
    {%- endif -%}
    {{ return(known_type(name, {
        'string': 'string',
        'smallint': 'int64',
        'integer': 'int64',
        'bigint': 'int64',
        'double': 'float64',
        'boolean': 'bool',
        'date': 'date',
        'timestamp': 'datetime',
        'time': 'time',
    })) }}
{%- endmacro -%}

{#- Spark has no time of day; its text sorts as the time does. -#}
{%- macro spark__engine_type(name) -%}
    {{ return(known_type(name, {
        'string': 'string',
        'smallint': 'smallint',
        'integer': 'int',
        'bigint': 'bigint',
        'double': 'double',
        'boolean': 'boolean',
        'date': 'date',
        'timestamp': 'timestamp_ntz',
        'time': 'string',
    })) }}
{%- endmacro -%}

{%- macro databricks__engine_type(name) -%}
    {{ return(spark__engine_type(name)) }}
{%- endmacro -%}
