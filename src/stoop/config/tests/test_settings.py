"""Settings as a process reads them: by https everything is tighter, and nothing is guessed."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

SCRIPT = """
import json
from stoop.config import settings
print(json.dumps({k: v for k, v in vars(settings).items() if k.isupper()}, default=str))
"""


def read(**environment: str) -> dict[str, Any]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STOOP_")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_by_https_everything_is_tighter() -> None:
    found = read(STOOP_URL="https://stoop.city.example", STOOP_PROXIES="1")
    assert found["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert found["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert "stoop.city.example" in found["ALLOWED_HOSTS"]
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://stoop.city.example"]


def test_a_slip_of_the_pen_takes_no_second_factor_away() -> None:
    with pytest.raises(AssertionError, match="write one of the two"):
        read(STOOP_SECOND_FACTOR="Required!")


def test_without_a_proxy_no_header_is_believed() -> None:
    found = read(STOOP_URL="http://127.0.0.1:8000")
    assert "SECURE_PROXY_SSL_HEADER" not in found
    assert found["SECURE_HSTS_SECONDS"] == 0
    assert found["DEBUG"] is False
    assert "*" not in found["ALLOWED_HOSTS"]


@pytest.mark.parametrize(
    ("url", "engine", "name"),
    [
        ("sqlite:////folder/city.sqlite3", "stoop.kernel.sqlite", "/folder/city.sqlite3"),
        ("sqlite:///", "stoop.kernel.sqlite", "/srv/stoop.sqlite3"),
        ("postgresql://u:p%40ss@db:5433/city", "stoop.kernel.postgresql", "city"),
    ],
)
def test_one_variable_names_the_database(url: str, engine: str, name: str) -> None:
    found = read(STOOP_HOME="/srv", STOOP_DATABASE_URL=url)["DATABASES"]["default"]
    assert (found["ENGINE"], found["NAME"]) == (engine, name)
    assert found.get("PASSWORD", "p@ss") == "p@ss"


def test_a_key_that_is_given_goes_before_one_that_is_kept(tmp_path: Any) -> None:
    (tmp_path / "secret-key").write_text("kept")
    assert read(STOOP_HOME=str(tmp_path))["SECRET_KEY"] == "kept"
    given = read(STOOP_HOME=str(tmp_path), STOOP_SECRET_KEY="given")
    assert given["SECRET_KEY"] == "given"
    assert read(STOOP_HOME="/nowhere")["SECRET_KEY"] != read(STOOP_HOME="/nowhere")["SECRET_KEY"]
