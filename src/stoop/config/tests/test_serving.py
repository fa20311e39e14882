"""The brief at its address: its own files, to whoever may read it, and nothing else."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings


@pytest.fixture
def browser(tmp_path: Path, personas: Any) -> Any:
    home = tmp_path / "home"
    (home / "brief" / "sub").mkdir(parents=True)
    (home / "brief" / "index.html").write_text("<h1>Café</h1>", encoding="utf-8")
    (home / "brief" / "areas.csv").write_text("area\nCafé\n", encoding="utf-8")
    (home / "brief" / "clusters.geojson").write_text("{}")
    (home / "brief" / ".env.json").write_text("secret")
    (home / "brief" / "notes.txt").write_text("secret")
    (home / "secret-key").write_text("secret")
    (home / "outside.csv").write_text("secret")
    (home / "brief" / "link.csv").symlink_to(home / "outside.csv")
    with override_settings(STOOP_HOME=home):
        client = Client(SERVER_NAME="localhost")
        client.force_login(personas.carol)
        yield client


def test_text_says_how_its_letters_are_written(browser: Client) -> None:
    page = browser.get("/brief/")
    assert page.content.decode() == "<h1>Café</h1>"
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert browser.get("/brief/areas.csv")["Content-Type"] == "text/csv; charset=utf-8"
    assert browser.get("/brief/clusters.geojson")["Content-Type"] == "application/geo+json"
    assert browser.head("/brief/").status_code == 200
    assert browser.post("/brief/").status_code == 405


def test_it_runs_nothing_and_fetches_nothing(browser: Client) -> None:
    policy = browser.get("/brief/")["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy


@pytest.mark.parametrize(
    "path",
    ["link.csv", ".env.json", "notes.txt", "sub", "sub/", "gone.csv", "../outside.csv",
     "sub/../../outside.csv", "%2e%2e/outside.csv", "..%2foutside.csv", "/etc/passwd",
     "../secret-key", "nul%00.csv", "a" * 5000 + ".csv", "index.html/x.csv", "%ff.csv"],
)  # fmt: skip
def test_nothing_else_is_shown(browser: Client, path: str) -> None:
    answer = browser.get(f"/brief/{path}")
    assert answer.status_code == 404
    assert b"secret" not in answer.content


@pytest.mark.parametrize(
    ("who", "status"),
    [("carol", 200), ("cass", 200), ("alice", 200), ("rita", 200),
     ("ann", 404), ("ada", 404), ("dan", 404), ("eve", 404), ("nobody", 404)],
)  # fmt: skip
def test_it_is_for_those_who_may_read_it(
    browser: Client, personas: Any, who: str, status: int
) -> None:
    browser.force_login(getattr(personas, who))
    assert browser.get("/brief/").status_code == status


def test_a_stranger_is_asked_to_sign_in(browser: Client) -> None:
    browser.logout()
    answer = browser.get("/brief/areas.csv")
    assert answer.status_code == 302
    assert b"Caf" not in answer.content


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a" * 300, "", "x y"])
def test_another_name_for_this_machine_is_refused(browser: Client, host: str) -> None:
    """Else a page on that name could have the reader's browser fetch the brief for it."""
    assert browser.get("/brief/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8001", "[::1]:8000"])
def test_the_names_of_this_machine_are_answered(browser: Client, host: str) -> None:
    assert browser.get("/brief/", headers={"host": host}).status_code == 200
