"""Sample City as a panel in memory: drawn by its own generator, and as its intensity expects it.

The design is that of docs/how-to/evaluate-a-program.md: shootings by quarter and district, E11 put
back into E8, E8 itself left out. Places are the true ones: the slips of the recorded district are
another matter.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.spatial import cKDTree

from stoop.evaluation.models import Calendar, Panel
from stoop.sample.actions.draws import Draws
from stoop.sample.actions.land import Land, make_land
from stoop.sample.actions.plan import (
    INCIDENTS_A_YEAR,
    REPEAT_DAYS,
    REPEAT_RADIUS_M,
    REPEAT_SHARE,
    Plan,
    make_plan,
    months,
)
from stoop.sample.actions.process import day_factors, month_weights, simulate
from stoop.sample.actions.streets import Streets, make_streets
from stoop.sample.models import FIRST_DAY, LAST_DAY, ProgramTruth
from stoopstat.impact.design import NEVER

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CALENDAR = Calendar("quarter", 4 * 48, 4 * 56 - 1)
MONTHS = 96
FALL = -0.30
MOVED = 0.15
DISPLACED = "displaced"
TREATED, STARTS = 30, tuple(date(year, 1, 1) for year in range(2020, 2025))


@dataclass(frozen=True)
class City:
    """One made-up city and what its programs truly do there. follows: (n_addresses, n_addresses)
    where a repeat of each address falls. codes: the unit of each sector; units: those of the panel,
    the others being left out."""

    seed: int
    land: Land
    streets: Streets
    plan: Plan
    follows: csr_array
    units: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return self.land.area_before


def make_city(seed: int) -> City:
    """The demo's city of another seed. Raises stoop's Refusal for the rare seed without one."""
    land = make_land(seed)
    streets = make_streets(land, seed)
    plan = make_plan(land, streets, seed)
    units = tuple(sorted(set(land.area_before) - {land.split_old}))
    return City(seed, land, streets, plan, _follows(streets), units)


def working(city: City, effects: dict[str, float] | None = None, *, all_of: float = 0.0) -> City:
    """The same city where each program changes its area by `all_of`, or as `effects` names it."""
    known = effects or {}
    programs = tuple(
        replace(each, effect=known.get(each.area, all_of)) for each in city.plan.programs
    )
    return replace(city, plan=replace(city.plan, programs=programs))


def steady(city: City) -> City:
    """The same city whose hot blocks neither fade nor rise: without programs all districts go
    alike, which is what every estimator takes for granted."""
    places = tuple(replace(place, first=1.0, last=1.0) for place in city.plan.hot_places)
    return replace(city, plan=replace(city.plan, hot_places=places))


def displaced(city: City) -> City:
    """Each program lowers its area by FALL, and every unit that touches one with a program, its
    own or none, rises by MOVED from the first of these starts on."""
    city = working(city, all_of=FALL)
    running = [each for each in city.plan.programs if each.start and each.area in city.units]
    near, moved = adjacent(city), []
    for row, code in enumerate(city.units):
        starts = [
            each.start for each in running if each.start and near[row, city.units.index(each.area)]
        ]
        if starts:
            moved.append(ProgramTruth(code, DISPLACED, min(starts), None, MOVED))
    return replace(city, plan=replace(city.plan, programs=(*city.plan.programs, *moved)))


def of_sectors(city: City, *, effect: float) -> City:
    """The same city with its sectors as units, and TREATED of them with a program of one effect.

    Starts and places are dealt out at random: what a permutation takes for granted is true.
    """
    land = city.land
    taken = {land.park, land.split_old}
    codes = land.code_before
    units = tuple(
        code for code, area in zip(codes, land.area_before, strict=True) if area not in taken
    )
    draws = Draws(city.seed, "recovery")
    order = draws.order(len(units))[:TREATED].tolist()
    programs = tuple(
        ProgramTruth(units[at], "made up", STARTS[k % len(STARTS)], None, effect)
        for k, at in enumerate(order)
    )
    plan = replace(city.plan, programs=programs)
    return replace(city, land=replace(land, area_before=codes), plan=plan, units=units)


def drawn(city: City, seed: int) -> Floats:
    """(U, MONTHS) shootings of one draw, by the units of the panel."""
    found = simulate(city.land, city.streets, city.plan, seed)
    row, _ = _rows(city)
    at = row[city.streets.sector[found.address]]
    month = np.array([when.year * 12 + when.month for when in found.when])
    table = np.zeros((len(city.units), MONTHS))
    inside = at >= 0
    np.add.at(table, (at[inside], month[inside] - (FIRST_DAY.year * 12 + 1)), 1)
    return table


def expected(city: City, *, repeats: float = REPEAT_SHARE) -> Floats:
    """(U, MONTHS) shootings that the generator's intensity expects: the process by address and
    month, the repeats that follow it a little later and a little beside, and the planted cluster.
    """
    row, every = _rows(city)
    owner = csr_array((np.ones(row.size), (np.arange(row.size), np.where(row >= 0, row, every))))[
        city.streets.sector
    ]
    moves = city.follows @ owner
    days, own, follow = [], [], []
    for month in months():
        weights, _ = month_weights(city.land, city.streets, city.plan, month)
        after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        span = [date.fromordinal(k) for k in range(month.toordinal(), after.toordinal())]
        rate = INCIDENTS_A_YEAR / 365.25 * day_factors(span)[:, None]
        own.append(rate * (weights @ owner))
        follow.append(rate * (weights @ moves) * repeats)
        days += span
    daily, parents = np.concatenate(own), np.concatenate(follow)
    lag = np.arange(REPEAT_DAYS - 1, 0, -1.0)
    for k, share in enumerate(lag / lag.sum(), start=1):
        daily[k:] += share * parents[:-k]
    at = np.array([(day.year - FIRST_DAY.year) * 12 + day.month - 1 for day in days])
    table = np.zeros((MONTHS, daily.shape[1]))
    np.add.at(table, at, daily)
    table = table.T[:every]
    _add_cluster(city, row, table)
    return table


def _add_cluster(city: City, row: NDArray[np.int64], table: Floats) -> None:
    cluster = city.plan.cluster
    assert (cluster.first_day.month, cluster.last_day) == (LAST_DAY.month, LAST_DAY)
    x_m, y_m = city.streets.x_m - cluster.x_m, city.streets.y_m - cluster.y_m
    around = row[city.streets.sector[x_m**2 + y_m**2 <= cluster.radius_m**2]]
    for unit in around[around >= 0]:
        table[unit, -1] += cluster.incidents / around.size


def _rows(city: City) -> tuple[NDArray[np.int64], int]:
    """Row of each sector in the panel, -1 for those left out; and the number of rows."""
    place = {code: k for k, code in enumerate(city.units)}
    return np.array([place.get(code, -1) for code in city.codes]), len(city.units)


def _follows(streets: Streets) -> csr_array:
    """(n_addresses, n_addresses) where a repeat of each address falls, rows summing to 1."""
    tree = cKDTree(np.column_stack([streets.x_m, streets.y_m]))
    one, other = tree.query_pairs(REPEAT_RADIUS_M, output_type="ndarray").T
    own = np.arange(streets.x_m.size)
    rows, columns = np.concatenate([one, other, own]), np.concatenate([other, one, own])
    share = 1.0 / np.bincount(rows)
    return csr_array(coo_array((share[rows], (rows, columns)), shape=(own.size, own.size)))


def adjacent(city: City) -> Bools:
    """(U, U) units that touch, as places within 10 m do in a study."""
    whole = np.array(
        [
            shapely.union_all(
                [p for p, own in zip(city.land.polygons, city.codes, strict=True) if own == code]
            )
            for code in city.units
        ],
        dtype=object,
    )
    one, other = shapely.STRtree(whole).query(whole, predicate="dwithin", distance=10.0)
    near = np.zeros((whole.size, whole.size), dtype=bool)
    near[one, other] = True
    np.fill_diagonal(near, False)
    return near


def panel(city: City, table: Floats, *, near: Bools | None = None) -> Panel:
    """Monthly counts, drawn or expected, as the panel that a study lays out."""
    size = CALENDAR.size
    onset, launch = np.full((2, len(city.units)), NEVER)
    dose = np.zeros((len(city.units), size))
    for each in city.plan.programs:
        if each.start is None or each.area not in city.units or each.program == DISPLACED:
            continue
        row, month = city.units.index(each.area), _month(each.start)
        onset[row], launch[row] = month // 3, month
        at_work = np.clip(np.arange(1, size + 1) * 3 - month, 0, 3) / 3
        dose[row] = np.round(at_work, 6)
    counts = table.reshape(len(city.units), size, 3).sum(axis=2)
    people = dict.fromkeys(city.codes, 0)
    for code, residents in zip(city.codes, city.plan.residents.tolist(), strict=True):
        people[code] += residents
    return Panel(
        units=city.units,
        calendar=CALENDAR,
        counts=counts,
        onset=onset,
        dose=dose,
        ended=np.zeros(dose.shape, dtype=bool),
        months=table,
        launch=launch,
        adjacent=near,
        within=None,
        population=np.array([float(people[code]) for code in city.units]),
        total=int(counts.sum()),
        exclusions=(),
        said=(),
        inputs=(),
    )


def _month(day: date) -> int:
    return (day.year - FIRST_DAY.year) * 12 + day.month - 1
