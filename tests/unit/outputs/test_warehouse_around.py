"""What is around a table at either side: what leans on it, and where the parts are on their way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from loaders.jobs.run import run_job
from loaders.outputs.checkpoint import Checkpoint
from loaders.outputs.model import Request
from loaders.outputs.run import materialize

if TYPE_CHECKING:
    from tests.unit.outputs.conftest import Other, Shop


def test_a_folder_named_like_a_pattern_or_a_partition_changes_nothing(shop: Shop, other: Other) -> None:
    place = replace(shop.place, checkpoint_dir=shop.folder / "a[b]*?c" / "state=XX" / "new=1")
    checkpoint = Checkpoint.new(place.checkpoint_dir, "job", Request(("order_totals",), "warehouse", "other"))
    with run_job(shop.store, "materialize", {}, shop.events.append, "job") as job:
        materialize(place, job, checkpoint)
    assert other.holds(shop, "marts.order_totals")
