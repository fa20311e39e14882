"""The two files of shootings, in the shapes in which real cities publish theirs.

A record is a dictionary from an own column name to text; `Release` says how a release names,
orders and writes them. Dirt is put in last, on whole records, and every spoilt line is told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from stoop.sample.actions.dirt import spoil
from stoop.sample.actions.draws import Draws, Ints
from stoop.sample.actions.land import BOROUGHS, Land
from stoop.sample.actions.people import Case, Row
from stoop.sample.actions.process import Shootings
from stoop.sample.actions.projection import degrees
from stoop.sample.actions.streets import Streets
from stoop.sample.models import SPLIT_DAY, DirtyRow

EARLY_UNTIL = date(2023, 1, 1)
BORDER_SLIP = 0.5
PLACES = ("MULTI DWELL - APT BUILD", "STREET", "GROCERY/CORNER STORE", "BAR", "PVT HOUSE")
Record = dict[str, str]


@dataclass(frozen=True)
class Release:
    """One publication of the data: file name, columns as (header, own name), and its manners."""

    file: str
    columns: tuple[tuple[str, str], ...]
    unknown: str
    yes: str
    no: str
    delimiter: str
    newline: str
    encoding: str
    as_date: Callable[[datetime], str]
    as_time: Callable[[datetime], str]
    as_degrees: Callable[[float], str]
    as_metres: Callable[[float], str]
    sorted_by_time: bool

    def text(self, records: list[Record]) -> str:
        lines = [[header for header, _ in self.columns]]
        lines += [[record[name] for _, name in self.columns] for record in records]
        return "".join(
            self.delimiter.join(quoted(cell, self.delimiter) for cell in line) + self.newline
            for line in lines
        )


def quoted(cell: str, delimiter: str) -> str:
    return f'"{cell}"' if delimiter in cell or '"' in cell else cell


def _american(when: datetime) -> str:
    return f"{when.month}/{when.day}/{when.year}"


def _whole_metres(value: float) -> str:
    """Some exports put thousands commas into whole numbers, which numbers is an accident."""
    whole = int(np.rint(value))
    return f"{whole:,}" if whole % 10 in (3, 4, 9) else str(whole)


EARLY = Release(
    file="shootings_early.csv",
    columns=(
        ("INCIDENT_KEY", "key"), ("OCCUR_DATE", "date"), ("OCCUR_TIME", "time"),
        ("BORO", "borough"), ("DISTRICT", "area"), ("JURISDICTION_CODE", "jurisdiction"),
        ("LOCATION_DESC", "location"), ("STATISTICAL_MURDER_FLAG", "murder"),
        ("PERP_AGE_GROUP", "suspect_age"), ("PERP_SEX", "suspect_sex"),
        ("PERP_RACE", "suspect_group"), ("VIC_AGE_GROUP", "victim_age"), ("VIC_SEX", "victim_sex"),
        ("VIC_RACE", "victim_group"), ("X_COORD_CD", "x"), ("Y_COORD_CD", "y"),
        ("Latitude", "latitude"), ("Longitude", "longitude"), ("Lon_Lat", "point"),
    ),
    unknown="", yes="TRUE", no="FALSE", delimiter=",", newline="\n", encoding="utf-8",
    as_date=_american, as_time=lambda when: f"{when.hour}:{when:%M:%S}",
    as_degrees=lambda value: f"{value:.8f}", as_metres=_whole_metres, sorted_by_time=False,
)  # fmt: skip
LATE = Release(
    file="shootings_late.csv",
    columns=(
        ("OCCUR_DATE", "date"), ("OCCUR_TIME", "time"), ("INCIDENT_KEY", "key"),
        ("DISTRICT", "area"), ("BORO", "borough"), ("LOC_OF_OCCUR_DESC", "outside"),
        ("JURISDICTION_CODE", "jurisdiction"), ("LOC_CLASSFCTN_DESC", "class"),
        ("LOCATION_DESC", "location"), ("STATISTICAL_MURDER_FLAG", "murder"),
        ("VIC_AGE_GROUP", "victim_age"), ("VIC_SEX", "victim_sex"), ("VIC_RACE", "victim_group"),
        ("PERP_AGE_GROUP", "suspect_age"), ("PERP_SEX", "suspect_sex"),
        ("PERP_RACE", "suspect_group"), ("Longitude", "longitude"), ("Latitude", "latitude"),
        ("X_COORD_CD", "x"), ("Y_COORD_CD", "y"), ("New Georeferenced Column", "point"),
        ("Sector", "sector"),
    ),
    unknown="(null)", yes="Y", no="N", delimiter=";", newline="\r\n", encoding="utf-8-sig",
    as_date=lambda when: f"{when:%m/%d/%Y}", as_time=lambda when: f"{when:%H:%M:%S}",
    as_degrees=lambda value: f"{value:.15f}", as_metres=lambda value: f"{value:.15f}",
    sorted_by_time=True,
)  # fmt: skip


@dataclass(frozen=True)
class Published:
    """One release with its records in the order of the file, and what is odd in it."""

    release: Release
    records: tuple[Record, ...]
    dirty: tuple[DirtyRow, ...]
    border_rows: int


def publish(
    land: Land, streets: Streets, shootings: Shootings, cases: list[Case], seed: int
) -> tuple[Published, Published]:
    draws = Draws(seed, "rows")
    keys = 31_000_000 + np.cumsum(1 + draws.below(400, len(cases)))
    longitude, latitude = degrees(streets.x_m, streets.y_m)
    parts: dict[bool, list[list[Record]]] = {True: [], False: []}
    border = {True: 0, False: 0}
    for k, case in enumerate(cases):
        when, at = shootings.when[k], int(shootings.address[k])
        early = when.date() < EARLY_UNTIL
        release = EARLY if early else LATE
        place = _place(land, streets, at, when.date(), draws)
        position = (float(streets.x_m[at]), float(streets.y_m[at]))
        point = (float(longitude[at]), float(latitude[at]))
        shared = _shared(release, int(keys[k]), when, place, position, point, draws)
        parts[early].append([shared | _people(release, row) for row in case.rows])
        border[early] += len(case.rows) * (place[0] != place[1])
    return tuple(  # type: ignore[return-value]
        _finish(release, parts[early], border[early], Draws(seed, release.file))
        for release, early in ((EARLY, True), (LATE, False))
    )


def _place(land: Land, streets: Streets, at: int, day: date, draws: Draws) -> tuple[str, str, str]:
    """Recorded district, true district, sector, by the borders of that day."""
    after = day >= SPLIT_DAY
    sector = int(streets.sector[at])
    true = (land.area_after if after else land.area_before)[sector]
    code = (land.code_after if after else land.code_before)[sector]
    across = (streets.across_after if after else streets.across_before)[at]
    slips = bool(across) and draws.chance(BORDER_SLIP)
    return (across if slips else true, true, code)


def _shared(
    release: Release,
    key: int,
    when: datetime,
    place: tuple[str, str, str],
    position: tuple[float, float],
    point: tuple[float, float],
    draws: Draws,
) -> Record:
    """What all rows of an incident have in common."""
    longitude, latitude = (release.as_degrees(value) for value in point)
    location = (
        PLACES[int(draws.below(len(PLACES), 1)[0])] if draws.chance(0.45) else release.unknown
    )
    outside = draws.chance(0.8)
    return {
        "key": str(key),
        "date": release.as_date(when),
        "time": release.as_time(when),
        "borough": BOROUGHS[place[0][0]].upper(),
        "area": place[0],
        "sector": place[2],
        "jurisdiction": "2" if draws.chance(0.12) else "0",
        "location": location,
        "outside": "OUTSIDE" if outside else "INSIDE",
        "class": "STREET" if outside else "DWELLING",
        "x": release.as_metres(position[0]),
        "y": release.as_metres(position[1]),
        "longitude": longitude,
        "latitude": latitude,
        "point": f"POINT ({longitude} {latitude})",
    }


def _people(release: Release, row: Row) -> Record:
    suspect = [value or release.unknown for value in row.suspect]
    return {
        "murder": release.yes if row.murder else release.no,
        "suspect_age": suspect[0],
        "suspect_sex": suspect[1],
        "suspect_group": suspect[2],
        "victim_age": row.victim[0],
        "victim_sex": row.victim[1],
        "victim_group": row.victim[2],
    }


def _finish(release: Release, parts: list[list[Record]], border: int, draws: Draws) -> Published:
    records, reasons = spoil(parts, draws)
    if not release.sorted_by_time:
        order: Ints = draws.order(len(records))
        records = [records[k] for k in order.tolist()]
        reasons = [reasons[k] for k in order.tolist()]
    dirty = tuple(
        DirtyRow(release.file, line, int(record["key"]), reason)
        for line, (record, reason) in enumerate(zip(records, reasons, strict=True), start=2)
        if reason
    )
    return Published(release, tuple(records), dirty, border)
