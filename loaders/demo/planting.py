"""Puts faults among the clean rows of a shop and says where in which file each one ended up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loaders.demo.faults import BLANK_LINES, KEYS, LINE_FAULTS, REFERENCES, RENAMED, ROW_FAULTS, TOLERATED, spoil
from loaders.demo.tables import STYLES

if TYPE_CHECKING:
    from loaders.demo.faults import LineFault
    from loaders.demo.shop import Shop
    from loaders.demo.tables import Row, TableStyle


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one record must not reach staging. `rule_id`, `column` and `value` are empty for malformed lines."""

    outcome: str
    reason: str
    rule_id: str = ""
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file as bytes with its newline; `is_row` says whether it counts as a landed row."""

    content: bytes
    faults: tuple[Fault, ...] = ()
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
    planter = _Planter(shop)
    for table, columns in ROW_FAULTS.items():
        for header, values in columns.items():
            allowed = len(shop.rows[table]) // 1000 if header in TOLERATED else len(values)
            for reason, value in list(values.items())[:allowed]:
                planter.spoil_value(table, header, reason, value)
    for table, header in REFERENCES:
        planter.orphan(table, header)
    for table, key in KEYS.items():
        planter.repeat(table, key)
    for line_fault in LINE_FAULTS:
        planter.spoil_line(line_fault)
    for table in BLANK_LINES:
        planter.leave_blank(table)
    return tuple(planter.files[name] for name in sorted(planter.files))


def locate(file: DemoFile) -> tuple[PlantedFault, ...]:
    """Where each fault of `file` stands, in file order."""
    found: list[PlantedFault] = []
    line, row_number = 2, 0
    for record in file.records:
        row_number += record.is_row
        number = row_number if record.is_row else None
        found += (PlantedFault(file.disk_name, file.table, line, number, fault) for fault in record.faults)
        line += record.content.count(b"\n")
    return tuple(found)


class _Planter:
    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.files: dict[str, DemoFile] = {}
        for table, rows in shop.rows.items():
            for row in rows:
                self._file_of(table, row).records.append(Record(STYLES[table].record(row)))

    def spoil_value(self, table: str, header: str, reason: str, value: str) -> None:
        row = self.shop.spare(table)
        file = self._file_of(table, row)
        faults = [_reject(header, reason, value)]
        if reason == "pattern" and (table, header) in REFERENCES:
            faults.append(_reject(header, "foreign_key", value))
        self._insert(file, Record(file.style.record({**row, header: value}), tuple(faults)))

    def orphan(self, table: str, header: str) -> None:
        row = self.shop.spare(table)
        unknown = self.shop.unknown_id()
        file = self._file_of(table, row)
        record = file.style.record({**row, header: unknown})
        self._insert(file, Record(record, (_reject(header, "foreign_key", unknown),)))

    def repeat(self, table: str, key: tuple[str, ...]) -> None:
        """The contract keeps the first row of a key, so the repetition stands further down in the same file."""
        row = self.shop.random.choice(self.shop.rows[table])
        file = self._file_of(table, row)
        original = file.style.record(row)
        first = next(index for index, record in enumerate(file.records) if record.content == original)
        name = "-".join(key)
        fault = Fault("duplicate", "duplicate", f"{name}.duplicate", name, ", ".join(row[header] for header in key))
        self._insert(file, Record(original, (fault,)), after=first)

    def spoil_line(self, line_fault: LineFault) -> None:
        row = self.shop.spare(line_fault.table)
        file = self._file_of(line_fault.table, row)
        content = spoil(line_fault.damage, file.style, file.style.record(row))
        self._insert(file, Record(content, (Fault("malformed", line_fault.kind),), is_row=False))

    def leave_blank(self, table: str) -> None:
        file = self._file_of(table, self.shop.rows[table][0])
        self._insert(file, Record(file.style.newline.encode(), is_row=False))

    def _file_of(self, table: str, row: Row) -> DemoFile:
        """The file that `row` goes into: one per month of purchase for orders, one per table for the rest."""
        style = STYLES[table]
        month = f"_{row['order_purchase_timestamp'][:7]}" if table == "orders" else ""
        name = f"{style.stem}{month}.csv"
        return self.files.setdefault(name, DemoFile(name, table, style))

    def _insert(self, file: DemoFile, record: Record, after: int = -1) -> None:
        file.records.insert(self.shop.random.randint(after + 1, len(file.records)), record)


def _reject(header: str, reason: str, value: str) -> Fault:
    column = RENAMED.get(header, header)
    return Fault("reject", reason, f"{column}.{reason}", column, value)
