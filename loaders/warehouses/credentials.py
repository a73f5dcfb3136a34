"""Credentials out of a file, put where the dbt profile looks for them: into this process's environment."""

from __future__ import annotations

import json
import logging
import os
import re
from pathlib import Path
from typing import Final

from loaders.errors import ProfileInvalid
from loaders.secrets import Secret

_logger = logging.getLogger(__name__)
_LINE: Final = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_OTHERS_MAY_READ: Final = 0o044
_SECRET_WORDS: Final = ("SECRET", "PASSWORD", "PASSPHRASE", "TOKEN", "KEY")
_KEY_FILE: Final = "GOOGLE_APPLICATION_CREDENTIALS"


def read_credentials(path: Path) -> tuple[str, ...]:
    """Sets the environment variables that `path` names and returns their names; secrets are masked from now on.

    The file holds `NAME=value` lines (`#` comments, `export` and quotes allowed), or is a Google service account's
    key, for which GOOGLE_APPLICATION_CREDENTIALS is set. Raises ProfileInvalid; what is wrong is told without values.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if path.stat().st_mode & _OTHERS_MAY_READ:
            _logger.warning("%s can be read by other users; `chmod 600` would keep its secrets", path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ProfileInvalid(f"{path} cannot be read: {reason}", hint="name a file of NAME=value lines") from error
    if text.lstrip().startswith("{"):
        return _key_file(path, text)
    values: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ProfileInvalid(f"{path}:{number}: no NAME=value", hint="write one variable a line, # for comments")
        values[match[1]] = _unquoted(match[2].strip())
    for name, value in values.items():
        # Masking a host or a port too would only make errors unreadable.
        if any(word in name.upper() for word in _SECRET_WORDS):
            Secret(value)
        os.environ[name] = value
    return tuple(values)


def _key_file(path: Path, text: str) -> tuple[str, ...]:
    try:
        key = json.loads(text)
    except ValueError as error:
        raise ProfileInvalid(f"{path} is no JSON", hint="give the key file as it was downloaded") from error
    for name in ("private_key", "private_key_id", "client_secret", "refresh_token"):
        if key.get(name):
            Secret(str(key[name]))
    os.environ[_KEY_FILE] = str(path.absolute())
    return (_KEY_FILE,)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
