"""Puts faults among the clean rows of a shop and says where in which file each one ended up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loaders.demo.faults import DUPLICATES, LINE_FAULTS, ORPHANS, ROW_FAULTS, spoil
from loaders.demo.tables import STYLES

if TYPE_CHECKING:
    from loaders.demo.faults import LineFault, RowFault
    from loaders.demo.shop import Shop
    from loaders.demo.tables import Row, TableStyle


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one record must not reach staging. `rule_id` and `column` are empty for malformed lines."""

    outcome: str
    reason: str
    rule_id: str = ""
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file as bytes with its newline; `is_row` says whether it counts as a landed row."""

    content: bytes
    fault: Fault | None = None
    is_row: bool = True


@dataclass(slots=True)
class DemoFile:
    """One file to write: its records in order, without the header."""

    name: str
    table: str
    style: TableStyle
    records: list[Record] = field(default_factory=list)

    @property
    def disk_name(self) -> str:
        return f"{self.name}.gz" if self.style.gzip else self.name

    def content(self) -> bytes:
        """The whole file, uncompressed."""
        body = self.style.header_record() + b"".join(record.content for record in self.records)
        if not self.style.final_newline:
            body = body.removesuffix(self.style.newline.encode())
        return (b"\xef\xbb\xbf" if self.style.byte_order_mark else b"") + body


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """Where a fault stands: `line` is the 1-based physical line, `row_number` counts well-formed rows or is None."""

    file: str
    table: str
    line: int
    row_number: int | None
    fault: Fault


def plant(shop: Shop) -> tuple[DemoFile, ...]:
    """The demo's files with every fault in place, sorted by name. Draws positions from the shop's generator."""
    files: dict[str, DemoFile] = {}
    for table, rows in shop.rows.items():
        for row in rows:
            _file_of(files, table, row).records.append(Record(STYLES[table].record(row)))
    for row_fault in ROW_FAULTS:
        _plant_row_fault(shop, files, row_fault)
    for table, column in ORPHANS:
        _plant_orphan(shop, files, table, column)
    for table, columns in DUPLICATES:
        _plant_duplicate(shop, files, table, columns)
    for line_fault in LINE_FAULTS:
        _plant_line_fault(shop, files, line_fault)
    return tuple(files[name] for name in sorted(files))


def locate(file: DemoFile) -> tuple[PlantedFault, ...]:
    """Where each fault of `file` stands, in file order."""
    found: list[PlantedFault] = []
    line, row_number = 2, 0
    for record in file.records:
        row_number += record.is_row
        if record.fault:
            number = row_number if record.is_row else None
            found.append(PlantedFault(file.disk_name, file.table, line, number, record.fault))
        line += record.content.count(b"\n")
    return tuple(found)


def _file_of(files: dict[str, DemoFile], table: str, row: Row) -> DemoFile:
    """The file that `row` goes into: one per month of purchase for orders, one per table for the rest."""
    style = STYLES[table]
    month = f"_{row['order_purchase_timestamp'][:7]}" if table == "orders" else ""
    name = f"{style.stem}{month}.csv"
    return files.setdefault(name, DemoFile(name, table, style))


def _insert(shop: Shop, file: DemoFile, record: Record, after: int = -1) -> None:
    file.records.insert(shop.random.randint(after + 1, len(file.records)), record)


def _plant_row_fault(shop: Shop, files: dict[str, DemoFile], row_fault: RowFault) -> None:
    row = shop.spare(row_fault.table)
    file = _file_of(files, row_fault.table, row)
    row[row_fault.header] = row_fault.value
    fault = Fault(
        "reject", row_fault.reason, f"{row_fault.column}.{row_fault.reason}", row_fault.column, row_fault.value
    )
    _insert(shop, file, Record(file.style.record(row), fault))


def _plant_orphan(shop: Shop, files: dict[str, DemoFile], table: str, column: str) -> None:
    row = shop.spare(table)
    row[column] = shop.unknown_id()
    fault = Fault("reject", "foreign_key", f"{column}.foreign_key", column, row[column])
    file = _file_of(files, table, row)
    _insert(shop, file, Record(file.style.record(row), fault))


def _plant_duplicate(shop: Shop, files: dict[str, DemoFile], table: str, columns: tuple[str, ...]) -> None:
    """Repeats a clean row further down in its file, where the contract keeps the first."""
    row = shop.random.choice(shop.rows[table])
    file = _file_of(files, table, row)
    original = file.style.record(row)
    first = next(index for index, record in enumerate(file.records) if record.content == original)
    name = "-".join(columns)
    _insert(
        shop, file, Record(original, Fault("duplicate", "duplicate", f"{name}.duplicate", name, row[columns[0]])), first
    )


def _plant_line_fault(shop: Shop, files: dict[str, DemoFile], line_fault: LineFault) -> None:
    row = shop.spare(line_fault.table)
    file = _file_of(files, line_fault.table, row)
    content = spoil(line_fault.kind, file.style, file.style.record(row))
    _insert(shop, file, Record(content, Fault("malformed", line_fault.kind), is_row=False))
