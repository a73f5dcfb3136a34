"""Words that cannot name a column without quotes on at least one engine, as each engine's manual lists them.

Landfall quotes names, but people who query the tables do not; and an engine that is added later meets no bad name.
"""

from __future__ import annotations

_BY_ENGINE = {
    "DuckDB": """
        all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
        default deferrable desc describe distinct do else end except false fetch for foreign from group having in
        initially intersect into lambda lateral leading limit not null offset on only or order pivot pivot_longer
        pivot_wider placing primary qualify references returning select show some summarize symmetric table then to
        trailing true union unique unpivot using variadic when where window with
    """,
    "Postgres": """
        all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
        collation column concurrently constraint create cross current_catalog current_date current_role
        current_schema current_time current_timestamp current_user default deferrable desc distinct do else end
        except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into
        is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on
        only or order outer overlaps placing primary references returning right select session_user similar some
        symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when
        where window with
    """,
    "Snowflake": """
        account all alter and any as between by case cast check column connect connection constraint create cross
        current current_date current_time current_timestamp current_user database delete distinct drop else exists
        false following for from full grant group gscluster having ilike in increment inner insert intersect into is
        issue join lateral left like localtime localtimestamp minus natural not null of on or order organization
        qualify regexp revoke right rlike row rows sample schema select set some start table tablesample then to
        trigger true try_cast union unique update using values view when whenever where with
    """,
    "BigQuery": """
        all and any array as asc assert_rows_modified at between by case cast collate contains create cross cube
        current default define desc distinct else end enum escape except exclude exists extract false fetch
        following for from full graph_table group grouping groups hash having if ignore in inner intersect interval
        into is join lateral left like limit lookup merge natural new no not null nulls of on or order outer over
        partition preceding proto qualify range recursive respect right rollup rows select set some struct
        tablesample then to treat true unbounded union unnest using when where window with within
    """,
    "Spark": """
        all and anti any as authorization both case cast check collate column constraint create cross cube
        current_date current_time current_timestamp current_user distinct else end escape except exists false fetch
        filter for foreign from full grant group grouping having in inner intersect into is join lateral leading
        left natural not null offset on only or order outer overlaps primary references right select semi
        session_user some table then time to trailing union unique unknown user using when where with
    """,
}


def engine_reserving(word: str) -> str | None:
    """The first engine on which `word` is reserved, in whatever case; None when it is free on all."""
    return next((engine for engine, words in _WORDS.items() if word.lower() in words), None)


_WORDS = {engine: frozenset(text.split()) for engine, text in _BY_ENGINE.items()}
