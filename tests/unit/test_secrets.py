from __future__ import annotations

import io
import logging
import pickle

import pytest

from loaders.secrets import RedactingFilter, Secret, redact


def test_a_secret_is_never_shown() -> None:
    secret = Secret("CANARY-1234")
    assert "CANARY" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "CANARY-1234"


def test_a_secret_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match="not written anywhere"):
        pickle.dumps(Secret("CANARY-1234"))


def test_redact_masks_every_known_secret_in_texts_of_others() -> None:
    Secret("CANARY-abc")
    Secret("CANARY-abc-longer")
    assert redact("url?password=CANARY-abc-longer&x=CANARY-abc") == "url?password=***&x=***"


def test_short_texts_are_not_masked_everywhere() -> None:
    Secret("a")
    assert redact("banana") == "banana"


def test_log_records_are_masked_with_their_arguments_and_tracebacks() -> None:
    secret = Secret("CANARY-log-1")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    logger = logging.getLogger("test-secrets")
    logger.addHandler(handler)
    try:
        try:
            raise ValueError(secret.reveal())
        except ValueError:
            logger.exception("connecting with %s", secret.reveal())
    finally:
        logger.removeHandler(handler)
    assert "CANARY" not in stream.getvalue()
    assert "connecting with ***" in stream.getvalue()
