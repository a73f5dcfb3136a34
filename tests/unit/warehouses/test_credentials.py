from __future__ import annotations

import os
from pathlib import Path

import pytest

from loaders.errors import ProfileInvalid
from loaders.secrets import redact
from loaders.warehouses.credentials import read_credentials


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("A_HOST", "A_PASSWORD", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.setenv(name, "before")
    path = tmp_path / "credentials"
    path.touch(mode=0o600)
    return path


def test_variables_are_set_and_secrets_masked(file: Path) -> None:
    file.write_text("# mine\n\nexport A_HOST=db.example.com\nA_PASSWORD='pass=word #1'\n")
    assert read_credentials(file) == ("A_HOST", "A_PASSWORD")
    assert (os.environ["A_HOST"], os.environ["A_PASSWORD"]) == ("db.example.com", "pass=word #1")
    assert redact("db.example.com pass=word #1") == "db.example.com ***"


def test_a_service_accounts_key_is_named_to_the_driver_and_masked(file: Path) -> None:
    file.write_text('{"type": "service_account", "private_key": "very-private-text"}')
    assert read_credentials(file) == ("GOOGLE_APPLICATION_CREDENTIALS",)
    assert os.environ["GOOGLE_APPLICATION_CREDENTIALS"] == str(file)
    assert redact("very-private-text") == "***"


@pytest.mark.parametrize(("content", "found"), [("A_HOST=1\nhunter2\n", r":2: no NAME=value"), ("{nope", "no JSON")])
def test_what_is_no_credentials_file_is_refused_without_its_content(file: Path, content: str, found: str) -> None:
    file.write_text(content)
    with pytest.raises(ProfileInvalid, match=found) as caught:
        read_credentials(file)
    assert "hunter2" not in str(caught.value)
    assert os.environ["A_HOST"] == "before"


def test_a_file_that_others_can_read_is_warned_about(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    file.write_text("A_HOST=1\n")
    file.chmod(0o644)
    read_credentials(file)
    assert "chmod 600" in caplog.text


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileInvalid, match="nothing cannot be read"):
        read_credentials(tmp_path / "nothing")
