"""A dbt output in the words of Snowflake's driver, and names as Snowflake keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from loaders.secrets import Secret

_SECRETS: Final = ("password", "token", "private_key_passphrase", "private_key")
_PASSED_ON: Final = (
    *("account", "user", "password", "role", "warehouse", "database", "host", "port", "protocol", "authenticator"),
    *("token", "private_key_path", "private_key_passphrase", "insecure_mode"),
)
_SESSION: Final = {
    # With TRUE an async statement whose client is gone dies after five minutes.
    "ABORT_DETACHED_QUERY": False,
    "CLIENT_SESSION_KEEP_ALIVE": True,
    "TIMEZONE": "UTC",
}


def connection_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The driver's words for a dbt output; secrets are known to the masking from here on."""
    for name in _SECRETS:
        if settings.get(name):
            Secret(str(settings[name]))
    passed = {name: settings[name] for name in _PASSED_ON if settings.get(name) is not None}
    if "private_key_path" in passed:
        passed["private_key_file"] = passed.pop("private_key_path")
    if "private_key_passphrase" in passed:
        passed["private_key_file_pwd"] = passed.pop("private_key_passphrase")
    return {
        **passed,
        "application": "landfall",
        "paramstyle": "qmark",
        "autocommit": True,
        # Or decimals that the service sends as integers become doubles.
        "arrow_number_to_decimal": True,
        "client_session_keep_alive": True,
        "network_timeout": settings.get("network_timeout", 300),
        "login_timeout": settings.get("connect_timeout", 60),
        "session_parameters": dict(_SESSION),
    }


def quote(identifier: str) -> str:
    """An identifier as Snowflake keeps names that dbt writes without quotes."""
    return '"' + identifier.upper().replace('"', '""') + '"'
