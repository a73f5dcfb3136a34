{#- `value`, given as text, as a literal of the neutral type `data_type`. Dates and times are ISO 8601. -#}
{%- macro sql_literal(value, data_type='string') -%}
    {%- if data_type == 'string' -%}
        {{ text_literal(value) }}
    {%- elif data_type in ('smallint', 'integer', 'bigint', 'double') or data_type.startswith('decimal(') -%}
        {%- if not modules.re.fullmatch('-?[0-9]+([.][0-9]+)?', value) -%}
            {{ exceptions.raise_compiler_error("sql_literal: '" ~ value ~ "' is no " ~ data_type) }}
        {%- endif -%}
        {{ value }}
    {%- elif data_type == 'boolean' -%}
        {{ 'true' if value == 'true' else 'false' }}
    {%- else -%}
        cast({{ text_literal(value) }} as {{ engine_type(data_type) }})
    {%- endif -%}
{%- endmacro -%}
