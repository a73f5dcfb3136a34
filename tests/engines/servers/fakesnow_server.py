"""The fakesnow server behind a small layer that bridges the gaps dbt and our loader fall into.

Run with fakesnow's own Python: `python fakesnow_server.py PORT`. Listens on 127.0.0.1.

Corrections put right what fakesnow gets wrong; a test sees through them what Snowflake does:
`table_comment_in_transaction`, `null_timestamps`, `merge_insert_columns`, `trim_characters`,
`exact_sums`, `repeated_requests`.

Weakenings hide something from every test that runs through them:
`qualified_temporary_objects` (they become permanent), `column_comments` (they are dropped),
`server_errors` (an internal error becomes SQL error 000603, since the connector would repeat it for minutes),
`list_below_a_path` (the whole stage is listed), `remove` (nothing is removed), `query_history` (it is always empty).
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import sys
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import fakesnow.arrow
import fakesnow.transforms
import pyarrow as pa
import pyarrow.compute as pc
import sqlglot
import uvicorn
from fakesnow.server import app
from sqlglot import exp

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

REMEMBERED = 8
"""Answers kept for a request that comes again."""
_TEMPORARY = re.compile(
    r"^(\s*(?:/\*.*?\*/\s*)*create\s+(?:or\s+replace\s+)?)\s*(?:local\s+|global\s+)?temp(?:orary)?"
    r"\s+(table|view)\s+(?=(?:\"[^\"]+\"|\w+)\.)",
    re.IGNORECASE | re.DOTALL,
)
_ALTER_COMMENT = re.compile(
    r"alter\s+table\s+\S+\s+(?:alter|modify)\s+(?:column\s+)?\"?\w+\"?\s+comment", re.IGNORECASE
)
_LIST_PATH = re.compile(r"^(\s*list\s+@[^\s/]+)/\S*", re.IGNORECASE)
_REMOVE = re.compile(r"^\s*remove\s+@", re.IGNORECASE)
_HISTORY = re.compile(
    r"table\(information_schema\.query_history_by_user\(.*?\)\)\s*where.*$", re.IGNORECASE | re.DOTALL
)
_MAY_NEED_PARSING = re.compile(r"merge\s+into| comment (?:\$\$|')", re.IGNORECASE)


def table_comment_in_transaction() -> None:
    """Correction. An empty comment is written to another catalogue after every CREATE, which a transaction refuses."""
    extract = fakesnow.transforms.extract_comment_on_table

    def without_empty_comment(expression: exp.Expression) -> exp.Expression:
        found: exp.Expression = extract(expression)
        comment = found.args.get("table_comment")
        if comment and comment[1] is None:
            found.args.pop("table_comment")
        return found

    fakesnow.transforms.extract_comment_on_table = without_empty_comment


def null_timestamps() -> None:
    """Correction. NULL timestamps cross the wire as 1970-01-01."""
    convert = fakesnow.arrow.timestamp_to_sf_struct

    def with_null_mask(column: Any) -> Any:
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        struct = convert(column)
        fields = [struct.field(position) for position in range(struct.type.num_fields)]
        return pa.StructArray.from_arrays(fields, fields=list(struct.type), mask=pc.is_null(column))

    fakesnow.arrow.timestamp_to_sf_struct = with_null_mask


def trim_characters() -> None:
    """Correction. TRIM's second argument gets lost, and spaces go instead."""
    cast = fakesnow.transforms.trim_cast_varchar

    def with_characters(expression: exp.Expression) -> exp.Expression:
        if isinstance(expression, exp.Trim) and expression.args.get("expression"):
            return expression
        found: exp.Expression = cast(expression)
        return found

    fakesnow.transforms.trim_cast_varchar = with_characters


def exact_sums() -> None:
    """Correction. Every argument of SUM is made a double, since text may be summed; what is summed here are numbers."""
    cast = fakesnow.transforms.numeric_agg_implicit_cast

    def without_doubles(expression: exp.Expression) -> exp.Expression:
        if isinstance(expression, exp.Sum):
            return expression
        found: exp.Expression = cast(expression)
        return found

    fakesnow.transforms.numeric_agg_implicit_cast = without_doubles


def merge_insert_columns(statement: exp.Expression) -> bool:
    """Correction. Bare column names in WHEN NOT MATCHED ... VALUES belong to the source; says whether it changed."""
    if not isinstance(statement, exp.Merge):
        return False
    source = statement.args["using"].alias_or_name
    bare = [
        column
        for when in statement.args["whens"].expressions
        if not when.args.get("matched")
        for column in when.args["then"].expression.find_all(exp.Column)
        if not column.table
    ]
    for column in bare:
        column.set("table", exp.to_identifier(source))
    return bool(bare)


def qualified_temporary_objects(sql: str) -> str:
    """Weakening. DuckDB's temporary objects cannot stand in a schema, so they are made permanent."""
    return _TEMPORARY.sub(r"\1 \2 ", sql)


def column_comments(statement: exp.Expression) -> bool:
    """Weakening. Column comments inside CREATE are dropped; says whether there were any."""
    if not isinstance(statement, exp.Create):
        return False
    comments = [
        constraint
        for constraint in statement.find_all(exp.ColumnConstraint)
        if isinstance(constraint.kind, exp.CommentColumnConstraint)
    ]
    for constraint in comments:
        constraint.pop()
    return bool(comments)


def stage_statement(sql: str) -> str:
    """Weakenings. What fakesnow has no notion of around stages, as the nearest thing that it has."""
    sql = _LIST_PATH.sub(r"\1", sql)
    return "select 1 as status" if _REMOVE.match(sql) else _HISTORY.sub("(select null as query_id where false)", sql)


def rewrite(sql: str) -> str:
    """The statement fakesnow gets for `sql`."""
    sql = stage_statement(qualified_temporary_objects(sql))
    if _ALTER_COMMENT.search(sql):
        return "select 1 as status"
    if not _MAY_NEED_PARSING.search(sql):
        return sql
    try:
        statement = sqlglot.parse_one(sql, read="snowflake")
    except sqlglot.errors.ParseError:
        return sql  # fakesnow reports it in its own words
    if merge_insert_columns(statement) or column_comments(statement):
        return str(statement.sql(dialect="snowflake", comments=False))
    return sql


class Bridge:
    """ASGI layer: rewrites the text of each query, answers internal errors as SQL errors and repeated requests once."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._answers: OrderedDict[bytes, asyncio.Task[tuple[Message, Message]]] = OrderedDict()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/queries/v1/query-request":
            await self._inner(scope, receive, send)
            return
        body = _rewritten(await _whole_body(receive), dict(scope["headers"]))
        kept = [(k, v) for k, v in scope["headers"] if k not in (b"content-encoding", b"content-length")]
        scope = {**scope, "headers": [*kept, (b"content-length", str(len(body)).encode())]}
        for message in await self._answer_once(scope, body):
            await send(message)

    async def _answer_once(self, scope: Message, body: bytes) -> tuple[Message, Message]:
        """Correction `repeated_requests`. The driver repeats what has no answer within a minute, under the same id;
        Snowflake goes on with the first, fakesnow would run the statement beside it."""
        request = parse_qs(scope["query_string"])[b"requestId"][0]
        if request not in self._answers:
            self._answers[request] = asyncio.create_task(self._answer(scope, body))
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
        return await asyncio.shield(self._answers[request])

    async def _answer(self, scope: Message, body: bytes) -> tuple[Message, Message]:
        answer = _Answer()
        await self._inner(scope, _once(body), answer.take)
        return answer.messages()


class _Answer:
    """Part `server_errors`: holds the answer back until its status is known."""

    def __init__(self) -> None:
        self._start: Message = {}
        self._body = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._body += message.get("body", b"")

    def messages(self) -> tuple[Message, Message]:
        """The start and the body."""
        if self._start["status"] >= 500:
            self._fail()
        return self._start, {"type": "http.response.body", "body": self._body}

    def _fail(self) -> None:
        text = "fakesnow: " + self._body.decode(errors="replace")[:500]
        data = {"errorCode": "000603", "sqlState": "XX000"}
        self._body = json.dumps({"data": data, "code": "000603", "message": text, "success": False}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(self._body)).encode())]
        self._start = {"type": "http.response.start", "status": 200, "headers": headers}


async def _whole_body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        body += part
        if not message.get("more_body"):
            return body


def _rewritten(body: bytes, headers: dict[bytes, bytes]) -> bytes:
    if headers.get(b"content-encoding") == b"gzip":
        body = gzip.decompress(body)
    request = json.loads(body)
    request["sqlText"] = rewrite(request["sqlText"])
    return bytes(json.dumps(request), "utf-8")


def _once(body: bytes) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    return receive


if __name__ == "__main__":
    table_comment_in_transaction()
    null_timestamps()
    trim_characters()
    exact_sums()
    uvicorn.run(Bridge(app), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
