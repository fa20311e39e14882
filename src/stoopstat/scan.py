"""Space-time permutation scan: where and since when are there more incidents than usual?"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stoopstat.events import Floats, Ints, coordinates, whole_numbers
from stoopstat.neighbours import Binned, binned

Kind = Literal["prospective", "retrospective"]


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cylinder: a circle on the ground, a run of time units.

    x_m, y_m: its centre, the place of an event. radius_m: 0 when it is one place.
    first_unit, last_unit: inclusive. observed, expected: events inside. llr: log likelihood
    ratio. p: from the replications' maxima. recurrence_units: how many units pass, on average,
    between clusters this strong by chance alone, when the analysis is made anew every unit: 1 / p
    (NaN when retrospective). locations: distinct places in the circle. events: (observed,)
    places in the caller's arrays of the events inside.
    """

    x_m: float
    y_m: float
    radius_m: float
    first_unit: int
    last_unit: int
    observed: int
    expected: float
    llr: float
    p: float
    recurrence_units: float
    locations: int
    events: Ints


@dataclass(frozen=True, slots=True)
class Scan:
    """Result of `scan`: clusters that do not overlap, the strongest first, significant or not.

    null_maxima: (R,) largest log likelihood ratio in each replication. events, locations: how
    many. end: the study's last unit. The rest are the choices made.
    """

    kind: Kind
    clusters: tuple[Cluster, ...]
    null_maxima: Floats
    events: int
    locations: int
    end: int
    max_window: int
    max_radius_m: float
    minimum_cases: int
    replications: int


@dataclass(frozen=True, slots=True)
class _Places:
    """Events sorted by distinct place; places sorted by grid cell.

    order: (n,) the sorted events' places in the caller's arrays. place: (n,) of the sorted
    events. cases: (L,) events of each place. points: the L places. reach2: squared radius.
    """

    order: Ints
    place: Ints
    cases: Ints
    points: Binned
    reach2: float


def scan(
    x_m: ArrayLike,
    y_m: ArrayLike,
    t: ArrayLike,
    *,
    kind: Kind = "prospective",
    max_window: int,
    max_radius_m: float,
    replications: int = 999,
    rng: np.random.Generator,
    minimum_cases: int = 2,
    end: int | None = None,
) -> Scan:
    """Search all circles and time windows for more events than place and time explain.

    Asks whether the dates of the events in some circle lie closer together than the dates of all
    events would make likely. For a circle with C_z events in all and a window with C_w events
    everywhere, expected mu = C_z * C_w / N; with c events in both, the log likelihood ratio is
    c ln(c / mu) + (N - c) ln((N - c) / (N - mu)) where c > mu. The largest over all cylinders is
    the statistic; its p is (1 + replications with as large a maximum or larger) / (1 +
    replications), dates being shuffled among events, which keeps every place's total and every
    unit's total. Needs no population. (Kulldorff, Heffernan, Hartman, Assuncao, Mostashari 2005,
    PLoS Medicine 2(3):e59.)

    x_m, y_m: (n,) metres. t: (n,) whole units (day or month numbers), none after `end`, the last
    unit of the study (default: the last event's). kind: "prospective" looks at windows that
    reach `end`, "retrospective" at all. max_window: units. Circles are centred on places of
    events, with every radius up to max_radius_m. Each centre gives its best cylinder; they are
    kept in order of strength when they overlap none kept before: two clusters may share a place
    only at different times, as in SaTScan. Except the strongest, those weaker than every
    replication's maximum are not listed.

    When it lies. One incident published as several rows is a cluster by itself (p < 1e-17 in New
    York): give incidents. Where the population, or the reporting, grew in one part of the city
    only, that growth is a cluster too; long studies meet this more often. A cluster says more
    than usual *here* compared with the city's usual share, never that violence is high: a
    city-wide surge shows nothing. p is for one analysis; looking every day finds p = 0.01 by
    chance about once in 100 days, which recurrence_units says in time. Circles miss clusters
    along a street, and their edge is drawn to fit, so members and radius are approximate.

    Complexity: prospective, recent events x places around each x replications; retrospective,
    all events instead of recent ones. Memory: 12 bytes per pair of places within the radius.

    Raises ValueError for arrays of unlike lengths, coordinates that are not finite, units that
    are not whole or lie after `end`, or limits below 1.

    >>> import numpy as np
    >>> x = np.r_[np.arange(40) * 1000.0, np.full(5, 7000.0)]
    >>> t = np.r_[np.arange(40), np.full(5, 39)]
    >>> found = scan(x, x * 0, t, max_window=5, max_radius_m=900, rng=np.random.default_rng(1))
    >>> best = found.clusters[0]
    >>> best.x_m, best.first_unit, best.observed, round(best.expected, 2), best.p
    (7000.0, 39, 5, 0.8, 0.001)
    """
    x, y, units = _validated(x_m, y_m, t)
    _refuse(kind, min(max_window, replications, minimum_cases), max_radius_m)
    last = end if end is not None else int(units.max(initial=0))
    if (units > last).any():
        raise ValueError("no event may lie after end")
    seeds = rng.integers(0, 2**64, size=replications, dtype=np.uint64)
    places = _places(x, y, max_radius_m)
    values, spots, maxima = _search(places, units, last, kind, max_window, minimum_cases, seeds)
    clusters = _apart(places, units, values, spots, maxima, kind)
    return Scan(
        kind=kind,
        clusters=clusters,
        null_maxima=maxima,
        events=units.size,
        locations=places.cases.size,
        end=last,
        max_window=max_window,
        max_radius_m=float(max_radius_m),
        minimum_cases=minimum_cases,
        replications=replications,
    )


def _refuse(kind: str, least: int, max_radius_m: float) -> None:
    if kind not in ("prospective", "retrospective"):
        raise ValueError('kind must be "prospective" or "retrospective"')
    if least < 1:
        raise ValueError("max_window, replications and minimum_cases must be at least 1")
    if not (math.isfinite(max_radius_m) and max_radius_m > 0):
        raise ValueError("max_radius_m must be a positive number of metres")


def _validated(x_m: ArrayLike, y_m: ArrayLike, t: ArrayLike) -> tuple[Floats, Floats, Ints]:
    x, y = coordinates(x_m, y_m)
    units = whole_numbers(t, "t")
    if x.shape != units.shape:
        raise ValueError("x_m, y_m and t must be flat arrays of one length")
    return x, y, units


def _places(x: Floats, y: Floats, max_radius_m: float) -> _Places:
    distinct, place, cases = np.unique(
        np.stack([x, y]), axis=1, return_inverse=True, return_counts=True
    )
    points = binned(distinct[0], distinct[1], reach=max_radius_m)
    rank = np.empty(points.order.size, dtype=np.int64)
    rank[points.order] = np.arange(rank.size)
    place = rank[place.reshape(-1)]
    order = np.argsort(place, kind="stable")
    return _Places(order, place[order], cases[points.order], points, max_radius_m**2)


_Found = tuple[Floats, Ints, Floats]


def _search(
    places: _Places,
    units: Ints,
    end: int,
    kind: Kind,
    width: int,
    minimum: int,
    seeds: NDArray[np.uint64],
) -> _Found:
    if units.size == 0:
        return np.zeros(0), np.zeros((0, 4), dtype=np.int64), np.zeros(seeds.size)
    search = _recent if kind == "prospective" else _all
    return search(places, units, end, width, minimum, seeds)


def _recent(
    places: _Places, units: Ints, end: int, width: int, minimum: int, seeds: NDArray[np.uint64]
) -> _Found:
    """Best cylinder of each centre that reaches the end, and the maxima of the replications."""
    from stoopstat.kernels import scan as kernel

    p = places.points
    sizes = kernel.row_sizes(p.x, p.y, p.first, p.last, places.reach2)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    centre, zone = np.empty(starts[-1], dtype=np.int32), np.empty(starts[-1], dtype=np.int32)
    kernel.circles_of_locations(
        p.x, p.y, p.first, p.last, places.reach2, places.cases, starts, centre, zone
    )
    age = end - units[places.order]
    recent = age < width
    width = min(width, int(age.max()) + 1)
    window_cases = np.cumsum(np.bincount(age[recent], minlength=width))
    # Recent cases first: a replicate deals their dates to others, and needs no more than that.
    place = np.concatenate([places.place[recent], places.place[~recent]])
    values, spots, maxima = kernel.recent_maxima(
        place, age[recent], (starts, centre, zone), window_cases, minimum, seeds
    )
    spots[:, 1:3] = end - spots[:, 1:3]
    return values, spots, maxima


def _all(
    places: _Places, units: Ints, end: int, width: int, minimum: int, seeds: NDArray[np.uint64]
) -> _Found:
    """Best cylinder of each centre at any time, and the maxima of the replications."""
    from stoopstat.kernels import scan as kernel

    p = places.points
    first = int(units.min())
    width = min(width, end - first + 1)
    cases_within = kernel.row_cases(p.x, p.y, p.first, p.last, places.reach2, places.cases)
    starts = np.concatenate([[0], np.cumsum(cases_within)])
    member, zone = np.empty(starts[-1], dtype=np.int32), np.empty(starts[-1], dtype=np.int32)
    first_case = np.concatenate([[0], np.cumsum(places.cases)])
    kernel.cases_of_circles(
        p.x, p.y, p.first, p.last, places.reach2, places.cases, first_case, starts, member, zone
    )
    unit = units[places.order] - first + width
    upto = np.concatenate(
        [[0], np.cumsum(np.bincount(unit, minlength=end - first + 1 + 2 * width))]
    )
    share = np.zeros((width, upto.size - 1), dtype=np.float32)
    for k in range(width):
        share[k, : upto.size - 1 - k] = (upto[k + 1 :] - upto[: upto.size - 1 - k]) / unit.size
    values, spots, maxima = kernel.all_maxima(
        unit, (starts, member, zone), upto, share, minimum, seeds
    )
    spots[:, 1:3] += first - width
    return values, spots, maxima


def _apart(
    places: _Places, units: Ints, values: Floats, spots: Ints, maxima: Floats, kind: Kind
) -> tuple[Cluster, ...]:
    """Clusters in order of strength, leaving out those that overlap a stronger one.

    Weaker ones than every replication's maximum say nothing and are left out, but for the first.
    """
    first = int(units.min(initial=0))
    taken = np.zeros((int(units.max(initial=0)) - first + 1, values.size), dtype=np.bool_)
    clusters: list[Cluster] = []
    ordered = np.sort(maxima)
    for i in np.argsort(-values, kind="stable").tolist():
        weak = clusters and values[i] <= ordered[0]
        if values[i] <= 0 or weak:
            break
        zone, begin, end, observed = spots[i].tolist()
        window = slice(begin - first, end - first + 1)
        if taken[window, i].any():
            continue
        members, radius = _members(places, i, zone)
        if taken[window, members].any():
            continue
        taken[window, members] = True
        inside = np.isin(places.place, members)
        inside &= (units[places.order] >= begin) & (units[places.order] <= end)
        above = maxima.size - int(np.searchsorted(ordered, values[i], side="left"))
        p = (1 + above) / (1 + maxima.size)
        cluster = Cluster(
            x_m=float(places.points.x[i]),
            y_m=float(places.points.y[i]),
            radius_m=radius,
            first_unit=begin,
            last_unit=end,
            observed=observed,
            expected=zone * int(((units >= begin) & (units <= end)).sum()) / units.size,
            llr=float(values[i]),
            p=p,
            recurrence_units=1 / p if kind == "prospective" else math.nan,
            locations=members.size,
            events=np.sort(places.order[inside]),
        )
        clusters.append(cluster)
    return tuple(clusters)


def _members(places: _Places, centre: int, zone: int) -> tuple[Ints, float]:
    """Places of the circle around a centre that holds `zone` cases, and its radius."""
    p = places.points
    near = np.concatenate([np.arange(p.first[r, centre], p.last[r, centre]) for r in range(3)])
    apart2 = (p.x[near] - p.x[centre]) ** 2 + (p.y[near] - p.y[centre]) ** 2
    order = np.argsort(apart2, kind="stable")
    upto = np.cumsum(places.cases[near[order]])
    edge = apart2[order][np.searchsorted(upto, zone)]
    return near[apart2 <= edge], math.sqrt(float(edge))
