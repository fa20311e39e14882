"""Sample City was drawn from a known truth; reading its files and counting finds that truth again.

Each test asks one question of the brief, on the messy files, and compares with what was planted.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from stoop.incidents.readers import Shootings, read_within
from stoop.places.queries import (
    Areas,
    compare,
    land_mask,
    locate,
    project_polygons,
)
from stoop.places.readers import read_areas, read_population, read_programs
from stoop.sample.actions import City, build
from stoop.sample.queries import Truth, truth
from stoopstat.backtest import backtest
from stoopstat.events import events
from stoopstat.grid import Grid, grid_over
from stoopstat.hotspots import gi_star
from stoopstat.hours import hours
from stoopstat.measures import Measures, measures
from stoopstat.nearrepeat import knox
from stoopstat.ranking import rank
from stoopstat.scan import Scan, scan
from stoopstat.trend import change, dispersion, monthly, yearly

CELL_M = 250.0


@dataclass(frozen=True)
class Known:
    """The city read back: arrays of one element an incident, `placed` where it has a point."""

    told: Truth
    city: City
    shootings: Shootings
    areas: Areas
    counted: Measures
    first: np.ndarray
    day: np.ndarray
    minute: np.ndarray
    x_m: np.ndarray
    y_m: np.ndarray
    placed: np.ndarray
    code: np.ndarray

    @property
    def days(self) -> np.ndarray:
        return self.day.astype(np.int64)

    @property
    def years(self) -> np.ndarray:
        return self.day.astype("datetime64[Y]").astype(np.int64) + 1970

    @property
    def months(self) -> np.ndarray:
        return self.day.astype("datetime64[M]").astype(np.int64)

    def near(self, x_m: float, y_m: float, radius_m: float) -> np.ndarray:
        return np.hypot(self.x_m - x_m, self.y_m - y_m) <= radius_m


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    city = build(tmp_path_factory.mktemp("sample"), seed=1)
    told = truth(city.folder)
    areas = read_areas(city.areas, field="district")
    shootings = read_within(
        areas, list(city.shootings), timezone=told.time_zone, crs=f"EPSG:{told.epsg}"
    )
    first = shootings.first_of_each_incident()
    row = locate(areas, shootings.lon[first], shootings.lat[first], on=shootings.date[first])
    x_m, y_m = shootings.x_m[first], shootings.y_m[first]
    return Known(
        told=told,
        city=city,
        shootings=shootings,
        areas=areas,
        counted=measures(
            shootings.incident, shootings.perpetrator, shootings.victim, shootings.fatal
        ),
        first=first,
        day=shootings.date[first],
        minute=shootings.minute[first],
        x_m=x_m,
        y_m=y_m,
        placed=np.isfinite(x_m),
        code=np.asarray(["", *areas.codes])[row + 1],
    )


def dirty(told: Truth, reason: str) -> set[tuple[str, int]]:
    """File and data row (the first under the header is 1) of the rows spoilt in that way."""
    return {(row.file, row.line - 1) for row in told.dirty if row.reason == reason}


def test_every_row_is_read_and_every_spoilt_one_is_told(known: Known) -> None:
    told, report = known.told, known.shootings.report
    assert report.rows_read == sum(told.counts.rows.values())
    impossible = dirty(told, "no such day")
    assert report.rows_rejected == len(impossible)
    rejected = {(reject.file, reject.row): reject for reject in report.rejects}
    assert impossible <= {at for at, reject in rejected.items() if reject.use == "nothing"}
    for reason in (
        "coordinates are zero",
        "latitude and longitude are swapped",
        "outside the city",
        "no coordinates",
    ):
        assert dirty(told, reason) <= set(rejected), reason
    assert report.exact_duplicates == told.counts.repeated_rows


def test_incidents_are_exact_and_victims_a_lower_bound(known: Known) -> None:
    told, counted = known.told, known.counted
    lost = len(dirty(told, "no such day"))
    copies = len(dirty(told, "exact copy of another row"))
    assert counted.incidents == told.counts.incidents - lost
    assert counted.rows == sum(told.counts.rows.values()) - lost
    assert told.counts.victims_told_apart - lost <= counted.victims
    assert counted.victims <= told.counts.victims + copies
    assert counted.rows > 1.1 * told.counts.victims


def test_recorded_and_mapped_districts_differ_on_border_streets_only(known: Known) -> None:
    s, told = known.shootings, known.told
    recorded = np.asarray(["", *s.area_names])[s.area + 1]
    mapped = np.asarray(["", *known.areas.codes])[locate(known.areas, s.lon, s.lat, on=s.date) + 1]
    agreement = compare(recorded, mapped)
    assert agreement.compared > 0.99 * len(s)
    assert abs((agreement.compared - agreement.agree) - told.counts.border_rows) <= 3


def test_the_split_shows_from_its_day_on(known: Known) -> None:
    split = known.told.split
    before = known.day < np.datetime64(split.first_day)
    seen = Counter(known.code[before]), Counter(known.code[~before])
    assert seen[0][split.new] == 0 < seen[1][split.new]
    assert min(seen[0][split.old], seen[1][split.old]) > 0
    newest = locate(known.areas, known.shootings.lon[known.first], known.shootings.lat[known.first])
    today = np.asarray(["", *known.areas.codes])[newest + 1]
    assert Counter(today[before])[split.new] > 0


def test_population_and_programs_are_read_as_planted(known: Known) -> None:
    told = known.told
    people = read_population(known.city.population, field="district")
    assert people == {area.code: area.population for area in told.areas}
    programs = read_programs(known.city.sites)
    assert [(p.area, p.program, p.start, p.end) for p in programs] == [
        (p.area, p.program, p.start, p.end) for p in told.programs
    ]
    running = [p.program for p in programs if p.running_on(told.last_day)]
    assert len(running) == len(told.programs) - 2


def test_ranking_puts_the_planted_districts_first(known: Known) -> None:
    codes = [area.code for area in known.told.areas]
    counts = np.asarray([np.count_nonzero(known.code == code) for code in codes])
    lost = np.asarray([area.incidents for area in known.told.areas]) - counts
    assert lost.min() >= 0
    assert lost.sum() <= len(known.told.dirty)
    ranked = rank(counts, top=5, rng=np.random.default_rng(1))
    planted = sorted(range(len(codes)), key=lambda k: -known.told.areas[k].share)
    assert len(set(ranked.order[:5].tolist()) & set(planted[:5])) >= 4
    assert set(ranked.order[:5].tolist()) <= set(planted[:7])
    # The park saw nothing; its place is last and sure to be near the end.
    park = codes.index(known.told.park)
    assert ranked.rank_low[park] >= len(codes) - 3
    assert ranked.dispersed


def test_rates_differ_from_counts_where_people_differ(known: Known) -> None:
    codes = [area.code for area in known.told.areas]
    people = read_population(known.city.population, field="district")
    counts = np.asarray([np.count_nonzero(known.code == code) for code in codes])
    rated = rank(
        counts,
        exposure=np.asarray([8.0 * people[code] for code in codes]),
        rng=np.random.default_rng(1),
    )
    assert not rated.rated[codes.index(known.told.park)]
    assert rated.rated.sum() == len(codes) - 1


def test_knox_within_years_finds_the_near_repeat_and_its_reach(known: Known) -> None:
    planted = known.told.near_repeat
    at = known.placed
    found = knox(
        events(known.x_m[at], known.y_m[at], known.days[at]),
        distance_m=(planted.radius_m, 2 * planted.radius_m, 3 * planted.radius_m, 600),
        window_days=(7, planted.window_days, 21, 28),
        permutations=199,
        rng=np.random.default_rng(1),
        strata=known.years[at],
    )
    near, soon = 0, slice(0, 2)
    assert (found.bands.p[near, 0], found.within.p[near, 1]) == (0.005, 0.005)
    assert found.bands.ratio[near, 0] > 1.3
    # Beyond the planted radius and beyond the planted days the city is as if by chance.
    assert np.abs(found.bands.ratio[2:, :] - 1).max() < 0.35
    assert found.bands.ratio[near, 0] > found.bands.ratio[1:, soon].max() + 0.2
    assert found.bands.ratio[near, 0] > found.bands.ratio[near, 2:].max() + 0.2
    extra = found.within.observed[near, 1] - found.within.expected[near, 1]
    assert extra == pytest.approx(planted.planted, rel=0.6)


def test_by_all_dates_drift_looks_like_more_repeats(known: Known) -> None:
    at = known.placed
    shot = events(known.x_m[at], known.y_m[at], known.days[at])
    choices = {"distance_m": (150,), "window_days": (14,), "permutations": 49}
    drifting = knox(shot, **choices, rng=np.random.default_rng(1))
    within = knox(shot, **choices, rng=np.random.default_rng(1), strata=known.years[at])
    assert drifting.within.ratio[0, 0] > within.within.ratio[0, 0] + 0.05


def _scan_until(known: Known, end: np.datetime64) -> Scan:
    recent = known.placed & (known.day >= np.datetime64("2023-01-01")) & (known.day <= end)
    return scan(
        known.x_m[recent],
        known.y_m[recent],
        known.days[recent],
        max_window=30,
        max_radius_m=1_000,
        replications=199,
        rng=np.random.default_rng(1),
        end=int(end.astype(np.int64)),
    )


def test_the_prospective_scan_finds_the_planted_cluster(known: Known) -> None:
    cluster = known.told.cluster
    found = _scan_until(known, np.datetime64(known.told.last_day))
    best = found.clusters[0]
    assert best.p <= 0.05
    assert np.hypot(best.x_m - cluster.x_m, best.y_m - cluster.y_m) <= 2 * cluster.radius_m
    assert best.observed >= 0.75 * cluster.incidents
    assert abs(best.first_unit - int(np.datetime64(cluster.first_day).astype(np.int64))) <= 5
    assert all(other.p > 0.05 for other in found.clusters[1:])


def test_a_month_before_the_cluster_nothing_stands_out_there(known: Known) -> None:
    cluster = known.told.cluster
    found = _scan_until(known, np.datetime64("2025-11-30"))
    there = [c for c in found.clusters if np.hypot(c.x_m - cluster.x_m, c.y_m - cluster.y_m) < 500]
    assert all(c.p > 0.05 for c in there)


def test_hours_show_the_night_and_the_district_with_another_clock(known: Known) -> None:
    planted = known.told.hours
    codes = [area.code for area in known.told.areas]
    area = np.asarray([codes.index(code) if code else -1 for code in known.code])
    weekday = (known.days + 3) % 7  # 1 January 1970 was a Thursday
    found = hours(
        weekday, known.minute, area=area, n_areas=len(codes), rng=np.random.default_rng(1), draws=99
    )
    assert found.unknown == len(dirty(known.told, "no time"))
    other = codes.index(planted.afternoon_area)
    usual = (area != other) & (known.minute >= 0)
    hour = known.minute[usual] // 60
    night = (hour >= planted.night_from) | (hour < planted.night_to)
    assert night.mean() == pytest.approx(planted.night_share, abs=0.025)
    best = found.best
    assert best is not None
    assert 20 * 60 <= best.start_minute <= 22 * 60
    assert best.end_minute <= 2 * 60
    odd = found.area_best[other]
    assert odd is not None
    assert 13 * 60 <= odd.start_minute <= 16 * 60
    assert not found.midnight_suspicious
    assert min(found.weekday_share[5:]) > max(found.weekday_share[:4])


def test_the_shock_year_is_the_highest(known: Known) -> None:
    told = known.told
    found = yearly(known.day, first=told.first_day, last=told.last_day)
    assert found.years[found.counts.argmax()] == told.shock_year
    k = found.years.tolist().index(told.shock_year)
    rise = change(
        found.counts[k], found.counts[k - 1], dispersion=dispersion(found.counts[:k]), periods=k
    )
    factor = dict(told.years)[told.shock_year] / dict(told.years)[told.shock_year - 1]
    assert rise.low < factor < rise.high


def test_the_season_comes_back(known: Known) -> None:
    """A wave over the year: its first harmonic is the planted amplitude, highest in summer."""
    told = known.told
    found = monthly(known.day, first=told.first_day, last=told.last_day)
    assert found.complete.all()
    # Each month beside its own year, so that the shock year weighs as the others do.
    daily = (found.counts / found.days).reshape(-1, 12)
    month = (daily / daily.mean(axis=1, keepdims=True)).mean(axis=0)
    wave = 2 * np.mean(month * np.exp(2j * np.pi * (np.arange(12) + 0.5) / 12))
    assert abs(wave) == pytest.approx(told.summer, abs=0.08)
    assert month[5:8].min() > month[[11, 0, 1]].max()


def test_programs_that_work_are_told_from_those_that_do_not(known: Known) -> None:
    """Before and after a start, the districts without a program standing for what else changed."""
    told = known.told
    never = [a.code for a in told.areas if a.code not in {p.area for p in told.programs}]
    held = {}
    for program in told.programs:
        # A program that began and runs on, in a district with enough shootings to tell.
        if program.start is None or program.end is not None or program.start.year < 2020:
            continue
        after = known.day >= np.datetime64(program.start)
        here, others = known.code == program.area, np.isin(known.code, never)
        found = change(
            np.count_nonzero(here & after),
            np.count_nonzero(here & ~after),
            time_now=np.count_nonzero(others & after),
            time_before=np.count_nonzero(others & ~after),
            dispersion=1.5,  # the comparison is counted too, and hot places drift
        )
        held[program.area] = (found.low - 1, program.effect, found.high - 1)
    assert len(held) >= 4
    for area, (low, effect, high) in held.items():
        assert low < effect < high, area
    working = [area for area, (_, effect, _) in held.items() if effect]
    assert len(working) == 2
    assert min(held[area][2] for area in working) < 0


def land_grid(known: Known) -> Grid:
    crs = known.shootings.crs
    sides = np.asarray([polygon.bounds for polygon in project_polygons(known.areas, crs)])
    grid = grid_over(sides[:, [0, 2]].ravel(), sides[:, [1, 3]].ravel(), cell_m=CELL_M)
    n_rows, n_columns = grid.land.shape
    return grid.with_land(
        land_mask(
            known.areas,
            crs,
            first_column=grid.first_column,
            first_row=grid.first_row,
            n_columns=n_columns,
            n_rows=n_rows,
            cell_m=CELL_M,
        )
    )


def test_gi_star_finds_the_hot_places(known: Known) -> None:
    grid = land_grid(known)
    at = known.placed
    counts = grid.counts(known.x_m[at], known.y_m[at])
    found = gi_star(counts, grid, radius_m=1.5 * CELL_M, false_discovery=0.05)
    places = known.told.hot_places
    cells = grid.place([p.x_m for p in places], [p.y_m for p in places]).cell
    strong = np.asarray([p.share for p in places]) >= 0.01
    assert strong.sum() >= 15
    assert found.significant[cells[strong]].mean() >= 0.75
    # What is flagged lies by a planted place, and is a small part of the city.
    x, y = (middle[found.significant] for middle in grid.centers())
    gaps = np.asarray([np.hypot(x - p.x_m, y - p.y_m) for p in places]).min(axis=0)
    assert (gaps <= 2.5 * CELL_M).mean() >= 0.9
    assert 0.01 < found.significant.mean() < 0.1


def test_forecasts_beat_last_years_count(known: Known) -> None:
    at = known.placed
    grid = land_grid(known)
    tried = backtest(
        known.x_m[at],
        known.y_m[at],
        known.months[at],
        grid,
        first_month=(2024 - 1970) * 12,
        last_month=(2026 - 1970) * 12 - 1,
        methods=["last_year", "decayed", "shrunk"],
        rng=np.random.default_rng(1),
        resamples=500,
    )
    for method in ("decayed", "shrunk"):
        difference = tried.against(method, "last_year")
        assert (difference.mean > 0).all()
        assert difference.low[-1] > 0
    assert tried.pai[:, 0].min() > 5


def test_the_record_ends_where_it_was_told_to(known: Known) -> None:
    last = known.day.max().astype(date)
    assert (known.told.last_day - last).days <= 2
    assert known.day.min().astype(date) >= known.told.first_day
