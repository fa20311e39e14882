"""What the platform hands to a study: unknown numbers stay unknown, and a status is read."""

import csv
from datetime import date, timedelta
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
from stoop.incidents import actions as incidents
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


def test_no_cell_of_its_files_computes(tmp_path: Path) -> None:
    """The code of a program's area is typed by hand, and the files are opened by spreadsheets."""
    accounts.add_program(
        site=site("riverside"), area_kind="precinct", area_code="=1+1", status="operational",
        starts=date(2020, 1, 1), by=SYSTEM,
    )  # fmt: skip
    with clock.held(EVENING):
        make_incident(lon=-73.5, lat=40.5)
    write_inputs(tmp_path, written(area="mapped"))
    with (tmp_path / "sites.csv").open(newline="") as file:
        assert [row["area"] for row in csv.DictReader(file)] == ["'=1+1"]
    with (tmp_path / "incidents.csv").open(newline="") as file:
        assert [row["lon"] for row in csv.DictReader(file)] == ["-73.5"], "numbers stay numbers"


def test_another_release_is_the_record_as_it_stood_then(tmp_path: Path) -> None:
    """What was told later, set right later, taken back later or never is as it was by that day."""
    with clock.held(EVENING):
        make_incident(killed=0, hurt=1)
        right, back = make_incident(killed=0, hurt=2), make_incident(killed=0, hurt=3)
        gone, waits = make_incident(killed=0, hurt=4), make_incident(confirmed=False, hurt=5)
        incidents.retract(incident=gone, why="nobody was hit", version=gone.version, by=SYSTEM)
    with clock.held(EVENING + timedelta(days=2)):
        incidents.correct(incident=right, why="two", version=right.version, by=SYSTEM, killed=2)
        incidents.retract(incident=back, why="no", version=back.version, by=SYSTEM)
        incidents.confirm(incident=waits, version=waits.version, by=SYSTEM, why="seen")
        make_incident(killed=0, hurt=6)
        day = EVENING.date().isoformat()
        write_inputs(tmp_path, written(known_on=day, last="2026-Q3"))

    def hit(name: str) -> list[tuple[str, str]]:
        with (tmp_path / name).open(newline="") as file:
            return sorted((row["killed"], row["injured"]) for row in csv.DictReader(file))

    assert hit(f"incidents-{day}.csv") == [("0", "1"), ("0", "2"), ("0", "3")]
    assert hit("incidents.csv") == [("", "5"), ("0", "1"), ("0", "6"), ("2", "2")]


@pytest.mark.parametrize(
    "files",
    ['["incidents.csv"]', '["incidents-2026-11-20.csv"]', '["incidents-2026-02-30.csv"]',
     '["incidents-2026-01-01.csv", "incidents-2026-01-02.csv"]'],
)  # fmt: skip
def test_no_other_release_than_that_of_a_day_that_is_over(files: str) -> None:
    with clock.held(EVENING), pytest.raises(Refusal, match="of a day that is over"):
        checked(f"{written()}\n[vintage]\nfiles = {files}\n")


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
