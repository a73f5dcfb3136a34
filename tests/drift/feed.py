"""Feeds published files to a warehouse one version after the other, as a folder sees them."""

from __future__ import annotations

import json
import random
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from loaders.contracts.read import read_contract
from loaders.landing.land import LandingSettings
from tests.faults.driver import World

CONTRACT = Path(__file__).with_name("csse.odcs.yaml")
STAGING = "staging.stg_csse__daily_reports"
REJECTS = "rejects.rej_csse__daily_reports"
# When a row landed, and on which day it was refused, is a run's own business.
_OF_A_RUN = "_job_id, _landed_at, reject_date"


@dataclass(frozen=True)
class Version:
    """One published version of one day's file."""

    file: str
    published: str
    content: bytes


def restatements(archive: Path) -> list[Version]:
    """Every version of every day, in order of publication."""
    with tarfile.open(archive) as packed:
        contents = {member.name: packed.extractfile(member) for member in packed if member.isfile()}
        raw = {name: file.read() for name, file in contents.items() if file is not None}
    manifest = json.loads(next(content for name, content in raw.items() if name.endswith("MANIFEST.json")))
    versions = [Version(each["file"], each["published"], _content(raw, each)) for each in manifest]
    return sorted(versions, key=lambda version: (version.published, version.file))


def _content(raw: dict[str, bytes], entry: dict[str, Any]) -> bytes:
    prefix = f"{entry['file'].removesuffix('.csv')}/v{entry['version']:02}_"
    return next(content for name, content in raw.items() if prefix in name)


def last_of_each(versions: Sequence[Version]) -> list[Version]:
    """The version of each day that stands in the end."""
    return list({version.file: version for version in versions}.values())


# Some of the files are larger than this window.
SMALL_WINDOWS = LandingSettings(window_bytes=128 * 2**10, group_bytes=2**20, group_files=50, threads=2)


def csse_world(folder: Path, settings: LandingSettings = SMALL_WINDOWS) -> World:
    """A world of the CSSE contract."""
    world = World(folder, read_contract(CONTRACT), settings, lock_timeout=60)
    world.inbox.mkdir(parents=True)
    return world


def deliver(world: World, version: Version) -> None:
    """Puts a version where the one before lies."""
    (world.inbox / version.file).write_bytes(version.content)


def feed(world: World, versions: Sequence[Version], dice: random.Random | None = None) -> Iterator[int]:
    """Delivers and ingests one version after the other; with `dice`, ingests are killed now and then.

    Yields the number of versions that came through so far.
    """
    for number, version in enumerate(versions, start=1):
        deliver(world, version)
        if dice is not None and dice.random() < 0.3:
            process = world.start(order=[version.file])
            process.join(dice.uniform(0, 0.3))
            process.kill()
            process.join()
            # The folder moves on, whether or not that one landed.
            continue
        ended = world.run(order=[version.file])
        assert ended.code == 0, (version.file, version.published, ended)
        yield number


def landed(database: Path) -> list[tuple[Any, ...]]:
    """What readers see of landing, row by row."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            "select rows.* exclude (_job_id, _landed_at), path from landing.csse__daily_reports as rows "
            "join landing.ledger on _landed_file_id = file_id where state = 'landed' order by all"
        ).fetchall()


def table(database: Path, name: str) -> list[tuple[Any, ...]]:
    """A built table without what depends on the run."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            f"select columns(lambda name: name not in ({', '.join(repr(each) for each in _OF_A_RUN.split(', '))})) "
            f"from {name} order by all"
        ).fetchall()
