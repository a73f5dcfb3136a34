{#-
    Statement that takes out of this model the rows whose parent is in `parent` no more; a row whose key holds a NULL has
    none. For a pre-hook; the rows are judged anew with the next ones.
-#}
{%- macro remove_orphans(columns, parent, parent_columns) -%}
    {%- if is_incremental() -%}
        {%- set is_orphan -%}
            {%- for column in columns %}
            {{ column }} is not null and
            {%- endfor %}
            not exists (
                select 1 from {{ parent }} as parent
                where
                    {%- for column in columns %}
                    parent.{{ parent_columns[loop.index0] }} = {{ this.identifier }}.{{ column }}
                    {%- if not loop.last %} and {%- endif %}
                    {%- endfor %}
            )
        {%- endset -%}
        {{ delete_rows(is_orphan) }}
    {%- endif -%}
{%- endmacro -%}
