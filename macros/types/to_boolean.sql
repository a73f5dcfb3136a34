{#- True or false by the contract's lists, compared exactly; NULL for any other text. -#}
{%- macro to_boolean(text, true_values=['true'], false_values=['false']) -%}
    case
        when {{ in_list(text, true_values) }} then true
        when {{ in_list(text, false_values) }} then false
    end
{%- endmacro -%}
