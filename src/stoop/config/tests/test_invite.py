"""`stoop invite`: the first administrator comes by the command line, anybody else may."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from stoop.accounts import queries
from stoop.accounts.permissions import SYSTEM
from stoop.config import cli


@pytest.fixture
def run(db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("STOOP_SECRET_KEY", raising=False)
    settings.STOOP_HOME = tmp_path / "home"
    settings.EMAIL_BACKEND = settings.EMAIL_BACKEND  # put back at the end, whatever --print does
    before = settings.SECRET_KEY

    def typed(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["stoop", "invite", *words])
        code = cli._run()
        settings.SECRET_KEY = (tmp_path / "home" / "secret-key").read_text().strip()
        return code

    yield typed
    settings.SECRET_KEY = before


def test_the_first_administrator(run: Any) -> None:
    assert run("ada@city.example", "--role", "administrator", "--name", "Ada") == 0
    (letter,) = mail.outbox
    assert letter.to == ["ada@city.example"]
    link = re.search(r"https?://[^/]+(/\S+)", letter.body)
    assert link
    assert Client(SERVER_NAME="localhost").get(link[1]).status_code in (200, 302)
    ada = queries.people(SYSTEM).get(email="ada@city.example")
    assert [each.role for each in ada.membership_set.all()] == ["administrator"]


def test_again_sends_another_link(run: Any) -> None:
    run("ada@city.example", "--role", "administrator", "--name", "Ada")
    assert run("ADA@city.example", "--role", "administrator") == 0
    first, second = (letter.body for letter in mail.outbox)
    assert first != second
    assert queries.people(SYSTEM).filter(email__iexact="ada@city.example").count() == 1


def test_printed_and_not_sent(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ada@city.example", "--role", "administrator", "--name", "Ada", "--print") == 0
    assert "/invitation/" in capsys.readouterr().out
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("words", "must_say"),
    [
        (("--role", "administrator"), "--name"),
        (("--role", "site_supervisor", "--name", "A"), "--site"),
        (("--role", "site_supervisor", "--name", "A", "--site", "nowhere"), "riverside"),
        (("--role", "duty_officer", "--name", "A", "--site", "riverside"), "--site"),
        (("--role", "duty_officer", "--name", "A\nBcc: x@y.example"), "name"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    run: Any,
    personas: Any,
    words: tuple[str, ...],
    must_say: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("new@city.example", *words) == 2
    assert must_say in capsys.readouterr().err
    assert mail.outbox == []
    assert not queries.people(SYSTEM).filter(email="new@city.example").exists()
