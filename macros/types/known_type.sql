{#- `types[name]`; a decimal is itself, anything else unknown ends the run. -#}
{%- macro known_type(name, types) -%}
    {%- if name.startswith('decimal(') -%}
        {{ return(name) }}
    {%- elif name not in types -%}
        {{ exceptions.raise_compiler_error(
            "engine_type: unknown type '" ~ name ~ "'; known: decimal(p, s), "
            ~ types.keys() | sort | join(', ')
        ) }}
    {%- endif -%}
    {{ return(types[name]) }}
{%- endmacro -%}
