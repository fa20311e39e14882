"""One Sample City for all tests of this module."""

from pathlib import Path

import pytest

from stoop.sample.actions import build
from stoop.sample.models import City


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return build(Path(tmp_path_factory.mktemp("city")), seed=1)
