"""What the files of places hold, as frozen results. Read by `readers`, asked by `queries`."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from stoop.kernel.rejects import RejectedRow

Geometries = npt.NDArray[np.object_]
Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.str_]

_WHOLE_NUMBER = re.compile(r"([+-]?\d+)\.0*")


def area_code(value: Any) -> str:
    """The one spelling of an area's code, as text; empty when there is none.

    Spreadsheets turn the code 75 into 75.0 and map files into the number 75: all three are "75"
    here. Leading zeros are kept, because "01" and "1" may be two places.

    >>> area_code(75.0), area_code(" 75.0 "), area_code("101D"), area_code(None)
    ('75', '75', '101D', '')
    """
    if value is None or (isinstance(value, float | np.floating) and not np.isfinite(value)):
        return ""
    text = str(value).strip()
    whole = _WHOLE_NUMBER.fullmatch(text)
    return whole.group(1) if whole else text


def area_order(code: str) -> tuple[int, float, str]:
    """Sort key of codes that puts 9 before 10 and numbers before words.

    >>> sorted(["10", "W1", "9"], key=area_order)
    ['9', '10', 'W1']
    """
    plain = code.isascii() and code.replace(".", "", 1).isdigit()
    return (0, float(code), code) if plain else (1, 0.0, code)


@dataclass(frozen=True, eq=False)
class Areas:
    """Polygons with codes, each valid from a day until another.

    One row is one area in one shape: an area whose border moved has a row for each shape, with
    the same code. All arrays have one element a row, in the order of the file.

    codes        text
    polygons     shapely Polygon or MultiPolygon, valid, longitude and latitude (EPSG:4326)
    valid_from   datetime64[D], the first day; NaT when it was always so
    valid_to     datetime64[D], the first day on which it no longer holds (exclusive); NaT when open
    file         name of the file, without its folder
    sha256       digest of the file's bytes
    field        the property that held the codes
    kind         what one of them is called: "area", "precinct", "sector"
    notes        what the reader had to do, in sentences for the analyst
    names        what people call each; empty where no property was asked for
    rejects      shapes that were left out: their number in the file, and why
    """

    codes: tuple[str, ...]
    polygons: Geometries
    valid_from: Days
    valid_to: Days
    file: str
    sha256: str
    field: str
    kind: str
    notes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    rejects: tuple[RejectedRow, ...] = ()

    def __len__(self) -> int:
        return len(self.codes)

    def __post_init__(self) -> None:
        lengths = {len(self.codes), *map(len, (self.polygons, self.valid_from, self.valid_to))}
        if len(lengths) != 1:
            raise ValueError("codes, polygons, valid_from and valid_to differ in length")


@dataclass(frozen=True)
class Program:
    """A prevention program at work in one area, as one line of a city's list of sites.

    `start` is its first day and `end` its last, None while it runs; a month in the list starts on
    its first day and ends on its last. A site that is only planned has `planned_start` and no
    `start`. `status` is the list's own words on the day it was written, and decides nothing here.
    """

    area: str
    program: str
    provider: str
    neighborhood: str
    start: date | None
    end: date | None
    planned_start: date | None
    status: str

    @property
    def name(self) -> str:
        """What to call it: the program, else its provider, else where it works."""
        return self.program or self.provider or self.neighborhood

    def running_on(self, day: date) -> bool:
        """Whether it ran on that day, by its dates alone: a plan does not run."""
        return (
            self.start is not None and self.start <= day and (self.end is None or day <= self.end)
        )


@dataclass(frozen=True)
class Pair:
    """Rows that one source puts in one area and the map in another."""

    recorded: str
    mapped: str
    rows: int


@dataclass(frozen=True)
class Agreement:
    """How well the recorded areas agree with the map.

    rows           all rows
    compared       rows that have a recorded area and lie in a polygon
    agree          those of them where the two are the same
    share          agree / compared; 1.0 when nothing could be compared
    differ         the pairs that differ, most rows first
    at_border      of the rows that differ, those that lie at the border of their recorded area;
                   None when it was not asked
    unrecorded     rows without a recorded area
    outside        rows that lie in no polygon
    never_recorded areas on the map that no row names, in the map's order
    not_on_map     recorded areas that have no polygon, most rows first, with their rows
    sentence       all of it in plain words
    """

    rows: int
    compared: int
    agree: int
    share: float
    differ: tuple[Pair, ...]
    at_border: int | None
    unrecorded: int
    outside: int
    never_recorded: tuple[str, ...]
    not_on_map: tuple[tuple[str, int], ...]
    sentence: str


@dataclass(frozen=True, eq=False)
class Outline:
    """An area to draw: closed rings in metres, (k, 2) each, shells and holes alike.

    Fill them with the even-odd rule. `row` is its row in Areas.
    """

    row: int
    code: str
    rings: tuple[Floats, ...]
