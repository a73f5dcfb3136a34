{#-
    Nothing on Spark: neither Delta nor the other formats can make a column of a filled table NOT NULL there, and a
    required column lets no NULL past staging's own rule. https://docs.delta.io/latest/delta-constraints.html
-#}
{%- macro spark__alter_column_set_constraints(relation, column_dict) -%}
{%- endmacro -%}
