"""What the sign-in counts holds for all processes: each of these asks in one of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from stoop.accounts.tests import tools

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# Ask for a forgotten password three times, then show a code of an authenticator app.
ASK = """
import sys, django; django.setup()
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from stoop.accounts.models import Person
for app in ("account", "config", "mfa", "sessions"):
    call_command("migrate", app, verbosity=0)
for number in range(3):
    said = {"email": f"{sys.argv[1]}{number}@example.org"}
    print(Client().post(reverse("account_reset_password"), said).status_code)
alice, _ = Person.objects.get_or_create(email="alice@example.org", name="Alice")
app, _ = Authenticator.objects.get_or_create(user=alice, type="totp", data={"secret": sys.argv[2]})
print(TOTP(app).validate_code(sys.argv[3]))
"""


pytestmark = pytest.mark.both_engines


@pytest.fixture
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """For programs that share a new database and nothing else."""
    url = f"sqlite:///{tmp_path / 'limits.sqlite3'}"
    if connection.vendor == "postgresql":
        cluster = request.getfixturevalue("postgres")
        url = cluster.url(request.getfixturevalue("new_database")())
    return os.environ | {
        "STOOP_DATABASE_URL": url,
        "STOOP_HOME": str(tmp_path),
        "STOOP_SECRET_KEY": "of the tests alone, and the same for both",
        "STOOP_URL": "http://testserver",
        "DJANGO_SETTINGS_MODULE": "stoop.config.settings",
    }


def ask(environment: dict[str, str], *words: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", ASK, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_a_second_process_goes_on_counting(environment: dict[str, str]) -> None:
    """Five such letters a minute from an address; and a code that was seen is good for nobody."""
    code = tools.code(SECRET)
    assert ask(environment, "first", SECRET, code) == ["302", "302", "302", "True"]
    assert ask(environment, "second", SECRET, code) == ["302", "302", "429", "False"]
