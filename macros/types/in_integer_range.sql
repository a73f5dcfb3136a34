{#- The number as `integer_type`, NULL outside the range of `bits`; 128 bits are the 38 digits every engine holds. -#}
{%- macro in_integer_range(number, bits, unsigned=false) -%}
    {%- set kept = integer_type(bits, unsigned) -%}
    {%- set past = 10 ** 38 if bits == 128 else 2 ** (bits if unsigned else bits - 1) -%}
    {%- set least = 0 if unsigned else (1 - past if bits == 128 else -past) -%}
    {%- set literal_type = 'bigint' if kept != 'decimal(20, 0)' and bits <= 64 else kept -%}
    case
        when
            {{ number }} >= {{ sql_literal(least | string, literal_type) }}
            and {{ number }} <= {{ sql_literal((past - 1) | string, literal_type) }}
            then cast({{ number }} as {{ engine_type(kept) }})
    end
{%- endmacro -%}
