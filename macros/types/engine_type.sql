{#-
    The one table of types: a neutral name, as it stands in generated files, to the engine's own.
    `decimal(p, s)` passes through.
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
