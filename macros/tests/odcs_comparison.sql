{#- A comparison by one of the operators of ODCS; both bounds of `between` are inside. -#}
{%- macro odcs_comparison(expression, operator, operands) -%}
    {%- set signs = {
        'mustBe': '=',
        'mustNotBe': '<>',
        'mustBeGreaterThan': '>',
        'mustBeGreaterOrEqualTo': '>=',
        'mustBeLessThan': '<',
        'mustBeLessOrEqualTo': '<=',
    } -%}
    {%- if operator in signs -%}
        {{ expression }} {{ signs[operator] }} {{ operands[0] }}
    {%- elif operator in ('mustBeBetween', 'mustNotBeBetween') -%}
        {{ expression }} {{ 'not ' if operator == 'mustNotBeBetween' }}between {{ operands[0] }} and {{ operands[1] }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("odcs_comparison: unknown operator '" ~ operator ~ "'") }}
    {%- endif -%}
{%- endmacro -%}
