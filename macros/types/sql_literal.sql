{#-
    `value`, given as text, as a literal of the neutral type `data_type`. Dates and times are ISO 8601; a timestamp bound
    of a column with a zone is in UTC and says so, which its type does not take everywhere.
-#}
{%- macro sql_literal(value, data_type='string') -%}
    {%- if data_type == 'string' -%}
        {{ text_literal(value) }}
    {%- elif data_type in ('smallint', 'integer', 'bigint', 'double') or data_type.startswith('decimal(') -%}
        {%- if not modules.re.fullmatch('-?[0-9]+([.][0-9]+)?', value) -%}
            {{ exceptions.raise_compiler_error("sql_literal: '" ~ value ~ "' is no " ~ data_type) }}
        {%- endif -%}
        {{ number_literal(value, data_type) }}
    {%- elif data_type == 'boolean' -%}
        {{ 'true' if value == 'true' else 'false' }}
    {%- else -%}
        cast({{ text_literal(value | replace('+00:00', '')) }} as {{ engine_type(data_type) }})
    {%- endif -%}
{%- endmacro -%}
