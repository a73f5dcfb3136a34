{#-
    The text read by one JDK date pattern, as a timestamp without zone: as written, or in UTC where the pattern holds an
    offset. NULL where the text is not exactly of that pattern (`date_pattern`) or no such moment exists: 31 February,
    24:00, :60. `yy` is 2000 to 2099.
-#}
{%- macro parse_moment(text, pattern, first_year=1900, last_year=2100) -%}
    {{ return(adapter.dispatch('parse_moment', 'landfall')(
        text, date_tokens(pattern), date_pattern(pattern, first_year, last_year)
    )) }}
{%- endmacro -%}

{%- macro default__parse_moment(text, tokens, guard) -%}
    {{ no_body_for_adapter('parse_moment') }}
{%- endmacro -%}

{%- macro duckdb__parse_moment(text, tokens, guard) -%}
    {%- set parts = [] -%}
    {%- for token in tokens -%}
        {%- do parts.append(token.letters or token.literal) -%}
    {%- endfor -%}
    {%- if parts | join in ('yyyy-MM-dd', 'yyyy-MM-dd HH:mm:ss', 'yyyy-MM-ddTHH:mm:ss') -%}
        {#- The cast reads these twice as fast as strptime, but 24:00 as the next day. -#}
        {%- set moment = 'try_cast(' ~ text ~ ' as timestamp)' -%}
        {%- if tokens | length > 5 -%}
            {%- set moment = 'case when substr(' ~ text ~ ", 12, 2) <> '24' then " ~ moment ~ ' end' -%}
        {%- endif -%}
    {%- else -%}
        {%- set moment = duckdb__strptime(text, tokens) -%}
    {%- endif -%}
    case when regexp_full_match({{ text }}, {{ text_literal(guard) }}) then {{ moment }} end
{%- endmacro -%}

{#- Its %z knows no Z, and its century turns at 69: https://duckdb.org/docs/stable/sql/functions/dateformat -#}
{%- macro duckdb__strptime(text, tokens) -%}
    {%- set codes = {'y': '%Y', 'M': '%m', 'd': '%d', 'H': '%H', 'm': '%M', 's': '%S', 'S': '%f', 'X': '%z'} -%}
    {%- set letters = tokens | map(attribute='letters') | list -%}
    {%- set format = [] -%}
    {%- for token in tokens -%}
        {%- do format.append(
            '%y' if token.letters == 'yy' else codes[token.letters[0]] if token.letters
            else token.literal | replace('%', '%%')
        ) -%}
    {%- endfor -%}
    {%- set has_offset = 'X' in letters | join -%}
    {%- set source = "regexp_replace(" ~ text ~ ", 'Z$', '+0000')" if has_offset else text -%}
    {%- set moment = 'try_strptime(' ~ source ~ ', ' ~ text_literal(format | join) ~ ')' -%}
    {%- set moment = '(' ~ moment ~ " at time zone 'UTC')" if has_offset else moment -%}
    {%- if 'yy' in letters -%}
        case when year({{ moment }}) < 2000 then {{ moment }} + interval 100 year else {{ moment }} end
    {%- else -%}
        {{ moment }}
    {%- endif -%}
{%- endmacro -%}

{#- Parsers differ in what they take beyond the pattern, so the parts are checked and put together by ourselves. -#}
{%- macro postgres__parse_moment(text, tokens, guard) -%}
    {%- set parts = {} -%}
    {%- for token in tokens -%}
        {%- if token.letters -%}
            {%- set part = part_of_date(text, tokens, loop.index0) -%}
            {%- if token.letters == 'yy' -%}
                {%- set part = "'20' || " ~ part -%}
            {%- elif token.letters[0] == 'S' -%}
                {%- set part = "'.' || " ~ part -%}
            {%- elif token.letters | length == 1 and token.letters != 'X' -%}
                {%- set part = 'lpad(' ~ part ~ ", 2, '0')" -%}
            {%- endif -%}
            {%- do parts.update({'fraction' if token.letters[0] == 'S' else token.letters[0]: part}) -%}
        {%- endif -%}
    {%- endfor -%}
    case when {{ matches(text, '^' ~ guard ~ '$') }} then {{ moment_of(parts) }} end
{%- endmacro -%}

{%- macro snowflake__parse_moment(text, tokens, guard) -%}
    {{ return(postgres__parse_moment(text, tokens, guard)) }}
{%- endmacro -%}

{%- macro bigquery__parse_moment(text, tokens, guard) -%}
    {{ return(postgres__parse_moment(text, tokens, guard)) }}
{%- endmacro -%}

{%- macro spark__parse_moment(text, tokens, guard) -%}
    {{ return(postgres__parse_moment(text, tokens, guard)) }}
{%- endmacro -%}

{%- macro databricks__parse_moment(text, tokens, guard) -%}
    {{ return(postgres__parse_moment(text, tokens, guard)) }}
{%- endmacro -%}
