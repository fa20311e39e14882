"""Sample City loaded into a platform: land, sites, addresses, eight years, people, a feed."""

import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from django.utils import timezone

from stoop.accounts import actions as accounts
from stoop.accounts import queries as people_of
from stoop.accounts.permissions import SYSTEM, actor_of, within
from stoop.config.cli.demo import past, people, studies
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
HUNDRED = 100


def fill(city: sample.City, folder: Path, report: Progress) -> None:
    """Load everything into the empty platform of this process; what the feed needs, in a file."""
    with within(SYSTEM):
        report("Outlines of districts and sectors", 1, 7)
        for file, kind in ((city.areas, "district"), (city.sectors, "sector")):
            places.load_areas(files=[file], kind=kind, code_field=kind, by=SYSTEM)
        report("Sites and their catchments, addresses", 2, 7)
        accounts.load_sites(files=[city.sites], area_kind="district", by=SYSTEM)
        places.load_addresses(files=[city.addresses], by=SYSTEM)
        report("Eight years of shootings", 3, 7)
        record = incidents.add_source(
            code="sample-city-record", name="Sample City's record", official=True, by=SYSTEM
        )
        incidents.import_batch(files=list(city.shootings), source=record, by=SYSTEM)
        report("People and their rota", 4, 7)
        sites = people.working_sites()
        everybody = people.settle(sites)
        report("A feed", 5, 7)
        feed = incidents.add_source(
            code=SOURCE,
            name="Simulated feed (made up)",
            confirms=True,
            most_an_hour=1_000,  # in the demo something happens every few minutes all day
            by=SYSTEM,
        )
        spots = list(_spots({site.code for site in sites}, city.addresses))
        _write_feed(folder / FEED_FILE, incidents.issue_key(source=feed, by=SYSTEM), spots)
        report("The last weeks", 6, 7)
        supervisors = {site.code: people_of.supervisors(site.pk)[0] for site in sites}
        told = past.tell(spots, everybody, supervisors)
        home = next(site for site in sites if site.code == people.HOME_SITE)
        street = spots[0].block.partition(" block of ")[2]
        past.by_hand(home, actor_of(everybody["Alice"]), street)
        people.stand_in(home, everybody)
        published = incidents.add_source(
            code="published-rows", name="Rows as published", official=True, by=SYSTEM
        )
        incidents.import_batch(
            files=[past.record(folder, told)], source=published, whole=False, by=SYSTEM
        )
        incidents.propose_matches(by=SYSTEM)
        report("A study of the programs", 7, 7)
        studies.study(actor_of(everybody["Cass"]))


def _spots(sites: set[str], addresses: Path) -> Iterator[Spot]:
    """Places of the record that lie in a catchment, those of Alice's site first.

    Each is called by the block of the nearest house; one whose block an officer would look up in
    another catchment is left out.
    """
    points = shootings.incidents(SYSTEM).filter(lon__isnull=False).order_by("-occurred_at")
    found = [
        (lon, lat, code)
        for lon, lat in points.values_list("lon", "lat")[:3000]
        for code in sites.intersection(_catchments(lon, lat))
    ]
    houses = _Houses(addresses)
    kept: list[Spot] = []
    for i in np.random.default_rng(3).permutation(len(found)).tolist():
        lon, lat, code = found[i]
        hundred, street = houses.block(lon, lat)
        asked = ground.find_address(f"{hundred} {street}", limit=1)[0]
        if code in _catchments(asked.lon, asked.lat):
            kept.append(Spot(lon, lat, f"{hundred} block of {street}", code))
        if len(kept) == SPOTS:
            break
    yield from sorted(kept, key=lambda each: each.site != people.HOME_SITE)


def _catchments(lon: float, lat: float) -> tuple[str, ...]:
    return ground.placed(lon, lat, on=timezone.localdate()).get("catchment", ())


class _Houses:
    """The city's list of addresses, to name the block of a point."""

    def __init__(self, file: Path) -> None:
        with file.open(newline="") as opened:
            rows = [row for row in csv.DictReader(opened) if row["number"]]  # crossings have none
        self.names = [(int(row["number"]), row["street"]) for row in rows]
        self.points = np.asarray([(float(row["lon"]), float(row["lat"])) for row in rows])
        self.wide = math.cos(math.radians(float(self.points[0, 1])))

    def block(self, lon: float, lat: float) -> tuple[int, str]:
        """The hundred and the street of the nearest house."""
        east, north = (self.points - (lon, lat)).T
        number, street = self.names[int(np.argmin((east * self.wide) ** 2 + north**2))]
        return number // HUNDRED * HUNDRED, street


def _write_feed(path: Path, key: str, spots: list[Spot]) -> None:
    told: dict[str, Any] = {"key": key, "spots": [vars(spot) for spot in spots]}
    path.touch(mode=0o600)
    path.write_text(json.dumps(told))
