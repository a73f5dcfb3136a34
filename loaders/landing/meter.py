"""How far an ingest has come, in bytes of files as stored, told to its job."""

from __future__ import annotations

from loaders.jobs.model import JobReporter, Progress


class Meter:
    """Counts bytes and rows over all files and reports them; hears what the job is asked to do."""

    def __init__(self, job: JobReporter) -> None:
        self._job = job
        self._bytes_total = 0
        self._bytes_of_ended_files = 0
        self._rows = 0
        self._file: str | None = None
        self._table: str | None = None
        self._size = 0

    def expect(self, bytes_total: int) -> None:
        """How many bytes there are to read."""
        self._bytes_total = bytes_total

    def start_file(self, file: str, table: str, size_bytes: int) -> None:
        self._file, self._table, self._size = file, table, size_bytes

    def hashing(self, _bytes_done: int = 0) -> None:
        """The current file is being hashed; its bytes count when they land."""
        self._tell("hash", 0)

    def landing(self, text_bytes: int) -> None:
        """`text_bytes` of the current file have landed; of a compressed file that may be more than its size."""
        self._tell("land", min(text_bytes, self._size))

    def add_rows(self, rows: int) -> None:
        self._rows += rows

    def obey(self) -> None:
        """To be called where no unit is open: waits or raises as the job is asked to."""
        self._job.obey()

    def end_file(self) -> None:
        self._bytes_of_ended_files += self._size
        self._size = 0
        self._tell("land", 0)

    def phase(self, name: str) -> None:
        """A phase that belongs to no file."""
        self._file = self._table = None
        self._tell(name, 0)

    def _tell(self, phase: str, bytes_of_file: int) -> None:
        self._job.progress(
            Progress(
                phase=phase,
                table=self._table,
                file=self._file,
                bytes_done=self._bytes_of_ended_files + bytes_of_file,
                bytes_total=self._bytes_total,
                rows=self._rows,
            )
        )
