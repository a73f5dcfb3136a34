"""Kills at random moments, as many as fit into continuous integration; `make soak` runs 2,000."""

from __future__ import annotations

import random
from pathlib import Path

from tests.faults.driver import World
from tests.faults.invariants import Evidence, breaches
from tests.faults.kills import campaign, for_kills
from tests.faults.scenario import FIRST, lay
from tests.faults.snapshot import take


def test_kills_at_random_moments_lose_and_double_nothing(tmp_path: Path) -> None:
    tally = campaign(tmp_path, random.Random(4), for_kills(50))
    assert tally.kills >= 50
    assert tally.rounds >= 1


def test_the_order_of_files_makes_no_difference(tmp_path: Path) -> None:
    names = [delivery.name for delivery in FIRST]
    states = []
    for number, order in enumerate((names, names[::-1], names[3:] + names[:3])):
        world = World(tmp_path / str(number))
        lay(world.inbox, FIRST)
        # One after the other: within one run the files of a table are sorted.
        for name in order:
            assert world.run(order=[name]).code == 0
        states.append(take(world.database))
    first, *others = states
    seen = Evidence(first, FIRST, finished=True, elsewhere=[other.lasting for other in others])
    assert breaches(seen) == []
