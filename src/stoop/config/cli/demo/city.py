"""Sample City loaded into a platform: outlines, sites, eight years, people, a feed, nine days."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from django.utils import timezone

from stoop.accounts import actions as accounts
from stoop.accounts import queries as people_of
from stoop.accounts.permissions import SYSTEM, within
from stoop.config.cli.demo import past, people
from stoop.config.cli.demo.past import Spot
from stoop.incidents import actions as incidents
from stoop.incidents import queries as shootings
from stoop.kernel.progress import Progress
from stoop.places import actions as places
from stoop.places import queries as ground
from stoop.sample import actions as sample

SOURCE = "made-up-feed"
FEED_FILE = "feed.json"
SPOTS = 240
STREETS = ("Kiln Street", "Tannery Row", "Quay Street", "Ropewalk", "Chandler Avenue", "Mill Lane",
           "Orchard Street", "Saltmarsh Road", "Harbor Way", "North Gate", "Cooper Street",
           "Lantern Street")  # fmt: skip


def fill(city: sample.City, folder: Path, report: Progress) -> None:
    """Load everything into the empty platform of this process; what the feed needs, in a file."""
    with within(SYSTEM):
        report("Outlines of districts and sectors", 1, 6)
        for file, kind in ((city.areas, "district"), (city.sectors, "sector")):
            places.load_areas(file=file, kind=kind, code_field=kind, by=SYSTEM)
        report("Sites and their catchments", 2, 6)
        accounts.load_sites(file=city.sites, area_kind="district", by=SYSTEM)
        report("Eight years of shootings", 3, 6)
        record = incidents.add_source(
            code="sample-city-record", name="Sample City's record", official=True, by=SYSTEM
        )
        incidents.import_batch(files=list(city.shootings), source=record, by=SYSTEM)
        report("People and their rota", 4, 6)
        sites = people.working_sites()
        everybody = people.settle(sites)
        report("A feed", 5, 6)
        feed = incidents.add_source(
            code=SOURCE, name="Simulated feed (made up)", confirms=True, by=SYSTEM
        )
        spots = list(_spots({site.code for site in sites}))
        _write_feed(folder / FEED_FILE, incidents.issue_key(source=feed, by=SYSTEM), spots)
        report("The last nine days", 6, 6)
        supervisors = {site.code: people_of.supervisors(site.pk)[0] for site in sites}
        past.tell(spots, everybody, supervisors)


def _spots(sites: set[str]) -> Iterator[Spot]:
    """Places of the record that lie in a catchment, those of Alice's site first."""
    points = shootings.incidents(SYSTEM).filter(lon__isnull=False).order_by("-occurred_at")
    found = []
    for lon, lat in points.values_list("lon", "lat")[:3000]:
        here = ground.placed(lon, lat, on=timezone.localdate()).get("catchment", ())
        for code in sites.intersection(here):
            found.append((lon, lat, code))
    chance = np.random.default_rng(3)
    order = chance.permutation(len(found))
    kept = sorted((found[i] for i in order[:SPOTS]), key=lambda each: each[2] != people.HOME_SITE)
    for lon, lat, code in kept:
        street = STREETS[int(chance.integers(len(STREETS)))]
        yield Spot(lon, lat, f"{100 * int(chance.integers(1, 30))} block of {street}", code)


def _write_feed(path: Path, key: str, spots: list[Spot]) -> None:
    told: dict[str, Any] = {"key": key, "spots": [vars(spot) for spot in spots]}
    path.touch(mode=0o600)
    path.write_text(json.dumps(told))
