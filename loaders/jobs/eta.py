"""How long a job still takes, from how it goes now and from how fast the same work went before."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

# At this share of the work done, the run's own pace counts as much as history does.
_SHARE_OF_EQUAL_WEIGHT: Final = 0.1


@dataclass(slots=True)
class Meter:
    """Times one count of bytes and rows. `usual_*` are per second, of earlier jobs of the kind."""

    usual_bytes: float | None = None
    usual_rows: float | None = None
    started: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """Since the count started; never 0."""
        return max(time.monotonic() - self.started, 1e-9)

    def seconds_left(self, seconds: float, done: int, total: int | None, *, rows: bool) -> float | None:
        """The estimate after `seconds`; None while neither run nor history gives one. `rows`: not bytes."""
        if total is None or total <= 0:
            return None
        share = min(done / total, 1.0)
        usual = self.usual_rows if rows else self.usual_bytes
        by_pace = None if done <= 0 else seconds * (1 - share) / share
        by_history = None if not usual else (total - done) / usual
        if by_pace is None or by_history is None:
            return by_pace if by_history is None else max(by_history, 0.0)
        weight = share / (share + _SHARE_OF_EQUAL_WEIGHT)
        return max(weight * by_pace + (1 - weight) * by_history, 0.0)
