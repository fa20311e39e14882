"""Parts: one file's columns, read from text into values, before files are put together."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from stoop.incidents.readers.areas import plain_area
from stoop.incidents.readers.columns import Columns
from stoop.incidents.readers.dates import parse_days
from stoop.incidents.readers.engine import NO_ID, Raw, Texts
from stoop.incidents.readers.incidents import n_distinct
from stoop.incidents.readers.numbers import point_of, settle
from stoop.incidents.readers.points import Projection, typical
from stoop.incidents.readers.times import DAY, UNREADABLE, parse_times
from stoop.incidents.readers.words import count_of, fatal_of, short
from stoop.kernel.errors import Refusal

UNIT = "\x1f"  # what the engine puts between the cells of one description

Floats = NDArray[np.float64]


@dataclass(slots=True)
class Part:
    """Columns of one file, n rows long, unusable rows included.

    `dead` holds why a row serves nothing, `hourless` why its time of day does not, by row.
    `unread` marks rows whose coordinates are texts that are no numbers, shown in `odd`.
    `x`, `y` are in the file's own unit, NaN where there are none to trust. `pointed` tells that the
    file has coordinates at all.
    """

    n: int
    ids: NDArray[np.int64]
    date: NDArray[np.datetime64]
    minute: NDArray[np.int16]
    lat: Floats
    lon: Floats
    x: Floats
    y: Floats
    area: Texts
    fatal: NDArray[np.int8]
    perpetrator: Texts
    victim: Texts
    victims: NDArray[np.int16]
    at_least: NDArray[np.int16]
    killed: NDArray[np.int16]
    pointed: bool
    unread: NDArray[np.bool_]
    odd: dict[int, str] = field(default_factory=dict)
    dead: dict[int, str] = field(default_factory=dict)
    hourless: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_part(
    raw: Raw, columns: Columns, name: str, zone: ZoneInfo | None, projection: Projection | None
) -> Part:
    """Give every text of a file its meaning."""
    n = raw.n
    nowhere = np.full(n, np.nan)
    none = Texts(np.full(n, -1, dtype=np.int32), ())
    killed, injured = _counted(raw, "killed"), _counted(raw, "injured")
    fatal, notes = _fatal(raw, killed, name)
    victims, at_least, said = _victims(raw, killed, injured, name)
    notes += said
    part = Part(
        n=n,
        ids=_ids(raw, columns, notes, name),
        date=np.full(n, np.datetime64("NaT"), dtype="datetime64[D]"),
        minute=np.full(n, -1, dtype=np.int16),
        lat=raw.numbers["lat"].value if "lat" in raw.numbers else nowhere.copy(),
        lon=raw.numbers["lon"].value if "lon" in raw.numbers else nowhere.copy(),
        x=raw.numbers["x"].value if "x" in raw.numbers else nowhere,
        y=raw.numbers["y"].value if "y" in raw.numbers else nowhere,
        area=raw.texts.get("area", none).renamed(plain_area),
        fatal=fatal,
        perpetrator=raw.texts.get("perpetrator", none).renamed(_description),
        victim=raw.texts.get("victim", none).renamed(_description),
        victims=victims,
        at_least=at_least,
        killed=killed,
        pointed=bool(raw.numbers) or columns.one("point") is not None,
        unread=np.zeros(n, dtype=bool),
        notes=notes,
    )
    for row in raw.surplus:
        part.dead[int(row)] = "more fields than the header has"
    _dates(part, raw, columns, name, zone)
    _coordinates(part, raw, name, projection)
    return part


def _ids(raw: Raw, columns: Columns, notes: list[str], name: str) -> NDArray[np.int64]:
    if raw.incident is None:
        return np.full(raw.n, NO_ID, dtype=np.int64)
    ids = raw.incident
    if "incident" in columns.weak and n_distinct(ids) == ids.size:
        notes.append(
            f"'id' numbers the rows of {name}, not its incidents, so it is not used; if it does"
            " number incidents, say --columns incident=id."
        )
        return np.full(raw.n, NO_ID, dtype=np.int64)
    return ids


def _description(text: str) -> str:
    # Case and spaces never make two descriptions.
    return UNIT.join(" ".join(part.split()) for part in text.casefold().split(UNIT))


def _fatal(raw: Raw, killed: NDArray[np.int16], name: str) -> tuple[NDArray[np.int8], list[str]]:
    """Whether anybody was killed, from whichever column says so."""
    if "fatal" not in raw.texts:
        return np.where(killed < 0, -1, killed > 0).astype(np.int8), []
    texts = raw.texts["fatal"]
    answers, strange = fatal_of(texts.values)
    if not strange:
        return answers[texts.code], []
    return answers[texts.code], [
        f"{strange} different words in the column of {name} that tells fatal shootings are"
        " neither yes nor no; those rows count as unknown."
    ]


def _victims(
    raw: Raw, killed: NDArray[np.int16], injured: NDArray[np.int16], name: str
) -> tuple[NDArray[np.int16], NDArray[np.int16], list[str]]:
    """How many were hit, and how many at least where one of two numbers is missing."""
    unknown = np.full(raw.n, -1, dtype=np.int16)
    if "victims" in raw.texts:
        return _counted(raw, "victims"), unknown, []
    if "killed" not in raw.texts or "injured" not in raw.texts:
        return unknown, unknown, []
    both = (killed >= 0) & (injured >= 0)
    one = (killed >= 0) ^ (injured >= 0)  # missing is not zero
    notes = []
    if n := int(one.sum()):
        notes.append(
            f"{n:,} rows of {name} say how many were killed or how many were injured without the"
            " other; how many were hit is not known of them, and they count as the fewest that it"
            " can be."
        )
    victims = np.where(both, killed + injured, unknown)
    return victims, np.where(one, np.maximum(killed, injured), unknown), notes


def _counted(raw: Raw, role: str) -> NDArray[np.int16]:
    """The number in each row of a column, -1 where it says none or there is no such column."""
    texts = raw.texts.get(role)
    if texts is None:
        return np.full(raw.n, -1, dtype=np.int16)
    return count_of(texts.values)[texts.code]


def _dates(part: Part, raw: Raw, columns: Columns, name: str, zone: ZoneInfo | None) -> None:
    texts = raw.texts["date"]
    header = columns.named()["date"]
    days = parse_days(texts.values, texts.counts, zone, f"column '{header}' of {name}")
    part.notes += days.notes
    if columns.dates_reports():
        part.notes.append(f"{name} dates the report ('{header}'), not the shooting itself.")
    part.date, part.minute = days.day[texts.code], days.minute[texts.code]
    for row in np.flatnonzero(np.isnat(part.date)):
        part.dead.setdefault(int(row), days.reason[texts.code[row]])
    clock = raw.texts.get("time")
    if clock is None or ("time" in columns.weak and (part.minute >= 0).any()):
        return
    minutes = parse_times(clock.values)
    part.minute = minutes[clock.code]
    for row in np.flatnonzero(part.minute == UNREADABLE):
        text = clock.values[clock.code[row]]
        part.hourless[int(row)] = f"time that cannot be read{short(text)}"
    part.minute[part.minute == UNREADABLE] = -1
    late = part.minute == DAY
    if late.any():
        part.date = part.date + late
        part.minute[late] = 0
        part.notes.append(
            f"{int(late.sum()):,} rows of {name} give 24:00, read as 00:00 of the next day."
        )


def _coordinates(part: Part, raw: Raw, name: str, projection: Projection | None) -> None:
    for role, degrees in (("lat", True), ("lon", True), ("x", False), ("y", False)):
        if role in raw.numbers:
            part.odd |= settle(raw.numbers[role], degrees=degrees)
    part.unread[list(part.odd)] = True
    for row, text in raw.point.items():
        if point := point_of(text):
            part.lat[row], part.lon[row] = point
    nothing = (part.x == 0.0) | (part.y == 0.0)
    if nothing.any():
        part.x, part.y = np.where(nothing, np.nan, part.x), np.where(nothing, np.nan, part.y)
    lacking = np.isnan(part.lat) | np.isnan(part.lon) | ((part.lat == 0.0) & (part.lon == 0.0))
    lacking &= ~(np.isnan(part.x) | np.isnan(part.y))
    if _in_degrees(part.x, part.y):
        part.lat, part.lon = (
            np.where(lacking, part.y, part.lat),
            np.where(lacking, part.x, part.lon),
        )
        part.x = part.y = np.full(part.n, np.nan)
    elif lacking.any() and projection is not None:
        part.lat[lacking], part.lon[lacking] = projection.unproject(
            part.x[lacking], part.y[lacking]
        )
    elif lacking.any() and np.isnan(part.lat).all():
        raise Refusal(
            f"{name} has projected coordinates alone; say in which system they are, as with --crs"
            " EPSG:2263."
        )
    bare = nothing & np.isnan(part.lat) & np.isnan(part.lon)
    if bare.any():
        part.lat[bare] = part.lon[bare] = 0.0


def _in_degrees(x: Floats, y: Floats) -> bool:
    given = ~(np.isnan(x) | np.isnan(y))
    if not given.any():
        return False
    return typical(np.abs(x[given])) <= 180.0 and typical(np.abs(y[given])) <= 90.0
