"""The whole brief of New York, 2006 to 2020: files in, folder out."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import django

from stoop.precision import actions, studies
from stoop.precision.views.brief import brief_page

TITLE = "Whole brief of New York, 2006-2020"
PEER = "none does it"
PEER_REQUIRES: list[str] = []
QUOTED = None
AIM = "under 60 s wall, under 1 GB"


def prepare(data: Path) -> studies.Request:
    """Nothing is read before the clock starts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoop.config.settings")
    django.setup()
    return studies.Request(
        files=(data / "shootings_2006_2019.csv", data / "shootings_2020.csv"),
        areas=data / "precincts.geojson",
        area_field="precinct",
        sites=data / "cms_sites.csv",
        population=data / "precinct_population_2010.csv",
        crs="EPSG:2263",
    )


def warm(inputs: studies.Request) -> None:
    """Compile the kernels on the last file alone."""
    studies.make_brief(replace(inputs, files=inputs.files[1:], months=6))


def ours(inputs: studies.Request) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        brief = actions.publish_brief(request=inputs, out=Path(folder) / "brief", render=brief_page)
    return brief.numbers


def agree(ours: Any, theirs: Any, data: Path) -> str:
    assert ours["data"]["rows_read"] == 23_574
    assert ours["data"]["incidents"] == 18_562
    return "23,574 rows read, 18,562 incidents, page, numbers and layers written."
