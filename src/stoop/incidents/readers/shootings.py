"""Shootings: rows of victims or incidents as columns, in the order of their files."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stoop.incidents.readers.report import ReadReport

Bools = NDArray[np.bool_]
Dates = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Int8s = NDArray[np.int8]
Int16s = NDArray[np.int16]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True, repr=False)
class Shootings:
    """Rows as published that can be used, all arrays of one length n and read-only.

    file: index into `report.files`. row: the data row's number in its file, from 1.
    incident: 0 to k - 1 by first appearance; rows of one incident carry the same number.
    date: local day. minute: minute of that day, 0 to 1439, or -1 where no time is known.
    lat, lon: degrees (WGS 84). x_m, y_m: metres in `crs`. All four are NaN together, where the
    row has no point that can be used.
    area: index into `area_names` of the area the file records, -1 where it records none.
    fatal: 1, 0, or -1 where the file does not say.
    perpetrator, victim: code of the row's combination of description columns (age, sex, race),
    -1 where the file has none. A code says "described alike", never who.
    victims: how many victims the row says it stands for, -1 where the file does not say.
    at_least: the fewest that a row can stand for which says how many were killed but not how many
    were injured, or the other way round; -1 for every other row.
    """

    file: Int16s
    row: Int64s
    incident: Int64s
    date: Dates
    minute: Int16s
    lat: Floats
    lon: Floats
    x_m: Floats
    y_m: Floats
    area: Int32s
    area_names: tuple[str, ...]
    fatal: Int8s
    perpetrator: Int32s
    victim: Int32s
    victims: Int16s
    at_least: Int16s
    crs: str
    report: ReadReport

    def __len__(self) -> int:
        return self.row.size

    def __repr__(self) -> str:
        # Short on purpose: rows about people have no place in a log or a failing test.
        return f"Shootings({len(self)} rows, {self.n_incidents} incidents)"

    @property
    def n_incidents(self) -> int:
        return int(self.incident.max()) + 1 if len(self) else 0

    @property
    def has_areas(self) -> bool:
        """Whether any row carries a recorded area."""
        return bool((self.area >= 0).any())

    @property
    def has_victim_counts(self) -> bool:
        """Whether any row says how many victims it stands for, or some of them."""
        return bool(((self.victims >= 0) | (self.at_least >= 0)).any())

    @property
    def counted(self) -> dict[str, NDArray[Any]]:
        """All that says how many were hit, by the names by which `stoopstat.measures` asks."""
        return {
            "incident": self.incident,
            "perpetrator": self.perpetrator,
            "victim": self.victim,
            "fatal": self.fatal,
            "told": self.victims,
            "at_least": self.at_least,
        }

    def first_of_each_incident(self) -> Int64s:
        """Index of the first row of each incident, (k,), in order of incident number."""
        return np.unique(self.incident, return_index=True)[1].astype(np.int64)

    def take(self, rows: ArrayLike) -> "Shootings":
        """The rows that a mask keeps or an index names; incidents are numbered anew.

        The report and `area_names` stay those of the whole reading.
        """
        chosen = np.asarray(rows)
        columns: dict[str, Any] = {
            name: frozen(getattr(self, name)[chosen]) for name in ARRAYS if name != "incident"
        }
        columns["incident"] = number_by_first_appearance(self.incident[chosen])
        return replace(self, **columns)

    def until(self, day: dt.date | np.datetime64) -> "Shootings":
        """The rows dated on or before `day`, naming only the areas that these rows record."""
        kept = self.take(self.date <= _day(day))
        used = np.unique(kept.area[kept.area >= 0])
        code = np.full(len(self.area_names) + 1, -1, dtype=np.int32)  # the last serves -1
        code[used] = np.arange(used.size)
        names = tuple(self.area_names[i] for i in used)
        return replace(kept, area=frozen(code[kept.area]), area_names=names)


ARRAYS = (
    "file", "row", "incident", "date", "minute", "lat", "lon", "x_m", "y_m", "area", "fatal",
    "perpetrator", "victim", "victims", "at_least",
)  # fmt: skip


def _day(day: dt.date | np.datetime64) -> np.datetime64:
    return np.datetime64(day) if isinstance(day, dt.date) else day


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, no longer writeable."""
    array.flags.writeable = False
    return array


def number_by_first_appearance(keys: NDArray[np.int64]) -> Int64s:
    """0, 1, 2... for each distinct key, in the order in which keys first appear."""
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    return frozen(rank[inverse.reshape(-1)])
