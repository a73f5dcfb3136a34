"""Bad files, each with what must become of it: a catalogue number, bytes, the contract's dialect, and the outcome."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any

Row = tuple[str | None, ...]
HEADER = "id,name,note\n"
GOOD = HEADER + "1,a,b\n"
ONE: tuple[Row, ...] = (("1", "a", "b"),)


@dataclass(frozen=True)
class Case:
    """`rows` must land, `malformed` are the kinds of the lines set aside, `says` stands in the outcome or a warning."""

    number: int
    title: str
    content: bytes
    status: str = "landed"
    rows: tuple[Row, ...] = ()
    malformed: tuple[str, ...] = ()
    says: str = ""
    name: str = "a.csv"
    dialect: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"bad_input_{self.number:03}_{self.title.replace(' ', '_')}"


def ok(number: int, title: str, content: str | bytes, *rows: Row, **more: Any) -> Case:
    data = content.encode() if isinstance(content, str) else content
    return Case(number, title, data, rows=rows, **more)


def refused(number: int, title: str, content: str | bytes, says: str, **more: Any) -> Case:
    data = content.encode() if isinstance(content, str) else content
    return Case(number, title, data, "quarantined", says=says, **more)


def _zip(*names: str, content: str = GOOD) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return target.getvalue()


def _bomb() -> bytes:
    return gzip.compress(HEADER.encode() + b"1,a,b\n" * 4_000_000, mtime=0)


def _bad_checksum() -> bytes:
    packed = gzip.compress(GOOD.encode(), mtime=0)
    return packed[:-8] + (zlib.crc32(b"other")).to_bytes(4, "little") + packed[-4:]


PACKED = gzip.compress(GOOD.encode(), mtime=0)
LATIN = {"encoding": "latin-1"}

ENCODINGS = (
    ok(1, "byte order mark", "\ufeff" + GOOD, *ONE),
    ok(2, "mark before quoted header", '\ufeff"id","name","note"\n1,a,b\n', *ONE),
    ok(3, "mark in the middle", HEADER + "1,\ufeffa,b\n", ("1", "\ufeffa", "b")),
    ok(4, "utf 16 declared", GOOD.encode("utf-16"), *ONE, dialect={"encoding": "utf-16"}),
    refused(4, "utf 16 undeclared", GOOD.encode("utf-16"), "UTF-16"),
    refused(5, "utf 16 without mark", GOOD.encode("utf-16-le"), "utf-16-le"),
    ok(6, "latin 1 declared", (HEADER + "1,é,b\n").encode("latin-1"), ("1", "é", "b"), dialect=LATIN),
    ok(6, "latin 1 undeclared", (GOOD + "2,é,b\n").encode("latin-1"), *ONE, malformed=("encoding",)),
    ok(
        7,
        "mixed encodings",
        GOOD.encode() + b"2,\xe9,b\n3,\xc3\xa9,b\n",
        *ONE,
        ("3", "é", "b"),
        malformed=("encoding",),
    ),
    ok(8, "overlong", GOOD.encode() + b"2,\xc0\xaf,b\n", *ONE, malformed=("encoding",)),
    ok(8, "lone surrogate", GOOD.encode() + b"2,\xed\xa0\x80,b\n", *ONE, malformed=("encoding",)),
    ok(9, "nul rejected", GOOD + "2,\0,b\n", *ONE, malformed=("nul",)),
    ok(9, "nul kept", HEADER + "1,a\0,b\n", ("1", "a\0", "b"), dialect={"nul": "keep"}),
    ok(9, "nul stripped", HEADER + "1,a\0,b\n", *ONE, dialect={"nul": "strip"}),
    ok(10, "control z at the end", GOOD + "\x1a", *ONE),
)

NEWLINES = (
    ok(11, "crlf", GOOD.replace("\n", "\r\n"), *ONE),
    ok(12, "cr", GOOD.replace("\n", "\r"), *ONE),
    ok(13, "mixed", HEADER + "1,a,b\r\n2,c,d\n", *ONE, ("2", "c", "d")),
    ok(14, "quoted lf in crlf", 'id,name,note\r\n1,"a\nb",c\r\n', ("1", "a\nb", "c")),
    ok(15, "quoted everything", HEADER + '1,"a\nb","c,""d"""\n', ("1", "a\nb", 'c,"d"')),
    ok(37, "no final newline", GOOD.rstrip("\n"), *ONE),
)

QUOTES = (
    ok(16, "unterminated quote", HEADER + '1,a,b\n2,"open,x\n3,c,d\n', *ONE, ("3", "c", "d"), malformed=("quoting",)),
    ok(17, "text after closing quote", GOOD + '2,"a"x,b\n', *ONE, malformed=("quoting",)),
    ok(18, "quote inside text", HEADER + '1,5" pipe,b\n', ("1", '5" pipe', "b")),
    ok(19, "backslash undeclared", GOOD + '2,"a\\"b",c\n', *ONE, malformed=("quoting",)),
    ok(19, "backslash declared", HEADER + '1,"a\\"b",c\n', ("1", 'a"b', "c"), dialect={"escape": "\\"}),
    ok(
        20,
        "quote only late",
        HEADER + "".join(f"{number},a,b\n" for number in range(21_000)) + '9,"x,y",z\n',
        *[(str(number), "a", "b") for number in range(21_000)],
        ("9", "x,y", "z"),
    ),
    ok(21, "too few fields", GOOD + "2,a\n", *ONE, malformed=("short",)),
    ok(22, "too many fields", GOOD + "2,a,b,c\n", *ONE, malformed=("long",)),
    ok(22, "too many empty fields", GOOD + "2,a,b,\n", *ONE, malformed=("long",)),
    ok(39, "total line", GOOD + "TOTAL: 1\n", *ONE, malformed=("short",)),
    ok(40, "hash is data", HEADER + "#1,a,b\n", ("#1", "a", "b")),
    ok(
        41,
        "long line",
        GOOD + "2," + "x" * 2000 + ",b\n",
        *ONE,
        malformed=("too_long",),
        dialect={"max_line_bytes": 1000},
    ),
    refused(42, "endless line", HEADER + "x" * 20_000, "a line of more than", dialect={"max_line_bytes": 1000}),
    ok(45, "tab in csv", HEADER + "1,a\tb,c\n", ("1", "a\tb", "c")),
    ok(45, "comma in tsv", "id\tname\tnote\n1\ta,b\tc\n", ("1", "a,b", "c"), dialect={"delimiter": "\t"}),
)

HEADERS = (
    refused(23, "trailing delimiter", "id,name,note,\n1,a,b,\n", "trailingDelimiter"),
    ok(23, "trailing delimiter declared", "id,name,note,\n1,a,b,\n", *ONE, dialect={"trailing_delimiter": True}),
    refused(24, "name twice", "id,name,note,name\n1,a,b,c\n", "twice"),
    refused(25, "names but for case", "id,name,note,Name\n1,a,b,c\n", "equal but for case"),
    refused(26, "empty name", "id,,note\n1,a,b\n", "no name for field 2"),
    ok(27, "invisible characters", "\u200bid,\u00a0name ,no\u200dte\n1,a,b\n", *ONE),
    refused(27, "other spelling", "id,Naame,note\n1,a,b\n", "'Naame' where 'name' is expected"),
    ok(28, "other order", "note,id,name\nb,1,a\n", *ONE),
    refused(29, "column missing", "id,name\n1,a\n", "lacks 'note'"),
    refused(30, "column too many", "id,name,note,more\n1,a,b,c\n", "'more'"),
    ok(30, "column too many ignored", "id,name,note,more\n1,a,b,c\n", *ONE, dialect={"extra_columns": "ignore"}),
    refused(31, "no header", "1,a,b\n2,c,d\n", "looks like data"),
    ok(32, "header again", GOOD + HEADER + "2,c,d\n", *ONE, ("2", "c", "d"), malformed=("header_row",)),
    ok(33, "header only", HEADER),
    ok(34, "nothing at all", "", says="holds nothing"),
    ok(35, "only blank lines", "\n\n\n", says="not even a header"),
    ok(36, "blank lines between", HEADER + "\n1,a,b\n\n\n2,c,d\n", *ONE, ("2", "c", "d")),
    refused(38, "lines before the header", "a report\n\n" + GOOD, "looks like data"),
    ok(38, "lines before the header declared", "a report\n\n" + GOOD, *ONE, dialect={"skip_lines": 2}),
    refused(44, "other delimiter", GOOD.replace(",", ";"), "';'"),
)

CONTAINERS = (
    refused(47, "gzip cut short", PACKED[:-12], "damaged gzip", name="a.csv.gz"),
    refused(48, "gzip of wrong checksum", _bad_checksum(), "damaged gzip", name="a.csv.gz"),
    refused(48, "gzip of wrong length", PACKED[:-4] + b"\1\0\0\0", "damaged gzip", name="a.csv.gz"),
    refused(49, "gzip and more", PACKED + b"more", "other bytes follow", name="a.csv.gz"),
    ok(50, "gzip of two members", PACKED + gzip.compress(b"2,c,d\n", mtime=0), *ONE, ("2", "c", "d"), name="a.csv.gz"),
    ok(51, "plain named gz", GOOD, *ONE, says="not packed", name="a.csv.gz"),
    ok(51, "gzip named csv", PACKED, *ONE, says="a gzip file by its first bytes"),
    refused(52, "zip of two", _zip("a.csv", "b.csv"), "2 members"),
    refused(52, "web page", "<!DOCTYPE html><html><body>503</body></html>", "HTML"),
    refused(52, "spreadsheet", _zip("[Content_Types].xml", "xl/workbook.xml"), "Excel"),
    refused(53, "bomb", _bomb(), "more than 100 times", name="a.csv.gz", dialect={"max_expansion": 100}),
    refused(54, "7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 100, "7z"),
)

CASES = (*ENCODINGS, *NEWLINES, *QUOTES, *HEADERS, *CONTAINERS)
