"""Each real file is found once, for one table, under the given paths only; and what is wrong is said per path."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from loaders.contracts.model import Contract, FileDate
from loaders.files.discovery import Discovery, discover

ContractOf = Callable[..., Contract]


@pytest.fixture
def orders(contract_of: ContractOf) -> Contract:
    return contract_of(orders=("orders*.csv",))


def put(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a\n1\n")
    return folder


def displays(found: Discovery) -> list[str]:
    return [candidate.display for candidate in found.candidates]


def reasons(found: Discovery) -> list[str]:
    return [str(refusal) for refusal in found.refused]


def test_files_of_a_folder_are_found_by_glob_sorted_by_table(tmp_path: Path, contract_of: ContractOf) -> None:
    put(tmp_path, "orders_2.csv", "a/orders_1.csv", "items.csv", "readme.md", ".orders.csv", "orders.csv.gz")
    contract = contract_of(orders=("orders*.csv",), items=("items.csv",))
    found = discover([tmp_path], [contract])
    assert displays(found) == ["items.csv", "a/orders_1.csv", "orders.csv.gz", "orders_2.csv"]
    assert [candidate.table.name for candidate in found.candidates] == ["items", "orders", "orders", "orders"]
    assert found.candidates[1].path == tmp_path / "a/orders_1.csv"
    assert (found.refused, found.unmatched, found.passed_over) == ((), (), ("readme.md",))


def test_a_file_given_by_itself_is_judged_by_its_name(tmp_path: Path, orders: Contract) -> None:
    put(tmp_path, "orders.csv", "other.csv")
    found = discover([tmp_path / "orders.csv", tmp_path / "other.csv"], [orders])
    assert (displays(found), found.unmatched) == (["orders.csv"], (str(tmp_path / "other.csv"),))


def test_paths_that_hold_nothing_are_named(tmp_path: Path, orders: Contract) -> None:
    given = [tmp_path, tmp_path / "absent.csv", tmp_path / "*.csv"]
    assert discover(given, [orders]).unmatched == tuple(map(str, given))


def test_a_given_glob_is_expanded_where_nothing_has_that_name(
    tmp_path: Path, orders: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "in/orders_1.csv", "in/orders_2.csv")
    assert displays(discover([tmp_path / "in/orders_?.csv"], [orders])) == ["orders_1.csv", "orders_2.csv"]
    monkeypatch.chdir(tmp_path)
    assert displays(discover([Path("*/orders_1.csv")], [orders])) == ["orders_1.csv"]


def test_a_file_of_two_tables_is_refused(tmp_path: Path, contract_of: ContractOf) -> None:
    put(tmp_path, "orders.csv")
    found = discover([tmp_path], [contract_of(orders=("orders*.csv", "*s.csv"), items=("*.csv",))])
    assert found.candidates == ()
    assert "the globs of several tables name this file: shop.orders, shop.items" in reasons(found)[0]


def test_bad_input_055_link_to_a_file_inside_the_folder(tmp_path: Path, orders: Contract) -> None:
    put(tmp_path, "real/data.csv")
    (tmp_path / "orders.csv").symlink_to(tmp_path / "real/data.csv")
    assert displays(discover([tmp_path], [orders])) == ["orders.csv"]


def test_bad_input_055_link_out_of_the_folder_is_refused(tmp_path: Path, orders: Contract) -> None:
    put(tmp_path, "outside/orders.csv", "in/orders_1.csv")
    (tmp_path / "in/orders_2.csv").symlink_to(tmp_path / "outside/orders.csv")
    (tmp_path / "in/more").symlink_to(tmp_path / "outside")
    found = discover([tmp_path / "in"], [orders])
    assert displays(found) == ["orders_1.csv"]
    assert [refusal.path for refusal in found.refused] == ["more", "orders_2.csv"]
    assert all("leads out of the given folder" in reason for reason in reasons(found))


def test_bad_input_056_link_loops_are_detected(tmp_path: Path, orders: Contract) -> None:
    put(tmp_path, "a/orders.csv")
    (tmp_path / "a/again").symlink_to(tmp_path)
    (tmp_path / "orders_x.csv").symlink_to(tmp_path / "orders_x.csv")
    found = discover([tmp_path], [orders])
    assert displays(found) == ["a/orders.csv"]
    assert "a/again: this folder was visited before" in reasons(found)[1]
    assert "orders_x.csv: cannot be opened: Too many levels of symbolic links" in reasons(found)[0]


def test_bad_input_056_deep_trees_are_cut(tmp_path: Path, orders: Contract) -> None:
    put(tmp_path, "/".join(["d"] * 70) + "/orders.csv", "d/orders.csv")
    found = discover([tmp_path], [orders])
    assert displays(found) == ["d/orders.csv"]
    assert "folders are more than 64 deep here" in reasons(found)[0]


def test_bad_input_057_what_is_no_regular_file_is_refused(
    tmp_path: Path, orders: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "orders_fifo.csv")
    os.mkfifo(tmp_path / "other_fifo.txt")
    put(tmp_path, "orders_dir.csv/orders.csv", "orders_ok.csv")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("orders_socket.csv")
        found = discover([tmp_path, tmp_path / "orders_fifo.csv"], [orders])
    assert displays(found) == ["orders_ok.csv"]
    assert [reason.partition(",")[0] for reason in reasons(found)] == [
        "orders_dir.csv: this is a directory",
        "orders_fifo.csv: this is a named pipe",
        "orders_socket.csv: this is a socket",
    ]


def test_bad_input_058_characters_of_globs_in_names_are_literal(tmp_path: Path, orders: Contract) -> None:
    names = ["orders[1].csv", "orders*.csv", "orders?.csv", "orders{a,b}.csv", "orders1.csv"]
    put(tmp_path, *names)
    assert displays(discover([tmp_path], [orders])) == sorted(names)
    assert displays(discover([tmp_path / "orders[1].csv"], [orders])) == ["orders[1].csv"]
    assert displays(discover([tmp_path / "orders*.csv"], [orders])) == ["orders*.csv"]


def test_bad_input_059_hostile_names_are_shown_on_one_line(tmp_path: Path, orders: Contract) -> None:
    put(tmp_path, "orders'; drop --.csv", 'orders".csv', "orders\nx.csv", "orders\x1b[31m.csv", "orders\\n.csv")
    assert set(displays(discover([tmp_path], [orders]))) == {
        "orders'; drop --.csv",
        'orders".csv',
        "orders\\nx.csv",
        "orders\\x1b[31m.csv",
        "orders\\\\n.csv",
    }


def test_bad_input_060_names_that_are_no_utf_8_are_escaped(tmp_path: Path, orders: Contract) -> None:
    name = os.fsdecode(b"orders\xff\xc3\xa9.csv")
    put(tmp_path, name)
    found = discover([tmp_path], [orders])
    assert displays(found) == ["orders\\xffé.csv"]
    assert found.candidates[0].path.read_bytes() == b"a\n1\n"


def test_bad_input_061_key_value_folders_are_only_folders(tmp_path: Path, contract_of: ContractOf) -> None:
    put(tmp_path, "dt=2024-01-01/orders.csv", "dt=2024-01-02/orders.csv")
    found = discover([tmp_path], [contract_of(orders=("dt=*/orders.csv",))])
    assert displays(found) == ["dt=2024-01-01/orders.csv", "dt=2024-01-02/orders.csv"]
    assert [column.name for column in found.candidates[0].table.columns] == ["a"]


def test_bad_input_062_paths_too_long_are_refused_and_others_go_on(tmp_path: Path, orders: Contract) -> None:
    put(tmp_path, "orders" + "x" * 245 + ".csv")
    found = discover([tmp_path, Path("/" + "x/" * 3000 + "orders.csv")], [orders])
    assert len(found.candidates) == 1
    assert found.unmatched or found.refused


def test_bad_input_067_each_file_once(tmp_path: Path, contract_of: ContractOf) -> None:
    put(tmp_path, "orders.csv")
    (tmp_path / "orders_again.csv").hardlink_to(tmp_path / "orders.csv")
    (tmp_path / "orders_link.csv").symlink_to(tmp_path / "orders.csv")
    contract = contract_of(orders=("orders*.csv", "*.csv"))
    found = discover([tmp_path, tmp_path, tmp_path / "orders.csv"], [contract])
    assert (displays(found), found.duplicates) == (["orders.csv"], ("orders_again.csv", "orders_link.csv"))


def test_bad_input_067_one_name_in_two_folders_is_two_files(tmp_path: Path, orders: Contract) -> None:
    put(tmp_path, "a/orders.csv", "b/orders.csv", "b/orders_1.csv")
    assert displays(discover([tmp_path], [orders])) == ["a/orders.csv", "b/orders.csv", "b/orders_1.csv"]
    apart = displays(discover([tmp_path / "a", tmp_path / "b"], [orders]))
    assert apart == [str(tmp_path / "a/orders.csv"), str(tmp_path / "b/orders.csv"), "orders_1.csv"]


def test_bad_input_068_composed_and_decomposed_names_are_two_files(tmp_path: Path, orders: Contract) -> None:
    put(tmp_path, "orders_e\u0301.csv", "orders_\u00e9.csv")
    assert len(discover([tmp_path], [orders]).candidates) == len(list(tmp_path.iterdir()))


def test_bad_input_069_permission_denied_is_said_per_path(
    tmp_path: Path, orders: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "closed/orders.csv", "orders.csv")
    read_folder = Path.iterdir

    def iterdir(folder: Path) -> object:
        if folder.name == "closed":
            raise PermissionError(13, "Permission denied")
        return read_folder(folder)

    # The account that runs the tests may be allowed everything.
    monkeypatch.setattr(Path, "iterdir", iterdir)
    found = discover([tmp_path], [orders])
    assert displays(found) == ["orders.csv"]
    assert "closed: cannot be read: Permission denied" in reasons(found)[0]


def test_bad_input_072_many_small_files_are_walked_without_opening_them(
    tmp_path: Path, orders: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, *(f"{number % 20}/orders_{number}.csv" for number in range(1000)))

    def refuse(*_: object, **__: object) -> int:
        raise AssertionError("discovery opens no file")

    monkeypatch.setattr(os, "open", refuse)
    assert len(discover([tmp_path], [orders]).candidates) == 1000


@pytest.mark.parametrize(
    ("name", "wanted", "expected"),
    [
        ("orders_20240229.csv", FileDate("_([0-9]{8})", "yyyyMMdd"), date(2024, 2, 29)),
        ("orders_1-2-24.csv", FileDate("_([0-9-]+)", "M-d-yy"), date(2024, 1, 2)),
        ("orders_20240230.csv", FileDate("_([0-9]{8})", "yyyyMMdd"), None),
        ("orders.csv", FileDate("_([0-9]{8})", "yyyyMMdd"), None),
        ("orders_2024.csv", FileDate("_([0-9]+)", "yyyyMMdd"), None),
    ],
)
def test_the_file_date_stands_in_the_name_or_the_file_is_refused(
    tmp_path: Path, contract_of: ContractOf, name: str, wanted: FileDate, expected: date | None
) -> None:
    put(tmp_path, name)
    found = discover([tmp_path], [contract_of(date=wanted, orders=("orders*.csv",))])
    assert [candidate.file_date for candidate in found.candidates] == ([expected] if expected else [])
    assert len(found.refused) == (expected is None)
