{#-
    Whether a plain number (`-`, digits, a point and digits at will) has at most `digits` before the point, leading zeros
    aside. Asked before a cast that would fail on more.
-#}
{%- macro has_whole_digits(number, digits) -%}
    {{ matches(number, '^-?0*[0-9]{0,' ~ digits ~ '}([.][0-9]*)?$') }}
{%- endmacro -%}
