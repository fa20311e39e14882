"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the public New York files; the test is skipped, with the reason, without it."""
    folder = Path(os.environ.get("STOOP_REAL_DATA", ROOT.parent / "shared" / "data")) / "nyc"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set STOOP_REAL_DATA to the folder that holds nyc/")
    return folder


@pytest.fixture
def personas(db):
    """Alice, Ann, Bob, Carol, Cass, Ada, Dan, Eve, Rita and nobody, with `site` and `other`."""
    from stoop.accounts.tests import factories

    return factories.personas()
