"""What the platform hands to a study: unknown numbers stay unknown, and a status is read."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.apps import apps

from stoop.accounts import actions as accounts
from stoop.accounts.permissions import SYSTEM
from stoop.accounts.tests.factories import site
from stoop.evaluation.actions.inputs import checked, write_inputs
from stoop.evaluation.forms import DesignForm
from stoop.evaluation.readers.sites import PLATFORM
from stoop.evaluation.studies.treating import listed_sites
from stoop.evaluation.tests.test_desk import CHOICES
from stoop.incidents.tests.factories import EVENING, make_incident
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.places.tests.factories import make_area

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ground() -> None:
    make_area("precinct", "1", shapely.box(-74, 40, -73, 41))


def written(**chosen: Any) -> str:
    form = DesignForm({**CHOICES, "area": "recorded", "exclusions": "", **chosen})
    assert form.is_valid(), form.errors
    return form.text()


def test_a_number_that_nobody_knows_is_not_zero(tmp_path: Path) -> None:
    with clock.held(EVENING):
        for killed, hurt in ((0, None), (1, None), (None, 2), (None, None), (0, 1), (1, 2)):
            make_incident(killed=killed, hurt=hurt)
    write_inputs(tmp_path, written())
    with (tmp_path / "incidents.csv").open(newline="") as file:
        rows = sorted((row["killed"], row["injured"]) for row in csv.DictReader(file))
    assert rows == [("", ""), ("", "2"), ("0", ""), ("0", "1"), ("1", ""), ("1", "2")]


def test_the_reader_knows_every_status_of_the_platform() -> None:
    assert set(apps.get_model("accounts", "Program").Status.values) == PLATFORM


def _works(area: str, status: str, ends: date | None = None) -> None:
    accounts.add_program(
        site=site(f"site-{area}"),
        area_kind="precinct",
        area_code=area,
        starts=date(2019, 1, 1),
        ends=ends,
        status=status,
        by=SYSTEM,
    )


@pytest.mark.parametrize(
    ("chosen", "counted"), [("operational", ["1", "5"]), ("start_up", ["1", "2", "5"])]
)
def test_only_programs_at_work_count(tmp_path: Path, chosen: str, counted: list[str]) -> None:
    ends = {"closed": date(2021, 5, 31)}
    statuses = ("operational", "start_up", "covered", "planned", "closed")
    for area, status in enumerate(statuses, 1):
        _works(str(area), status, ends.get(status))
    found = listed_sites(write_inputs(tmp_path, written(at_work=chosen)))
    assert [each.area for each in found.programs] == counted
    left = {status for status, _n in found.otherwise}
    assert left == set(statuses) - {"operational", "closed"} - {chosen}


def test_a_status_that_no_program_has_is_no_slip_here(tmp_path: Path) -> None:
    _works("1", "operational")
    design = write_inputs(tmp_path, written(at_work="start_up"))
    assert len(listed_sites(design).programs) == 1


def test_catchments_are_counted_by_the_map_alone() -> None:
    make_area("catchment", "riverside", shapely.box(-74, 40, -73, 41))
    with pytest.raises(Refusal, match='Write area = "mapped"'):
        checked(written(kind="catchment"))
    assert checked(written(kind="catchment", area="mapped")).kind == "catchment"


def test_rings_are_metres_with_commas() -> None:
    assert checked(written(rings="250, 500")).rings_m == (250, 500)
    assert checked(written(rings="")).rings_m == ()
    for typed in ("250 m", "-5", "1e3", "25.5", "250;500"):
        form = DesignForm({**CHOICES, "rings": typed})
        assert list(form.errors) == ["rings"], typed
