"""Gzip, zstd and zip are unpacked by their first bytes and checked to the last; all else is refused by name."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from loaders.contracts.model import Table
from loaders.errors import FileRefused
from loaders.files.reading import FileReader

DATA = b"id,name\n1,a\n2,b\n"
ROWS = [["1", "a"], ["2", "b"]]

Read = Callable[..., Any]
TableOf = Callable[..., Table]


def zstd(data: bytes) -> bytes:
    return bytes(pyarrow.compress(data, codec="zstd", asbytes=True))


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stored.getvalue()


def tarred(data: bytes) -> bytes:
    stored = io.BytesIO()
    with tarfile.open(fileobj=stored, mode="w") as archive:
        info = tarfile.TarInfo("a.csv")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return stored.getvalue()


@pytest.fixture
def table(table_of: TableOf) -> Table:
    return table_of("id", "name")


@pytest.mark.parametrize(
    ("name", "stored", "container"),
    [
        ("a.csv", DATA, "none"),
        ("a.csv.gz", gzip.compress(DATA, mtime=0), "gzip"),
        ("a.csv.zst", zstd(DATA), "zstd"),
        ("a.csv.zip", zipped(("inner.txt", DATA)), "zip"),
    ],
)
def test_each_container_gives_the_same_rows(read: Read, table: Table, name: str, stored: bytes, container: str) -> None:
    reading = read(stored, table, name=name)
    assert (reading.rows, reading.preamble.container, reading.preamble.warnings) == (ROWS, container, ())
    assert (reading.end.content_bytes, reading.end.raw_bytes) == (len(DATA), len(stored))


@pytest.mark.parametrize("first", [0x50, 0x5F])
def test_frames_that_zstd_skips_hold_no_data(read: Read, table: Table, first: int) -> None:
    skipped = bytes((first, 0x2A, 0x4D, 0x18)) + struct.pack("<I", 5) + b"\x28\xb5\x2f\xfdx"
    half = len(DATA) // 2
    for stored in (
        skipped + zstd(DATA),
        skipped * 2 + zstd(DATA) + skipped,
        skipped + zstd(DATA[:half]) + skipped + zstd(DATA[half:]),
    ):
        reading = read(stored, table, name="a.csv.zst")
        assert (reading.rows, reading.preamble.container, reading.preamble.warnings) == (ROWS, "zstd", ())
    with pytest.raises(FileRefused, match="damaged zstd file"):
        read(skipped + b"id,name\n1,a\n", table)


def test_bad_input_047_gzip_cut_short(read: Read, table: Table) -> None:
    whole = gzip.compress(DATA * 1000)
    for size in (*range(2, 30), len(whole) // 2, *range(len(whole) - 9, len(whole))):
        with pytest.raises(FileRefused, match="damaged gzip file: it ends in the middle"):
            read(whole[:size], table)


@pytest.mark.parametrize(("at", "message"), [(-8, "incorrect data check"), (-4, "incorrect length check")])
def test_bad_input_048_gzip_with_wrong_checksum_or_length(read: Read, table: Table, at: int, message: str) -> None:
    stored = bytearray(gzip.compress(DATA))
    stored[at] ^= 1
    with pytest.raises(FileRefused, match=message):
        read(bytes(stored), table)


def test_bad_input_049_gzip_with_trailing_bytes(read: Read, table: Table) -> None:
    with pytest.raises(FileRefused, match="other bytes follow its end"):
        read(gzip.compress(DATA) + b"garbage", table)
    assert read(gzip.compress(DATA) + b"\0" * 512, table).rows == ROWS


def test_bad_input_050_gzip_of_several_members(read: Read, table: Table) -> None:
    stored = b"".join(gzip.compress(DATA[start : start + 3]) for start in range(0, len(DATA), 3))
    assert read(stored + gzip.compress(b""), table).rows == ROWS


def test_bad_input_051_first_bytes_beat_the_name(read: Read, table: Table) -> None:
    plain = read(DATA, table, name="a.csv.gz")
    assert (plain.rows, plain.preamble.warnings) == (
        ROWS,
        ("named like a gzip file, but it is not packed; read as it is",),
    )
    packed = read(gzip.compress(DATA), table, name="a.csv")
    assert packed.rows == ROWS
    assert packed.preamble.warnings == ("a gzip file by its first bytes, whatever its name; unpacked",)


def test_a_container_the_contract_rules_out_is_refused(read: Read, table_of: TableOf) -> None:
    with pytest.raises(FileRefused, match="contract says compression none, but this is a gzip file"):
        read(gzip.compress(DATA), table_of("id", "name", compression="none"))
    with pytest.raises(FileRefused, match="contract says compression gzip, but this is not packed"):
        read(DATA, table_of("id", "name", compression="gzip"))


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (zipped(("[Content_Types].xml", b""), ("xl/workbook.xml", b"")), "Excel or Office document"),
        (zipped(("a.csv", DATA), ("b.csv", DATA)), "zip archive with 2 members instead of one"),
        (zipped(), "zip archive with 0 members"),
        (tarred(DATA), "tar archive"),
        (gzip.compress(tarred(DATA), mtime=0), "tar archive"),
        (gzip.compress(gzip.compress(DATA, mtime=0), mtime=0), "a gzip file inside gzip"),
        (b"\n <!DOCTYPE html>\n<html><body>404</body></html>", "HTML or XML page"),
        (b'<?xml version="1.0"?>\n<error/>', "HTML or XML page"),
        (b"%PDF-1.7\n", "PDF document"),
        (b"PAR1\x15\x04", "Parquet file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "old Excel or Office file"),
        (b"SQLite format 3\0", "SQLite database"),
    ],
)
def test_bad_input_052_other_kinds_of_file_are_refused_by_name(
    read: Read, table: Table, stored: bytes, message: str
) -> None:
    with pytest.raises(FileRefused, match=message):
        read(stored, table)


def test_folders_and_resource_forks_are_no_members(read: Read, table: Table) -> None:
    stored = zipped(("data/", b""), ("data/a.csv", DATA), ("__MACOSX/data/._a.csv", b"fork"))
    assert read(stored, table).rows == ROWS


@pytest.mark.parametrize("pack", [gzip.compress, zstd, lambda data: zipped(("a.csv", data))])
def test_bad_input_053_bombs_stop_at_the_declared_ratio(
    tmp_path: Path, table_of: TableOf, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(pack(b"id,name\n" + b"1,a\n" * 5_000_000))
    with FileReader.open(path, "bomb", table_of("id", "name", max_expansion=10)) as reader:
        reader.prepare()
        with pytest.raises(FileRefused, match="unpacks to more than 10 times its size"):
            reader.finish()


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (b"7z\xbc\xaf\x27\x1c\0\x04", "7z archive"),
        (b"Rar!\x1a\x07\x01\0", "RAR archive"),
        (b"BZh91AY&SY", "bzip2 file"),
        (b"\xfd7zXZ\0\0", "xz file"),
        (b"Salted__12345678", "encrypted file"),
        (b"-----BEGIN PGP MESSAGE-----\n", "encrypted file"),
    ],
)
def test_bad_input_054_encrypted_and_other_archives(read: Read, table: Table, stored: bytes, message: str) -> None:
    with pytest.raises(FileRefused, match=message):
        read(stored, table)


def test_bad_input_054_encrypted_zip(read: Read, table: Table) -> None:
    stored = bytearray(zipped(("a.csv", DATA)))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = stored.index(signature) + at
        stored[place : place + 2] = struct.pack("<H", 1)
    with pytest.raises(FileRefused, match="encrypted zip archive"):
        read(bytes(stored), table)


def test_damaged_zip_and_zstd(read: Read, table: Table) -> None:
    stored = bytearray(zipped(("a.csv", DATA), method=zipfile.ZIP_STORED))
    stored[stored.index(b"2,b")] = ord("9")
    with pytest.raises(FileRefused, match="damaged zip file: Bad CRC-32"):
        read(bytes(stored), table)
    with pytest.raises(FileRefused, match="damaged zip file"):
        read(bytes(zipped(("a.csv", DATA))[:-10]), table)
    with pytest.raises(FileRefused, match="damaged zstd file"):
        read(zstd(DATA * 1000)[:-3], table)
    with pytest.raises(FileRefused, match="damaged zstd file"):
        read(zstd(DATA) + b"garbage", table)


def test_zstd_of_several_frames(read: Read, table: Table) -> None:
    assert read(zstd(DATA[:9]) + zstd(DATA[9:]), table).rows == ROWS
