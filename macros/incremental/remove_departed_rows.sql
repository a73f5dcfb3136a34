{#- Statement that takes out of this model the rows of files that are landed no more. For a pre-hook. -#}
{%- macro remove_departed_rows() -%}
    {%- if is_incremental() -%}
        {{ delete_rows('not ' ~ in_landed_files(this.identifier)) }}
    {%- endif -%}
{%- endmacro -%}
