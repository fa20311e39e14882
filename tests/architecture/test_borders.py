"""Doors, portal, casework's wall and writes: kept by the tree, and caught when broken."""

from pathlib import Path

import pytest

from tests.architecture import borders
from tests.architecture.tree import SRC, plant

RULES = [borders.doors, borders.portal, borders.casework, borders.writes]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_borders(rule) -> None:
    complaints = rule(SRC)
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    "line",
    [
        "from stoop.places.models import Area",
        "from stoop.places import models",
        "from ..places.models import Area",
        "import stoop.places.views",
        "from stoop.places import Area",
        "import stoop.places",
        "from stoop.places.tests.factories import area",
        "from stoop.places.studies import locate",
        "from stoop.flows import shooting",
    ],
)
def test_a_wrong_door_is_seen(tmp_path: Path, line: str) -> None:
    files = {"stoop/places/models.py": "", "stoop/flows/shooting.py": ""}
    plant(tmp_path, files | {"stoop/incidents/queries.py": line})
    assert len(borders.doors(tmp_path)) == 1


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("incidents/queries.py", "from stoop.places.queries import locate"),
        ("incidents/queries.py", "from stoop.places import readers"),
        ("incidents/queries.py", "from stoop.kernel.errors import Refusal"),
        ("incidents/tests/test_queries.py", "from stoop.places.tests.factories import area"),
        ("incidents/queries.py", "from stoop.incidents.models import Incident"),
        ("incidents/queries.py", "from stoop import __version__"),
        ("config/cli/__init__.py", "from stoop.places import studies"),
        ("config/urls.py", "from stoop.places.views import areas"),
        ("flows/shooting.py", "from stoop.places.studies import watch_zone"),
        ("config/cli/serve.py", "from stoop.flows import shooting"),
    ],
)
def test_a_door_stays_open(tmp_path: Path, module: str, line: str) -> None:
    plant(
        tmp_path,
        {
            "stoop/places/queries.py": "",
            "stoop/kernel/errors.py": "",
            "stoop/flows/shooting.py": "",
            f"stoop/{module}": line,
        },
    )
    assert borders.doors(tmp_path) == []


@pytest.mark.parametrize("room", ["queries", "actions", "readers"])
def test_the_portal_sees_only_public(tmp_path: Path, room: str) -> None:
    plant(
        tmp_path,
        {
            f"stoop/incidents/{room}.py": "",
            "stoop/portal/views.py": f"from stoop.incidents import {room}, public",
        },
    )
    assert len(borders.portal(tmp_path)) == 1


@pytest.mark.parametrize(
    ("importer", "stopped"),
    [
        ("fieldwork/queries.py", True),
        ("evaluation/queries.py", True),
        ("portal/public.py", True),
        ("evaluation/studies.py", False),
        ("flows/referral.py", False),
        ("api/views.py", False),
        ("config/urls.py", False),
        ("casework/actions.py", False),
    ],
)
def test_casework_is_walled(tmp_path: Path, importer: str, stopped: bool) -> None:
    plant(
        tmp_path,
        {
            "stoop/casework/queries.py": "",
            f"stoop/{importer}": "from stoop.casework.queries import participants",
        },
    )
    assert bool(borders.casework(tmp_path)) is stopped


@pytest.mark.parametrize(
    "line",
    [
        "Area.objects.create(name='A')",
        "Area.objects.filter(name='A').update(name='B')",
        "areas.filter(name='A').delete()",
        "area.save()",
        "area.asave()",
        "from django.db import connection",
    ],
)
def test_a_write_outside_actions_is_seen(tmp_path: Path, line: str) -> None:
    plant(tmp_path, {"stoop/places/models.py": "", "stoop/places/views.py": line})
    assert len(borders.writes(tmp_path)) == 1


@pytest.mark.parametrize(("file", "complaints"), [("loops", 0), ("shooting", 1)])
def test_only_who_gives_connections_back_holds_them(
    tmp_path: Path, file: str, complaints: int
) -> None:
    plant(tmp_path, {f"stoop/flows/{file}.py": "from django.db import connections"})
    assert len(borders.writes(tmp_path)) == complaints


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("actions", "Area.objects.create(name='A')"),
        ("tests/test_views", "Area.objects.create(name='A')"),
        ("views", "known.update(name='B')"),
        ("views", "digest.update(b'B')"),
    ],
)
def test_what_is_no_write_outside_actions_passes(tmp_path: Path, room: str, line: str) -> None:
    plant(tmp_path, {"stoop/places/models.py": "", f"stoop/places/{room}.py": line})
    assert borders.writes(tmp_path) == []
