"""The doctor finds what is wrong, says it in a sentence, and says what mends it."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live
from django.db import connection

from stoop.config import cli
from stoop.config.actions import beats, doctor, home
from stoop.kernel import clock
from stoop.ledger import actions as ledger


@pytest.fixture
def well(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, db: None) -> Path:
    """A home as `stoop setup` makes it, and settings as a city has them."""
    monkeypatch.delenv("STOOP_SECRET_KEY", raising=False)
    place = tmp_path / "home"
    home.make_home(place)
    settings.STOOP_HOME = place
    settings.SECRET_KEY = (place / "secret-key").read_text().strip()
    settings.STOOP_URL = "https://stoop.city.example"
    settings.STOOP_PROXIES = 1
    settings.TIME_ZONE = "America/New_York"
    settings.STOOP_SMS_URL = "https://sms.example/send"
    settings.STOOP_BREACHED_PASSWORDS = ""
    return place


def found(part: str) -> list[str]:
    """States of the findings of a part."""
    return [each.state for each in doctor.examine() if each.part == part]


def test_a_good_home_is_good(well: Path) -> None:
    for part in ("python", "home", "key", "address", "time", "pages", "database", "tables"):
        assert found(part) == ["good"], part


def test_each_finding_says_what_mends_it(well: Path) -> None:
    for each in doctor.examine():
        assert each.said.endswith(".")
        assert bool(each.mend) is (each.state != "good"), each


def test_a_home_that_others_can_open(well: Path) -> None:
    (well / "secret-key").chmod(0o644)
    (bad,) = [each for each in doctor.examine() if each.part == "home"]
    assert bad.state == "bad"
    assert bad.mend == f"chmod go-rwx {well / 'secret-key'}"


@pytest.mark.parametrize(
    ("name", "value", "part", "state"),
    [
        ("STOOP_HOME", Path("/nowhere/at/all"), "home", "bad"),
        ("SECRET_KEY", "short", "key", "bad"),
        ("STOOP_URL", "http://stoop.city.example", "address", "bad"),
        ("STOOP_URL", "http://127.0.0.1:8000", "address", "odd"),
        ("STOOP_PROXIES", 0, "proxies", "odd"),
        ("TIME_ZONE", "UTC", "time", "odd"),
        ("STOOP_SMS_URL", "", "text messages", "odd"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "e-mail", "bad"),
        ("STOOP_SECOND_FACTOR", "offered", "second factor", "odd"),
        ("STOOP_BREACHED_PASSWORDS", "", "passwords", "odd"),
        ("STOOP_BREACHED_PASSWORDS", "http://127.0.0.1:1/range/", "passwords", "odd"),
    ],
)
def test_a_setting_that_is_wrong(
    well: Path, settings: Any, name: str, value: Any, part: str, state: str
) -> None:
    setattr(settings, name, value)
    if name == "STOOP_HOME":
        assert found(part) == [state]
        return
    assert state in found(part)


def test_a_mail_server_that_is_not_there(well: Path, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    (mail,) = [each for each in doctor.examine() if each.part == "e-mail"]
    assert mail.state == "bad"
    assert "ConnectionRefusedError" in mail.said


def test_parts_that_run_and_parts_that_do_not(well: Path) -> None:
    assert found("work") == ["bad"]
    beats.beat("work", clock.now())
    assert found("work") == ["good"]
    with clock.held(clock.now() + timedelta(minutes=1)):
        assert found("work") == ["bad"]


def test_what_was_given_up(well: Path, settings: Any) -> None:
    settings.STOOP_FLOWS = {"tests": ("nowhere.at_all", frozenset({"thing.happened"}))}
    ledger.record(kind="thing.happened", subject="thing:1", by="system")
    assert found("duties") == ["good"]
    moment = clock.now()
    for _ in range(16):
        moment += timedelta(hours=1)
        with clock.held(moment):
            for duty in ledger.lease_duties(limit=1, for_s=60):
                ledger.fail(duty, ValueError("a name"))
    (dead,) = [each for each in doctor.examine() if each.part == "duties"]
    assert dead.state == "bad"
    assert "ValueError" in dead.said
    assert "a name" not in dead.said


def test_a_city_without_anything(well: Path) -> None:
    assert found("people") == ["bad"]
    assert found("areas") == ["bad"]
    assert found("sites") == ["bad"]


def test_the_exit_code_says_whether_all_is_well(
    well: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["stoop", "doctor", "--json"])
    assert cli._run() == 1
    assert '"ok": false' in capsys.readouterr().out
    good = [doctor.Finding("all", "good", "All is well.")]
    monkeypatch.setattr(doctor, "examine", lambda: good)
    assert cli._run() == 0


def test_no_word_of_a_secret(well: Path, settings: Any) -> None:
    settings.EMAIL_HOST_PASSWORD = "Xylophone"
    text = repr(doctor.examine())
    assert "Xylophone" not in text
    assert live.SECRET_KEY not in text
    assert str(connection.settings_dict.get("PASSWORD") or "Xylophone") not in text
