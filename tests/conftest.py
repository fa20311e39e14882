"""What several kinds of tests share: the brief of Sample City, and a platform with people."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stoop.config.cli import demo
from tests.world import World


@pytest.fixture(scope="session")
def sample_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with Sample City in `city` and its brief in `brief`, as `stoop demo` builds them."""
    folder = tmp_path_factory.mktemp("demo")
    demo.build(folder)
    return folder


@pytest.fixture(scope="session")
def new_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., World]:
    """Make a platform of one's own, to be entered by `with`; settings by name. See world.py."""

    def made(**settings: str) -> World:
        home = tmp_path_factory.mktemp("world")
        url = f"sqlite:///{home}/stoop.sqlite3"
        if os.environ.get("STOOP_TEST_ENGINE") == "postgresql":
            name = request.getfixturevalue("new_database")()
            url = request.getfixturevalue("postgres").url(name)
        kept = {"STOOP_TEST_TABLES": str(tmp_path_factory.getbasetemp() / "tables.sqlite3")}
        return World(home, url, **kept | {"STOOP_STREAM_CHECK_S": "2"} | settings)

    return made


@pytest.fixture(scope="session")
def world(new_world: Callable[..., World]) -> Iterator[World]:
    """A running platform with the personas in it, shared by all tests that leave it as it was."""
    with new_world() as made:
        yield made
