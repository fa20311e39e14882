"""What several kinds of tests share: the brief of Sample City, made once."""

from pathlib import Path

import pytest

from stoop.config.cli import demo


@pytest.fixture(scope="session")
def sample_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with Sample City in `city` and its brief in `brief`, as `stoop demo` builds them."""
    folder = tmp_path_factory.mktemp("demo")
    demo.build(folder)
    return folder
