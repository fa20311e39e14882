"""Files that are handed on: clean, and caught when they are not."""

from pathlib import Path

import pytest

from tests.architecture import tracked
from tests.architecture.tree import ROOT


@pytest.fixture(scope="module")
def files() -> list[Path]:
    found = tracked.tracked(ROOT)
    if not found:
        pytest.skip("not a git checkout, so nothing says which files are handed on")
    return found


def test_no_registry_and_no_machine_is_named(files: list[Path]) -> None:
    complaints = tracked.addresses(files)
    assert not complaints, "\n".join(complaints)


def test_no_file_is_bulky(files: list[Path]) -> None:
    complaints = tracked.bulk(files)
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    "line",
    [
        "--index" + "-url https://example.org/packages",
        "https://files.python" + "hosted.org/packages/a.whl",
        '"resolved": "' + "https://registry.npm" + 'js.org/a.tgz"',
        "data = '/ho" + "me/ana/shootings.csv'",
        "see /wo" + "rk/notes.md",
        f"{ROOT}/data.csv",
    ],
)
def test_an_address_is_seen(tmp_path: Path, line: str) -> None:
    path = tmp_path / "notes.md"
    path.write_text(f"first\n{line}\n", encoding="utf-8")
    assert tracked.addresses([path])


@pytest.mark.parametrize(
    "line", ["../shared/data", "https://example.org/home/index.html", "src/stoop", "a/tmp/b"]
)
def test_a_plain_line_passes(tmp_path: Path, line: str) -> None:
    path = tmp_path / "notes.md"
    path.write_text(line, encoding="utf-8")
    assert tracked.addresses([path]) == []


def test_a_bulky_file_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "city.geojson"
    path.write_bytes(b"x" * 1_000_001)
    assert tracked.bulk([path]) == ["city.geojson is over 1 MB"]
