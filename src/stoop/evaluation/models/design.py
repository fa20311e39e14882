"""The nouns of a study: its design, its calendar, its panel."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stoop.evaluation.models.costs import Costs
from stoop.evaluation.models.publication import Published, SmallCells

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]

MEASURES = ("rows", "incidents", "victims", "fatal")
MONTHS = {"year": 12, "quarter": 3, "month": 1}
_WRITTEN = {
    "year": (r"(\d{4})", "2006"),
    "quarter": (r"(\d{4})-Q([1-4])", "2006-Q1"),
    "month": (r"(\d{4})-(0[1-9]|1[0-2])", "2006-01"),
}


@dataclass(frozen=True, slots=True)
class Calendar:
    """The periods of a panel: years, quarters or months, from first to last.

    first, last: whole periods since 1970, so that neighbours differ by one.

    >>> Calendar("quarter", 144, 145).labels
    ('2006-Q1', '2006-Q2')
    """

    length: str
    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(label(self.length, index) for index in range(self.first, self.last + 1))

    @property
    def edges(self) -> Days:
        """(T + 1,) first day of each period, and the first day after the last."""
        months = np.arange(self.first, self.last + 2) * MONTHS[self.length]
        return months.astype("datetime64[M]").astype("datetime64[D]")

    def column(self, days: Days) -> Ints:
        """Column of each day; below 0 or beyond the last where it lies outside."""
        months = days.astype("datetime64[M]").astype(np.int64)
        return months // MONTHS[self.length] - self.first

    def within(self, days: Days) -> Bools:
        """Whether each day lies in one of the periods."""
        column = self.column(days)
        return np.asarray((column >= 0) & (column < self.size))

    @property
    def months(self) -> "Calendar":
        """The same time in months."""
        length = MONTHS[self.length]
        return Calendar("month", self.first * length, (self.last + 1) * length - 1)


def label(length: str, index: int) -> str:
    """A period in words: 2006, 2006-Q1 or 2006-01.

    >>> label("year", 36), label("month", 432)
    ('2006', '2006-01')
    """
    year, month = divmod(index * MONTHS[length], 12)
    if length == "year":
        return str(year + 1970)
    if length == "quarter":
        return f"{year + 1970}-Q{month // 3 + 1}"
    return f"{year + 1970}-{month + 1:02d}"


def period(text: str, length: str) -> int:
    """A written period as whole periods since 1970; ValueError, with an example, for any other.

    >>> period("2006-Q1", "quarter")
    144
    """
    pattern, example = _WRITTEN[length]
    found = re.fullmatch(pattern, text)
    if not found or not 1900 <= int(found[1]) <= 2100:
        raise ValueError(example)
    inside = int(found[2]) - 1 if length != "year" else 0
    return (int(found[1]) - 1970) * (12 // MONTHS[length]) + inside


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A unit that is left out, and why."""

    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A part of the panel: treated units that start from first_start to last_start, with the
    comparison, up to the period last (columns; None: no limit)."""

    name: str
    first_start: int | None = None
    last_start: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The column of the list of sites that says what a line stands for; at_work counts from its
    start on, closed did until its end, and no other counts."""

    column: str
    at_work: tuple[str, ...]
    closed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """The same outcome in other files, up to the period last (a column)."""

    files: tuple[Path, ...]
    last: int


@dataclass(frozen=True, slots=True)
class Design:
    """All that STUDY.toml says, checked; `name` and `sha256` are of that file."""

    name: str
    sha256: str
    question: str
    title: str
    files: tuple[Path, ...]
    measure: str
    area: str
    columns: Mapping[str, str] | None
    timezone: str | None
    crs: str | None
    kind: str
    outlines: Path | None
    field: str | None
    parts: Mapping[str, str]
    population: Path | None
    calendar: Calendar
    sites: Path
    site_area: str
    site_start: str
    site_end: str | None
    start_also: Mapping[str, str]
    vintage: Release | None
    comparison: tuple[str, ...] | None
    exclusions: tuple[Exclusion, ...]
    samples: tuple[Sample, ...]
    estimators: tuple[str, ...]
    seed: int
    permutations: int
    small_cells: SmallCells
    published: tuple[Published, ...]
    as_of: str = "last day"
    catchments: Path | None = None
    catchment_field: str | None = None
    site_status: Status | None = None
    leave_out_neighbours: bool = False
    not_yet_treated: bool = True
    rings_m: tuple[float, ...] = ()
    costs: Costs | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """One program at work in one area. by_month: its start is known to the month or the day."""

    area: str
    start: date
    end: date | None
    by_month: bool


@dataclass(frozen=True, slots=True)
class Sites:
    """The programs of a list; how many lines have no start, and so are planned; and how many do
    not count by their status, for each status."""

    programs: tuple[Site, ...]
    planned: int
    otherwise: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Panel:
    """Counts by unit and period with their treatment.

    units: (U,) codes. counts: (U, T). onset: (U,) column of the first treated period, infinite
    where never. dose: (U, T) share of each period under a program; ended: (U, T) periods after the
    onset at whose end none is at work. months: (U, M) counts by month over the same time; launch:
    (U,) month column of the start, infinite where never, None where some start is only known to the
    year. adjacent: (U, U) units that touch, None without outlines; within: (R, U, T) share of a
    unit's ground within each distance of others at work, None without rings. population: (U,)
    residents, None without. exclusions: what was left out, and why, with the
    outcome that went with it. said: what was decided on the way, in sentences. inputs: name and
    digest of each file.
    """

    units: tuple[str, ...]
    calendar: Calendar
    counts: Floats
    onset: Floats
    dose: Floats
    ended: Bools
    months: Floats
    launch: Floats | None
    adjacent: Bools | None
    within: Floats | None
    population: Floats | None
    total: int
    exclusions: tuple[tuple[str, str, int], ...]
    said: tuple[str, ...]
    inputs: tuple[tuple[str, str], ...]

    @property
    def treated(self) -> int:
        """How many units have a start inside the panel, with a period before it."""
        return int(((self.onset > 0) & (self.onset < self.calendar.size)).sum())

    @property
    def always_treated(self) -> int:
        """How many have a program from the first period on, and so no before of their own."""
        return int((self.onset <= 0).sum())
