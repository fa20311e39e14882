"""How good are the data: what was read, what was not, and what the brief cannot say."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from stoop.places import queries
from stoop.precision.studies import record
from stoop.precision.studies.city import City

# Above this share of rows whose recorded area is not the outline's, the brief says so up front.
LITTLE = 0.01
# A point this close to its recorded area is a border street or a simplified line, not an error.
BORDER_M = 25.0


@dataclass(frozen=True, slots=True)
class File:
    """One input: its name and digest, its rows, and which column was taken for what."""

    name: str
    sha256: str
    kind: str
    rows_read: int
    rows_rejected: int
    columns: dict[str, str]


@dataclass(frozen=True, slots=True)
class Differ:
    """Incidents recorded in one area whose point lies in another."""

    recorded: str
    mapped: str
    incidents: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Recorded area against the outline that holds the point, over incidents with both.

    at_border: of those that differ, how many lie within 25 m of their recorded area.
    """

    compared: int
    agree: int
    share: float
    differ: tuple[Differ, ...]
    not_on_map: tuple[tuple[str, int], ...]
    outside: int
    at_border: int

    @property
    def missed(self) -> int:
        """Incidents whose recorded area is not the one they lie in."""
        return self.compared - self.agree

    @property
    def more_than_a_little(self) -> bool:
        """Whether the two differ often enough that a reader must be told."""
        return 1 - self.share > LITTLE


@dataclass(frozen=True, slots=True)
class Quality:
    """rows_set_aside: kept for counts, without their point. rows_after: later than the day."""

    files: tuple[File, ...]
    rows_read: int
    rows_rejected: int
    rows_set_aside: int
    rows_after: int
    exact_duplicates: int
    reasons: tuple[tuple[str, int], ...]
    without_time: int
    without_point: int
    without_area: int
    without_fatal: int
    crossed: int
    crossed_by_perpetrator: int
    several_rows: int
    area_source: str
    agreement: Agreement | None
    no_recorded_rows: tuple[str, ...]
    crs: str
    notes: tuple[str, ...]


def study(city: City) -> Quality:
    """Completeness of the incidents, rejects of the files, recorded against mapped areas."""
    report = city.shootings.report
    use = Counter(reject.use for reject in report.rejects)
    reasons = Counter(reject.reason.split(":")[0] for reject in report.rejects)
    notes = (*report.notes, *(city.areas.notes if city.areas else ()), *record.notes(city.day))
    return Quality(
        files=tuple(
            File(f.name, f.sha256, f.kind, f.rows_read, f.rows_rejected, dict(f.columns))
            for f in report.files
        ),
        rows_read=sum(f.rows_read for f in report.files),
        rows_rejected=use["nothing"],
        rows_set_aside=use["counts only"],
        rows_after=city.rows_after,
        exact_duplicates=report.exact_duplicates,
        reasons=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        without_time=int((city.minute < 0).sum()),
        without_point=int((~city.placed).sum()),
        without_area=int((city.area < 0).sum()),
        without_fatal=int(
            (city.shootings.fatal[city.shootings.first_of_each_incident()] < 0).sum()
        ),
        crossed=int(city.counted.crossed.sum()),
        crossed_by_perpetrator=int(city.counted.crossed_by_perpetrator.sum()),
        several_rows=city.counted.several_rows,
        area_source=city.area_source,
        agreement=_agreement(city),
        no_recorded_rows=city.no_recorded_rows,
        crs=city.crs,
        notes=tuple(dict.fromkeys(notes)),
    )


def _agreement(city: City) -> Agreement | None:
    """Compare on the outlines of each shooting's own day; None without both."""
    shootings, areas = city.shootings, city.areas
    if areas is None or not shootings.has_areas:
        return None
    first = shootings.first_of_each_incident()
    recorded = np.array([*shootings.area_names, ""], dtype=object)[shootings.area[first]]
    located = queries.locate(areas, city.lon, city.lat, on=city.day)
    mapped = np.array([*areas.codes, ""], dtype=object)[located]
    near = queries.near_area(areas, recorded, city.lon, city.lat, within_m=BORDER_M, on=city.day)
    found = queries.compare(recorded, mapped, areas=areas, near=near)
    if not found.compared:
        return None
    return Agreement(
        compared=found.compared,
        agree=found.agree,
        share=found.share,
        differ=tuple(Differ(p.recorded, p.mapped, p.rows) for p in found.differ),
        not_on_map=tuple(found.not_on_map),
        outside=found.outside,
        at_border=found.at_border or 0,
    )
