"""Secrets and their masking: the one place that knows which texts must never be shown.

A `Secret` shows `***` wherever it is printed, formatted or logged; `reveal()` is called only where a driver needs the
text. Every secret made in this process is also remembered, so that `redact` can mask it in texts that others built
(driver errors, tracebacks).
"""

from __future__ import annotations

import logging
import sys
from types import TracebackType
from typing import Final

MASK: Final = "***"
# Shorter texts would mask ordinary words; a secret this short is no secret.
_SHORTEST_MASKED: Final = 4
_known: set[str] = set()


class Secret:
    """A text that is never shown. Compares by content; refuses to be pickled."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        if len(text) >= _SHORTEST_MASKED:
            _known.add(text)

    def reveal(self) -> str:
        """The text itself, for a driver call and nothing else."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not written anywhere; read it again from the environment")


def redact(text: str) -> str:
    """`text` with every secret known to this process masked, longest first so that no remainder shows."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


class RedactingFilter(logging.Filter):
    """Masks secrets in a record's message, arguments and exception text before any handler formats it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True


def install_redaction() -> None:
    """Masks secrets on every handler of the root logger and in uncaught tracebacks. Idempotent."""
    for handler in logging.getLogger().handlers:
        if not any(isinstance(each, RedactingFilter) for each in handler.filters):
            handler.addFilter(RedactingFilter())
    if sys.excepthook is not _redacting_excepthook:
        sys.excepthook = _redacting_excepthook


def _redacting_excepthook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    import traceback

    sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))
