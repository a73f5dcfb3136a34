{#- Ends the run: `macro_name` means nothing yet on the adapter in use. -#}
{%- macro no_body_for_adapter(macro_name) -%}
    {{ exceptions.raise_compiler_error(
        macro_name ~ ": no body for adapter " ~ adapter.type()
        ~ "; add " ~ adapter.type() ~ "__" ~ macro_name ~ " beside the others"
    ) }}
{%- endmacro -%}
