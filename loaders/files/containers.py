"""Opens what a file's bytes are packed in: nothing, gzip, zstd or zip with one member. Magic bytes decide, not names.

Every packed stream is checked to its last byte: gzip's CRC and length (zlib does so at each member's end), zstd's
frames, zip's CRC. What unpacks to more than the contract's ratio is refused before it fills memory or disk.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Literal

from loaders.errors import FileRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loaders.files.rawfile import RawFile

Container = Literal["none", "gzip", "zstd", "zip"]

BLOCK_BYTES = 4 * 1024 * 1024
SMALLEST_BOMB_BYTES = 16 * 1024 * 1024
"""Below this an unpacked file is never called a bomb: tiny files of one repeated line have absurd ratios."""

PACKED: tuple[tuple[bytes, Container], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    # Frames that decoders skip; parallel compressors begin with one.
    *((bytes((first, 0x2A, 0x4D, 0x18)), "zstd") for first in range(0x50, 0x60)),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
)
GZIP_WINDOW = zlib.MAX_WBITS | 16
SUFFIXES: dict[str, Container] = {".gz": "gzip", ".zst": "zstd", ".zip": "zip"}
FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Office file", "save it as CSV"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it"),
    (b"BZh", "a bzip2 file", "unpack it, or pack it with gzip"),
    (b"\xfd7zXZ\x00", "an xz file", "unpack it, or pack it with gzip"),
    (b"\x04\x22\x4d\x18", "an lz4 file", "unpack it, or pack it with gzip"),
    (b"%PDF-", "a PDF document", "ask for the table as CSV"),
    (b"PAR1", "a Parquet file", "export it as CSV"),
    (b"ARROW1", "an Arrow file", "export it as CSV"),
    (b"Obj\x01", "an Avro file", "export it as CSV"),
    (b"ORC", "an ORC file", "export it as CSV"),
    (b"SQLite format 3\x00", "an SQLite database", "export its table as CSV"),
    (b"Salted__", "an encrypted file", "decrypt it first"),
    (b"age-encryption.org/", "an encrypted file", "decrypt it first"),
    (b"-----BEGIN PGP MESSAGE", "an encrypted file", "decrypt it first"),
)
MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|\?xml)\b", re.IGNORECASE)
ORC_HEADS = re.compile(rb"ORC[\x00-\x1f]")


def container_of(head: bytes) -> Container:
    """What the first bytes say the file is packed in."""
    return next((container for magic, container in PACKED if head.startswith(magic)), "none")


def refuse_foreign(head: bytes, display: str) -> None:
    """Raises FileRefused where `head` (512 bytes, unpacked) opens a kind of file that is no delimited text."""
    for magic, kind, advice in FOREIGN:
        if head.startswith(magic) and (magic != b"ORC" or ORC_HEADS.match(head)):
            raise FileRefused(display, f"this is {kind}, not delimited text", hint=advice)
    if head[257:262] == b"ustar":
        raise FileRefused(display, "this is a tar archive, not delimited text", hint="unpack it")
    if MARKUP.match(head):
        what = "an HTML or XML page, perhaps an error message saved in place of the data"
        raise FileRefused(display, f"this is {what}", hint="open it in a text editor, then fetch the file again")


def unpacked(raw: RawFile, container: Container, max_expansion: int) -> Iterator[bytes]:
    """The file's bytes, unpacked, in non-empty blocks of at most 4 MiB.

    Raises FileRefused for damaged, encrypted or trailing bytes and past `max_expansion` times the packed size.
    """
    allowed = max(raw.stat.size_bytes * max_expansion, SMALLEST_BOMB_BYTES)
    openers = {"none": _plain, "gzip": _gunzipped, "zstd": _unzstd, "zip": _unzipped}
    total = 0
    for block in openers[container](raw):
        if total == 0 and container != "none":
            _refuse_nested(block, raw.display, container)
        total += len(block)
        if container != "none" and total > allowed:
            reason = f"unpacks to more than {max_expansion} times its size"
            hint = "check that it is no decompression bomb; if it is right, raise maxExpansion in the contract"
            raise FileRefused(raw.display, reason, hint=hint)
        yield block


def _refuse_nested(head: bytes, display: str, container: Container) -> None:
    inner = container_of(head)
    if inner != "none":
        raise FileRefused(display, f"a {inner} file inside {container}", hint="unpack it once")


def _plain(raw: RawFile) -> Iterator[bytes]:
    offset = 0
    while block := raw.read_at(offset, BLOCK_BYTES):
        yield block
        offset += len(block)


def _damaged(raw: RawFile, container: str, detail: str) -> FileRefused:
    return FileRefused(
        raw.display, f"damaged {container} file: {detail}", hint="nothing of it was landed; fetch the file again"
    )


def _gunzipped(raw: RawFile) -> Iterator[bytes]:
    """All members of a gzip file; zero padding after the last is accepted as gzip itself does."""
    inflater = zlib.decompressobj(GZIP_WINDOW)
    for packed in _plain(raw):
        pending = packed
        while pending:
            if inflater.eof:
                pending = pending.lstrip(b"\0")
                if not pending:
                    break
                if not pending.startswith(b"\x1f"):
                    raise _damaged(raw, "gzip", "other bytes follow its end")
                inflater = zlib.decompressobj(GZIP_WINDOW)
            yield from _inflated(inflater, pending, raw)
            pending = inflater.unused_data
    if not inflater.eof:
        raise _damaged(raw, "gzip", "it ends in the middle")


def _inflated(inflater: zlib._Decompress, packed: bytes, raw: RawFile) -> Iterator[bytes]:
    """Everything `packed` gives up to the member's end, in bounded blocks."""
    while True:
        try:
            block = inflater.decompress(packed, BLOCK_BYTES)
        except zlib.error as error:
            raise _damaged(raw, "gzip", str(error)) from error
        if block:
            yield block
        packed = inflater.unconsumed_tail
        if inflater.eof or not (block or packed):
            return


def _unzstd(raw: RawFile) -> Iterator[bytes]:
    # pyarrow is needed for output anyway and carries the reference zstd; imported here because few files need it.
    import pyarrow

    with pyarrow.CompressedInputStream(pyarrow.PythonFile(raw.as_stream(), mode="r"), "zstd") as stream:
        while True:
            try:
                block = stream.read(BLOCK_BYTES)
            except OSError as error:
                raise _damaged(raw, "zstd", str(error)) from error
            if not block:
                return
            yield block


def _unzipped(raw: RawFile) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BufferedReader(raw.as_stream())) as archive:
            member = _only_member(archive, raw.display)
            with archive.open(member) as stream:
                while block := stream.read(BLOCK_BYTES):
                    yield block
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _damaged(raw, "zip", str(error)) from error


def _only_member(archive: zipfile.ZipFile, display: str) -> zipfile.ZipInfo:
    names = archive.namelist()
    if "[Content_Types].xml" in names:
        raise FileRefused(display, "this is an Excel or Office document", hint="save it as CSV")
    if "mimetype" in names and "content.xml" in names:
        raise FileRefused(display, "this is an OpenDocument file", hint="save it as CSV")
    # macOS adds a folder of resource forks that holds no data.
    members = [info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        raise FileRefused(display, f"a zip archive with {len(members)} members instead of one", hint="unpack it")
    member = members[0]
    if member.flag_bits & 1:
        raise FileRefused(display, "an encrypted zip archive", hint="unpack it with its password first")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileRefused(display, f"a zip archive of compression method {member.compress_type}", hint="unpack it")
    return member
