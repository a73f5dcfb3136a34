{#- The neutral type that integers of `bits` are kept in: unsigned ones in the next wider signed type. -#}
{%- macro integer_type(bits, unsigned=false) -%}
    {%- set signed = {8: 'smallint', 16: 'smallint', 32: 'integer', 64: 'bigint', 128: 'decimal(38, 0)'} -%}
    {%- set next_wider = {8: 'smallint', 16: 'integer', 32: 'bigint', 64: 'decimal(20, 0)', 128: 'decimal(38, 0)'} -%}
    {{ return((next_wider if unsigned else signed)[bits]) }}
{%- endmacro -%}
