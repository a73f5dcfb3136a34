{#- Statement that takes out of this model the rows of files that are landed no more. For a pre-hook. -#}
{%- macro remove_departed_rows() -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where not {{ in_landed_files(this.identifier) }}
    {%- endif -%}
{%- endmacro -%}
