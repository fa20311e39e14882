"""All of 2006 to 2020 of New York loaded with one command, and the real sites."""

from pathlib import Path

import numpy as np
import pytest
from django.db.models import Sum
from typer.testing import CliRunner

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM
from stoop.config.cli import app
from stoop.incidents import queries, readers
from stoop.ledger.queries import events_after
from stoop.places.readers import read_areas
from stoopstat.measures import measures

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]


def stoop(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.output


def test_new_york_is_loaded_and_loading_again_changes_nothing(real_data: Path, settings) -> None:
    settings.TIME_ZONE = "America/New_York"
    files = [real_data / name for name in ("shootings_2006_2019.csv", "shootings_2020.csv")]
    stoop(
        "load", "areas", real_data / "precincts.geojson", "--kind", "precinct",
        "--code-field", "precinct",
    )  # fmt: skip
    stoop("load", "sites", real_data / "cms_sites.csv")
    stoop("load", "incidents", *files)
    (event,) = events_after(0, {"batch.imported"})
    counts = {name: event.data[name] for name in ("rows", "rejected", "incidents", "added")}
    assert counts == {"rows": 21_626 + 1_948, "rejected": 0, "incidents": 18_562, "added": 18_562}
    assert "loaded before" in stoop("load", "incidents", *files)
    assert len(events_after(0, {"batch.imported"})) == 1
    assert len(accounts.sites(SYSTEM)) >= 30

    incidents = queries.incidents(SYSTEM)
    assert incidents.count() == 18_562
    read = readers.read(files, timezone="America/New_York")
    want = measures(read.incident, read.perpetrator, read.victim, read.fatal)
    sums = incidents.aggregate(Sum("killed"), Sum("hurt"), Sum("published"))
    assert sums["published__sum"] == want.rows == 23_574
    assert sums["killed__sum"] == want.deaths
    assert sums["killed__sum"] + sums["hurt__sum"] == want.victims
    assert want.incidents < want.victims < want.rows

    areas = read_areas(real_data / "precincts.geojson", field="precinct")
    from stoop.places.queries import locate

    first = read.first_of_each_incident()
    lon, lat = np.round(read.lon[first], 6), np.round(read.lat[first], 6)
    codes = np.append(areas.codes, "")[locate(areas, lon, lat)]
    by_map = dict(zip(*np.unique(codes[codes != ""], return_counts=True), strict=True))
    held: dict[str, int] = {}
    for area in incidents.exclude(area="").values_list("area", flat=True):
        held[area] = held.get(area, 0) + 1
    # The few that lie in no polygon keep the precinct that the file records.
    assert all(0 <= held[code] - n <= 5 for code, n in by_map.items())
    assert sum(held.values()) <= 18_562
