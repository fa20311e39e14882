"""Names, READMEs, folders and lengths: kept by the tree, and caught when broken."""

from pathlib import Path

import pytest

from tests.architecture import shape
from tests.architecture.tree import SRC, plant

RULES = [shape.names, shape.readmes, shape.namespaces, shape.lengths]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_shape(rule) -> None:
    complaints = rule(SRC)
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    "file",
    [
        "stoop/places/services.py",
        "stoop/places/selectors.py",
        "stoop/places/studies.py",
        "stoop/places/utils.py",
        "stoop/kernel/utils.py",
        "stoop/places/queries/utils.py",
        "stoop/config/studies.py",
        "stoop/places/permissions.py",
    ],
)
def test_a_name_that_is_no_room_is_seen(tmp_path: Path, file: str) -> None:
    assert len(shape.names(plant(tmp_path, {file: ""}))) == 1


@pytest.mark.parametrize(
    "file",
    [
        "stoop/places/queries/locate.py",
        "stoop/precision/studies/ranks.py",
        "stoop/config/cli/brief.py",
        "stoop/ui/charts.py",
        "stoop/accounts/permissions.py",
    ],
)
def test_a_room_passes(tmp_path: Path, file: str) -> None:
    assert shape.names(plant(tmp_path, {file: ""})) == []


@pytest.mark.parametrize(("lines", "complaints"), [(None, 1), (9, 1), (10, 0), (30, 0), (31, 1)])
def test_a_missing_or_long_readme_is_seen(
    tmp_path: Path, lines: int | None, complaints: int
) -> None:
    files = {"stoop/places/queries.py": "", "stoopstat/README.md": "word\n" * 12}
    if lines is not None:
        files["stoop/places/README.md"] = "word\n" * lines
    assert len(shape.readmes(plant(tmp_path, files))) == complaints


def test_a_template_outside_its_module_is_seen(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "stoop/places/__init__.py": "",
            "stoop/places/templates/base.html": "",
            "stoop/places/templates/places/area.html": "",
            "stoop/places/static/map.css": "",
        },
    )
    assert len(shape.namespaces(tmp_path)) == 2


def test_a_long_file_is_seen(tmp_path: Path) -> None:
    files = {"stoop/places/queries.py": "#\n" * 600, "stoop/places/migrations/0001.py": "#\n" * 900}
    assert len(shape.lengths(plant(tmp_path, files))) == 1


@pytest.mark.parametrize(("lines", "complaints"), [(79, 0), (80, 1)])
def test_a_long_function_is_seen(tmp_path: Path, lines: int, complaints: int) -> None:
    plant(tmp_path, {"stoop/places/queries.py": "def locate():\n" + "    pass\n" * lines})
    assert len(shape.lengths(tmp_path)) == complaints
