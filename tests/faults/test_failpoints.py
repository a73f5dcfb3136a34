"""A fault at every named step of landing: afterwards nothing is lost, doubled or half there, and one run mends all."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.driver import World
from tests.faults.invariants import Evidence, breaches
from tests.faults.scenario import FIRST, KEPT, SECOND, Delivery, lay
from tests.faults.snapshot import Snapshot, take

# The other engines' units have failpoints too; their own tests, which need a server, reach those.
ROOMS = ("landing", "warehouses/duckdb")
LAST = -1
# What a fault may look like from outside, per action.
ENDINGS = {"kill": -9, "exit": 137, "raise-ENOSPC": 3, "interrupt": 130}
FAULTS = {
    "first": (("kill", 1), ("kill", 2), ("kill", LAST), ("exit", 1), ("raise-ENOSPC", LAST), ("interrupt", 2)),
    "second": (("kill", 1), ("kill", LAST)),
}


def names_in_source(repository: Path) -> set[str]:
    """Every failpoint that the rooms of landing have."""
    return {
        name
        for room in ROOMS
        for path in (repository / "loaders" / room).rglob("*.py")
        for name in re.findall(r'failpoint\("([^"]+)"\)', path.read_text())
    }


NAMES = sorted(names_in_source(Path(__file__).resolve().parents[2]))


@dataclass(frozen=True)
class Stage:
    """What one undisturbed run over a delivery reaches and leaves; faults start from a copy of `before`."""

    before: Path
    deliveries: tuple[Delivery, ...]
    kept: tuple[Delivery, ...]
    hits: Counter[str]
    after: Snapshot

    def copy_to(self, folder: Path) -> World:
        shutil.copytree(self.before, folder)
        return World(folder)


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stage]:
    """An empty warehouse before the first delivery, and a filled one before the second."""
    folder = tmp_path_factory.mktemp("stages")
    empty = World(folder / "empty")
    lay(empty.inbox, FIRST)
    filled, first_run = _run_a_copy(empty, folder / "filled")
    lay(filled.inbox, SECOND)
    filled.hits.unlink()
    done, second_run = _run_a_copy(filled, folder / "done")
    return {
        "first": Stage(empty.folder, FIRST, (), first_run, take(filled.database)),
        "second": Stage(filled.folder, SECOND, KEPT, second_run, take(done.database)),
    }


def _run_a_copy(world: World, folder: Path) -> tuple[World, Counter[str]]:
    shutil.copytree(world.folder, folder)
    copy = World(folder)
    ended = copy.run()
    assert ended.code == 0, ended
    return copy, Counter(copy.hits_of())


def test_an_undisturbed_run_breaks_no_invariant(stages: dict[str, Stage]) -> None:
    for stage in stages.values():
        assert breaches(Evidence(stage.after, stage.deliveries, stage.kept, finished=True)) == []


def test_every_failpoint_is_reached(stages: dict[str, Stage]) -> None:
    never = set(NAMES) - {name for stage in stages.values() for name in stage.hits} - REACHED_BY_OTHERS
    assert not never


REACHED_BY_OTHERS = {"landing.forgotten"}
"""Failpoints of other commands than ingest: test_care.py reaches them."""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in REACHED_BY_OTHERS])
@pytest.mark.parametrize("stage", ["first", "second"])
def test_a_fault_at_any_step_loses_and_doubles_nothing(
    stages: dict[str, Stage], tmp_path: Path, stage: str, name: str
) -> None:
    reference = stages[stage]
    hits = reference.hits[name]
    tried = set()
    for action, nth in FAULTS[stage]:
        at = hits if nth == LAST else nth
        if (action, at) in tried or not 1 <= at <= hits:
            continue
        tried.add((action, at))
        _fault_and_recovery(reference, tmp_path / f"{action}-{at}", f"{name}={action}:{at}", ENDINGS[action])


def _fault_and_recovery(stage: Stage, folder: Path, failpoint: str, ending: int) -> None:
    world = stage.copy_to(folder)
    ended = world.run(failpoint)
    assert ended.code == ending, (failpoint, ended)
    interrupted = Evidence(take(world.database), stage.deliveries, _either(stage), world.acknowledged())
    assert breaches(interrupted) == [], failpoint
    mended = world.run()
    assert mended.code == 0, (failpoint, mended)
    after = take(world.database)
    world.run()
    seen = Evidence(
        after,
        stage.deliveries,
        stage.kept,
        world.acknowledged(),
        finished=True,
        rerun=take(world.database),
        elsewhere=[stage.after.lasting],
        usage=mended.usage,
    )
    assert breaches(seen) == [], failpoint
    shutil.rmtree(folder)


def _either(stage: Stage) -> tuple[Delivery, ...]:
    """Until a run has finished, versions of the delivery before may be the ones in sight."""
    return stage.kept + (FIRST if stage.deliveries is SECOND else ())
