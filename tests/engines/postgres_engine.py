"""A PostgreSQL of our own: a fresh cluster on a free port of 127.0.0.1, gone when stopped.

The cluster's locale is C: lower(), upper() and ordering know ASCII only. `postgres-icu` is the same server with the
rules of a language, where `a` comes before `B`. What passes on both leans on no locale.
"""

from __future__ import annotations

import io
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg2
import pyarrow.parquet as pq

from tests.engines.base import About, Engine, EngineAbsent, driver_version, free_port

TYPES = {"string": "text", "int64": "bigint", "date32[day]": "date", "timestamp[us]": "timestamp"}
"""Arrow type of a landing column → ours here."""


class Postgres(Engine):
    adapter = "postgres"

    def __init__(self, icu_locale: str | None = None) -> None:
        self._binaries = _binaries()
        self._folder = Path(tempfile.mkdtemp(prefix="landfall-postgres-"))
        self._port = free_port()
        self._user = _server_user()
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        rules = ("--locale-provider=icu", f"--icu-locale={icu_locale}") if icu_locale else ()
        self._server("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C", "--encoding=UTF8", *rules)
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._server("pg_ctl", "-w", "-s", "-l", str(self._folder / "log"), "-o", options, "start")
        self._connection = psycopg2.connect(host="127.0.0.1", port=self._port, user="postgres", dbname="postgres")
        self._connection.autocommit = True
        self.run("set timezone to 'UTC'")
        number = self.rows("show server_version")[0][0].split()[0]
        name, sorting = ("postgres-icu", f" sorting by {icu_locale}") if icu_locale else ("postgres", "")
        self.about = About(name, "real engine", f"PostgreSQL {number}{sorting}, {driver_version('dbt-postgres')}")

    def _server(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), "-D", str(self._folder / "data"), *arguments]
        # pg_ctl's server keeps its pipes, so output is not captured but dropped; the log file has it.
        done = subprocess.run(
            command,
            user=self._user,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode != 0:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise EngineAbsent(f"{program} of {self._binaries} ended with exit code {done.returncode}")

    def profile(self) -> dict[str, Any]:
        return {
            "type": "postgres",
            "host": "127.0.0.1",
            "port": self._port,
            "user": "postgres",
            "password": "",
            "dbname": "postgres",
            "schema": "landfall",
            "threads": 2,
        }

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def run(self, sql: str) -> None:
        self.rows(sql)

    def load(self, schema: str, table: str, parquet: Path) -> None:
        file = pq.ParquetFile(parquet)
        columns = ", ".join(f'"{field.name}" {TYPES[str(field.type)]}' for field in file.schema_arrow)
        self.run(f"create schema if not exists {schema}")
        self.run(f"drop table if exists {schema}.{table} cascade")
        self.run(f"create table {schema}.{table} ({columns})")
        for batch in file.iter_batches(50_000):
            buffer = io.StringIO(_csv(batch.to_pylist()))
            with self._connection.cursor() as cursor:
                cursor.copy_expert(f"copy {schema}.{table} from stdin (format csv)", buffer)

    def stop(self) -> None:
        self._connection.close()
        self._server("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)


def _csv(records: list[dict[str, Any]]) -> str:
    """Every value quoted; None stays bare, which COPY reads as NULL and the quoted empty text as text."""
    lines = (",".join(map(_quoted, record.values())) for record in records)
    return "".join(f"{line}\n" for line in lines)


def _quoted(value: object) -> str:
    return "" if value is None else '"' + str(value).replace('"', '""') + '"'


def _binaries() -> Path:
    """Folder of initdb, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: -int(path.parts[-3]))
    if found:
        return found[0].parent
    path = shutil.which("initdb")
    if path is None:
        raise EngineAbsent("no PostgreSQL server here: run `make engines` (as root on Debian) or install one")
    return Path(path).resolve().parent


def _server_user() -> str | None:
    """Postgres refuses to run as root; None means as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise EngineAbsent("PostgreSQL does not run as root and there is no user called postgres") from None
