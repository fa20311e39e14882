"""What the server shows: the files of a brief, to this machine's own browser, and nothing else."""

from pathlib import Path

import pytest
from django.test import Client, override_settings


@pytest.fixture
def browser(tmp_path: Path):  # type: ignore[no-untyped-def]
    home = tmp_path / "brief"
    (home / "sub").mkdir(parents=True)
    (home / "index.html").write_text("<h1>Café</h1>", encoding="utf-8")
    (home / "areas.csv").write_text("area\nCafé\n", encoding="utf-8")
    (home / "clusters.geojson").write_text("{}")
    (home / ".env.json").write_text("secret")
    (home / "notes.txt").write_text("secret")
    (tmp_path / "outside.csv").write_text("secret")
    (home / "link.csv").symlink_to(tmp_path / "outside.csv")
    with override_settings(STOOP_HOME=home):
        yield Client(SERVER_NAME="localhost")


def test_text_says_how_its_letters_are_written(browser: Client) -> None:
    page = browser.get("/")
    assert page.content.decode() == "<h1>Café</h1>"
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert browser.get("/areas.csv")["Content-Type"] == "text/csv; charset=utf-8"
    assert browser.get("/clusters.geojson")["Content-Type"] == "application/geo+json"
    assert browser.head("/").status_code == 200
    assert browser.post("/").status_code == 405


@pytest.mark.parametrize(
    "path",
    ["/link.csv", "/.env.json", "/notes.txt", "/sub", "/sub/", "/gone.csv", "/../outside.csv",
     "/sub/../../outside.csv", "/%2e%2e/outside.csv", "/..%2foutside.csv", "//etc/passwd",
     "/etc/hosts.csv", "/nul%00.csv", "/" + "a" * 5000 + ".csv", "/index.html/x.csv", "/%ff.csv"],
)  # fmt: skip
def test_nothing_else_is_shown(browser: Client, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert b"secret" not in answer.content


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a" * 300, "", "x y"])
def test_another_name_for_this_machine_is_refused(browser: Client, host: str) -> None:
    """Else a page on that name could have the reader's browser fetch the brief for it."""
    assert browser.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8001", "[::1]:8000"])
def test_the_names_of_this_machine_are_answered(browser: Client, host: str) -> None:
    assert browser.get("/", headers={"host": host}).status_code == 200
