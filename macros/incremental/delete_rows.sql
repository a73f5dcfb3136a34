{#- Statement that takes out of this model the rows that `condition` is true of. For a pre-hook. -#}
{%- macro delete_rows(condition) -%}
    {{ return(adapter.dispatch('delete_rows', 'landfall')(condition)) }}
{%- endmacro -%}

{%- macro default__delete_rows(condition) -%}
    {{ no_body_for_adapter('delete_rows') }}
{%- endmacro -%}

{%- macro duckdb__delete_rows(condition) -%}
    delete from {{ this }}
    where {{ condition }}
{%- endmacro -%}

{%- macro postgres__delete_rows(condition) -%}
    {{ return(duckdb__delete_rows(condition)) }}
{%- endmacro -%}

{%- macro snowflake__delete_rows(condition) -%}
    {{ return(duckdb__delete_rows(condition)) }}
{%- endmacro -%}

{%- macro bigquery__delete_rows(condition) -%}
    {{ return(duckdb__delete_rows(condition)) }}
{%- endmacro -%}

{#- Delta's DELETE takes no subquery; a landed row is there whole or not at all: https://docs.delta.io/latest/delta-update.html -#}
{%- macro spark__delete_rows(condition) -%}
    merge into {{ this }} as kept
    using (
        select distinct _landed_file_id, _row_number from {{ this }}
        where {{ condition }}
    ) as gone
    on kept._landed_file_id = gone._landed_file_id and kept._row_number = gone._row_number
    when matched then delete
{%- endmacro -%}

{%- macro databricks__delete_rows(condition) -%}
    {{ return(spark__delete_rows(condition)) }}
{%- endmacro -%}
