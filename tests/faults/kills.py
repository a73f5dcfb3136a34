"""Kills at random moments: ingests of two deliveries, ended by SIGKILL again and again until one comes through."""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from tests.faults.driver import World
from tests.faults.invariants import Evidence, breaches
from tests.faults.scenario import FIRST, KEPT, SECOND, Delivery, lay
from tests.faults.snapshot import Snapshot, take

# A whole run of either delivery takes about this long on a quiet machine; kills fall all over it.
LONGEST_LIFE = 0.6


@dataclass
class Tally:
    """What a campaign did. A kill is counted where the process really ended by it."""

    kills: int = 0
    rounds: int = 0
    breaches: int = 0


def campaign(folder: Path, dice: random.Random, enough: Callable[[Tally], bool]) -> Tally:
    """Rounds of killed and finished runs until `enough`; every state in between must break no invariant.

    A round starts from an empty warehouse, lands the first delivery, then the second over it. Raises AssertionError
    with the breaches and the seed's place where one is found.
    """
    tally = Tally()
    reference: dict[str, Snapshot] = {}
    while not enough(tally):
        world = World(folder / f"round-{tally.rounds}")
        _under_fire(world, dice, tally, FIRST, (), enough)
        _finish(world, FIRST, (), reference, "first")
        _under_fire(world, dice, tally, SECOND, FIRST, enough)
        _finish(world, SECOND, KEPT, reference, "second")
        shutil.rmtree(world.folder)
        tally.rounds += 1
    return tally


def _under_fire(
    world: World,
    dice: random.Random,
    tally: Tally,
    files: tuple[Delivery, ...],
    kept: tuple[Delivery, ...],
    enough: Callable[[Tally], bool],
) -> None:
    lay(world.inbox, files)
    for _ in range(8):
        if enough(tally) or not killed(world, dice.uniform(0, LONGEST_LIFE)):
            return
        tally.kills += 1
        found = breaches(Evidence(take(world.database), files, kept, world.acknowledged()))
        assert not found, (tally, found)


def killed(world: World, seconds: float) -> bool:
    """Starts an ingest and kills it after so long; False where it had come through by then."""
    process = world.start()
    process.join(seconds)
    process.kill()
    process.join()
    return world.ended(process).code == -signal.SIGKILL


def _finish(
    world: World,
    files: tuple[Delivery, ...],
    kept: tuple[Delivery, ...],
    reference: dict[str, Snapshot],
    stage: str,
) -> None:
    ended = world.run()
    assert ended.code == 0, ended
    after = take(world.database)
    world.run()
    known = reference.setdefault(stage, after)
    found = breaches(
        Evidence(
            after,
            files,
            kept,
            world.acknowledged(),
            finished=True,
            rerun=take(world.database),
            elsewhere=[known.lasting],
            usage=ended.usage,
        )
    )
    assert not found, found


def for_seconds(seconds: float) -> Callable[[Tally], bool]:
    """Enough when so much time has passed since now."""
    end = monotonic() + seconds
    return lambda _: monotonic() > end


def for_kills(kills: int) -> Callable[[Tally], bool]:
    return lambda tally: tally.kills >= kills
