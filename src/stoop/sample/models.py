"""The nouns of Sample City: the files it is written in, and the truth it was drawn from."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

LABEL = "Sample City, a made-up city"
FIRST_DAY = date(2018, 1, 1)
LAST_DAY = date(2025, 12, 31)
SPLIT_DAY = date(2022, 1, 1)
TIME_ZONE = "America/Halifax"
AREA_FIELD = "district"
SECTOR_FIELD = "sector"


@dataclass(frozen=True)
class City:
    """Where the files of one Sample City are. `shootings` is (early release, late release)."""

    folder: Path
    shootings: tuple[Path, Path]
    areas: Path
    sectors: Path
    population: Path
    sites: Path
    addresses: Path
    truth: Path
    readme: Path


@dataclass(frozen=True)
class AreaTruth:
    """One district, by the codes after the split.

    `share` is its part of the city's expected shootings before drift, programs and the planted
    cluster; the park's is 0. `incidents` are those that happened in it, by the borders of the day.
    """

    code: str
    borough: str
    population: int
    share: float
    incidents: int


@dataclass(frozen=True)
class HotPlace:
    """A block where shootings recur, with warm blocks around it.

    Half of it is a bell of `spread_m` around a point, half one of `around_m`, both cut at 600 m.
    x_m, y_m are EPSG:32620; `share` is its part of the city's expected shootings half-way through;
    it runs on a straight line from `share * first` on the first day to `share * last` on the last.
    """

    x_m: float
    y_m: float
    longitude: float
    latitude: float
    area: str
    share: float
    first: float
    last: float
    spread_m: float
    around_m: float


@dataclass(frozen=True)
class ProgramTruth:
    """A program of sites.csv and what it truly does: every shooting rate in its area times
    (1 + effect) from `start` to `end` (None: it still runs)."""

    area: str
    program: str
    start: date | None
    end: date | None
    effect: float


@dataclass(frozen=True)
class NearRepeat:
    """After a shooting, with probability `share`, another follows within the radius and window.

    `planted` is how many did; chances fall with the days on a straight line, and every address
    within the radius is as likely as another.
    """

    share: float
    radius_m: float
    window_days: int
    planted: int


@dataclass(frozen=True)
class ClusterTruth:
    """The emerging cluster: `incidents` within `radius_m` of a point, until the last day."""

    x_m: float
    y_m: float
    longitude: float
    latitude: float
    area: str
    radius_m: float
    first_day: date
    last_day: date
    incidents: int


@dataclass(frozen=True)
class SplitTruth:
    """District `old` lost a part, from `first_day` district `new`; what is left keeps its code."""

    old: str
    new: str
    first_day: date


@dataclass(frozen=True)
class HoursTruth:
    """The night's share of the expected shootings, and the one district with another clock.

    `night_share` is that of `night_from` o'clock up to, not including, `night_to`, past midnight,
    outside the `afternoon_area`, where shootings peak from 15 to 18 o'clock instead.
    """

    night_from: int
    night_to: int
    night_share: float
    afternoon_area: str


@dataclass(frozen=True)
class DirtyRow:
    """A spoilt row: file name, line in it (the header is line 1), INCIDENT_KEY, what is wrong."""

    file: str
    line: int
    key: int
    reason: str


@dataclass(frozen=True)
class Counts:
    """What a perfect reader would count.

    incidents            shootings that happened; also the distinct INCIDENT_KEYs in the files
    victims              people shot
    victims_told_apart   victims whose description or fate differs, summed over incidents: no rule
                         that reads the files can count fewer
    rows                 data rows by file name, dirty rows and planted copies included
    repeated_rows        rows that are a copy of an earlier row in every column (planted ones and
                         victims who cannot be told apart)
    cross_product        incidents whose rows are perpetrators x victims x murder flags
    border_rows          rows whose recorded district is the neighbour's, across a border street
    """

    incidents: int
    victims: int
    victims_told_apart: int
    rows: dict[str, int]
    repeated_rows: int
    cross_product: int
    border_rows: int


@dataclass(frozen=True)
class Truth:
    """All that was planted. `years`: the factor of each calendar year. `summer`: the amplitude of
    a cosine over the year that peaks in mid-July."""

    label: str
    seed: int
    epsg: int
    time_zone: str
    first_day: date
    last_day: date
    years: dict[int, float]
    shock_year: int
    summer: float
    areas: tuple[AreaTruth, ...]
    hot_places: tuple[HotPlace, ...]
    hot_share: float
    programs: tuple[ProgramTruth, ...]
    near_repeat: NearRepeat
    cluster: ClusterTruth
    split: SplitTruth
    park: str
    hours: HoursTruth
    counts: Counts
    dirty: tuple[DirtyRow, ...]
