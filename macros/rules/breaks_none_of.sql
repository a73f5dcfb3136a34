{#- Whether none of the flags, which are never NULL, is true. -#}
{%- macro breaks_none_of(flags) -%}
    {{ return(adapter.dispatch('breaks_none_of', 'landfall')(flags)) }}
{%- endmacro -%}

{%- macro default__breaks_none_of(flags) -%}
    not ({{ flags | join(' or ') }})
{%- endmacro -%}

{#-
    A filter on the flags would be moved down to the scan, with every conversion written out again for each flag that
    looks at it: twice the work. It stays where it is when it holds a volatile function; random() is never below 0.
-#}
{%- macro duckdb__breaks_none_of(flags) -%}
    not ({{ flags | join(' or ') }} or random() < 0)
{%- endmacro -%}
