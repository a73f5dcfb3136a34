"""Turns a file's bytes into UTF-8 text whose every line can be traced back to the bytes it was.

Undecodable bytes never become replacement characters: their line comes out as invalid UTF-8, which the scanner then
calls malformed, and the line's own bytes are kept beside it.
"""

from __future__ import annotations

import codecs
import itertools
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loaders.errors import FileRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UTF8_MARK = codecs.BOM_UTF8
NUL_HEAVY = 0.2
"""UTF-16 text of western languages is half NUL bytes; no text in UTF-8 comes near a fifth."""

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
STATEFUL = ("utf-7", "utf_7", "hz", "iso2022", "punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined")
"""Codecs whose lines mean nothing by themselves, so that no line could be traced back to its bytes."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """`codec` is a Python codec that never strips a mark; `mark` the bytes of the byte order mark that was found."""

    codec: str
    mark: bytes = b""
    strip_nul: bool = False

    @property
    def is_text_already(self) -> bool:
        """True where the file's own bytes are the text stream."""
        return self.codec == "utf-8" and not self.strip_nul

    def own(self, mark: str) -> bytes:
        """A line end in the file's own bytes."""
        return mark.encode(self.codec)


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines (but for the file's last): UTF-8 `text` and the file's `own` bytes of the same lines."""

    text: bytes
    own: bytes


def encoding_of(declared: str, head: bytes, display: str, *, strip_nul: bool) -> Encoding:
    """The encoding to read with. Raises FileRefused where the declared one cannot be the file's."""
    codec = _codec(declared, display)
    found = next(((mark, name) for mark, name in MARKS if head.startswith(mark)), None)
    if codec == "utf-8":
        _refuse_sixteen_bits(head, found, display)
        return Encoding("utf-8", UTF8_MARK if head.startswith(UTF8_MARK) else b"", strip_nul)
    if head.startswith(UTF8_MARK):
        raise _mismatch(display, declared, "utf-8")
    if codec in ("utf-16", "utf-32"):
        if found is None and head:
            reason = f"the contract says {declared}, but the file has no byte order mark"
            raise FileRefused(display, reason, hint=f"declare `encoding: {codec}-le` or `{codec}-be` in the contract")
        return Encoding(found[1] if found else f"{codec}-le", found[0] if found else b"", strip_nul)
    if codec.startswith(("utf-16", "utf-32")) and found:
        if found[1] != codec:
            raise _mismatch(display, declared, found[1])
        return Encoding(codec, found[0], strip_nul)
    return Encoding(codec, b"", strip_nul)


def _codec(declared: str, display: str) -> str:
    try:
        name = codecs.lookup(declared).name
        b"".decode(name)
    except LookupError as error:
        hint = "declare an encoding that Python knows, such as utf-8, utf-16, cp1252 or latin-1"
        raise FileRefused(display, f"unknown encoding {declared!r}", hint=hint) from error
    if name.startswith(STATEFUL):
        raise FileRefused(display, f"encoding {declared!r} cannot be read line by line", hint="convert it to utf-8")
    return "utf-8" if name == "utf-8-sig" else name


def _mismatch(display: str, declared: str, found: str) -> FileRefused:
    reason = f"the contract says {declared}, but the byte order mark says {found}"
    return FileRefused(display, reason, hint=f"declare `encoding: {found}` in the contract, or convert the file")


def _refuse_sixteen_bits(head: bytes, found: tuple[bytes, str] | None, display: str) -> None:
    if found is not None:
        name = found[1].removesuffix("-le").removesuffix("-be")
        reason = f"looks like {found[1].upper()} (byte order mark), the contract says utf-8"
        raise FileRefused(display, reason, hint=f"declare `encoding: {name}` in the contract", byte_offset=0)
    sample = head[: 64 * 1024]
    nuls = sample.count(0)
    if nuls > len(sample) * NUL_HEAVY:
        guess = "utf-16-le" if sample[1::2].count(0) > nuls // 2 else "utf-16-be"
        reason = f"{nuls} of the first {len(sample)} bytes are NUL: looks like {guess.upper()}, the contract says utf-8"
        hint = f"declare `encoding: {guess}` in the contract if that is what it is"
        raise FileRefused(display, reason, hint=hint, byte_offset=sample.index(0))


def pieces_of(blocks: Iterable[bytes], encoding: Encoding, line_end: str) -> Iterator[Piece]:
    """The text stream in whole lines; a block without any line end is joined to the next."""
    own_end = encoding.own(line_end)
    waiting: list[bytes] = []
    for block in blocks:
        waiting.append(block)
        # A line end may straddle two blocks, so the bytes before the block belong to the search.
        tail = waiting[-2][-len(own_end) :] if len(waiting) > 1 else b""
        if own_end not in tail + block:
            continue
        joined = b"".join(waiting)
        cut = last_line_end(joined, own_end)
        waiting = [joined[cut:]]
        if cut:
            yield to_piece(joined[:cut], encoding, line_end)
    rest = b"".join(waiting)
    if rest:
        yield to_piece(rest, encoding, line_end)


def last_line_end(own: bytes, own_end: bytes, before: int | None = None) -> int:
    """Offset after the last line end in `own` that starts on a character's boundary; 0 where there is none."""
    width = len(own_end)
    found = own.rfind(own_end, 0, before)
    while found >= 0 and found % width:
        found = own.rfind(own_end, 0, found + width - 1)
    return found + width if found >= 0 else 0


def line_starts(own: bytes, own_end: bytes) -> array[int]:
    """Offsets at which lines begin, and the end of `own` last."""
    width, starts, found = len(own_end), array("q", (0,)), own.find(own_end)
    while found >= 0:
        if found % width == 0:
            starts.append(found + width)
        found = own.find(own_end, found + 1)
    if starts[-1] != len(own):
        starts.append(len(own))
    return starts


def to_piece(own: bytes, encoding: Encoding, line_end: str) -> Piece:
    """`own` as UTF-8; the lines that cannot be decoded as bytes that are not valid UTF-8."""
    try:
        text = own if encoding.codec == "utf-8" else own.decode(encoding.codec).encode()
    except UnicodeDecodeError:
        own_end, end = encoding.own(line_end), line_end.encode()
        starts = line_starts(own, own_end)
        lines = [own[start:stop] for start, stop in itertools.pairwise(starts)]
        text = b"".join(_line(line, encoding.codec, own_end, end) for line in lines)
    return Piece(text.replace(b"\0", b"") if encoding.strip_nul else text, own)


def _line(line: bytes, codec: str, own_end: bytes, end: bytes) -> bytes:
    try:
        return line.decode(codec).encode()
    except UnicodeDecodeError:
        ended = line.endswith(own_end) and len(line) % len(own_end) == 0
        content = line.removesuffix(own_end) if ended else line
        text = content.decode(codec, "replace").replace("\ufffd", "\udcff").encode("utf-8", "surrogateescape")
        return text + (end if ended else b"")
