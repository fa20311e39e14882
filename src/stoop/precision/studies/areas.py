"""Where: areas ranked with the doubt that belongs to each rank, and who works there already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from stoop.places.queries import area_order
from stoop.precision.studies.city import City, months_before
from stoopstat import concentration, ranking
from stoopstat.events import Floats

TOPS = (17, 20, 30)
DRAWS = 4000
# Below this many residents a rate says who passes through, not who lives there.
MIN_RESIDENTS = 1_000
# Draws of each earlier ranking that is held against the year that followed it.
DRAWS_EARLIER = 1000


@dataclass(frozen=True, slots=True)
class Rank:
    """One area of a ranking. Rates are per 100,000 residents a year, None without residents.

    incidents, victims, rows: in the window. shrunk: incidents after shrinkage, with its interval
    low to high. rank_low to rank_high: the places that the data leave open. in_top: the chance
    that it belongs among the first `top`. before: its rank in the window before, None if new.
    """

    area: str
    rank: int
    rank_low: int
    rank_high: int
    incidents: int
    victims: int
    rows: int
    share: float
    shrunk: float
    low: float
    high: float
    in_top: float
    before: int | None
    rate: float | None
    rate_low: float | None
    rate_high: float | None
    rate_rank: int | None


@dataclass(frozen=True, slots=True)
class Holding:
    """What the first k areas hold.

    now: share of the window's incidents. chosen: share of the last 12 months in the k areas
    chosen on the months before them; best: in the best k with hindsight; even: k of all areas.
    """

    k: int
    now: float
    chosen: float | None
    best: float | None
    even: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Shares for the first 1, 2, 3 ... areas: chosen on the past, and best in hindsight."""

    chosen: tuple[float, ...]
    best: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Areas:
    """ranked: every area, first to last. top: how many are priority areas.

    held: share of the listed areas whose place in the next 12 months fell from rank_low to
    rank_high, the mean over as many earlier windows as held_windows says, each 12 months before
    the next; None on too short a record. Rank intervals speak of their own window: the next
    year's place also moves with that year's chance, and with what changes.
    """

    ranked: tuple[Rank, ...]
    top: int
    months: int
    first: date
    last: date
    measure: str
    incidents: int
    without_area: int
    holdings: tuple[Holding, ...]
    curve: Curve | None
    dispersed: bool
    rate_top: tuple[str, ...]
    unrated: tuple[str, ...]
    entered: tuple[str, ...]
    left: tuple[str, ...]
    stability: float | None
    held: float | None = None
    held_windows: int = 0
    draws: int = DRAWS

    @property
    def priority(self) -> tuple[str, ...]:
        """Codes of the priority areas, first to last."""
        return tuple(r.area for r in self.ranked[: self.top])


def study(
    city: City, *, top: int, months: int, seed: int, measure: str = "incidents"
) -> Areas | None:
    """Rank the areas on the `months` to the day of the brief, or on what is on file of them; None
    when no area is known."""
    if not city.area_codes or not (city.area >= 0).any():
        return None
    months = min(months, city.months_on_file)
    first = months_before(city.as_of, months)
    counts = {m: _counts(city, m, first) for m in ("incidents", "victims", "rows")}
    rng = np.random.default_rng(seed)
    top = min(top, len(city.area_codes))
    found = ranking.rank(counts[measure], top=top, rng=rng, draws=DRAWS)
    before, moved = _before(city, found, first, months, measure, top, rng)
    rates = _rates(city, counts["incidents"], months, rng)
    order = _in_order(city.area_codes, found)
    held = _held(city, months, measure, top, rng)
    window = city.since(first)
    return Areas(
        ranked=tuple(_rank(city, i, counts, found, before, rates, measure) for i in order),
        top=top,
        months=months,
        first=first,
        last=city.as_of,
        measure=measure,
        incidents=int(window.sum()),
        without_area=int((window & (city.area < 0)).sum()),
        holdings=_holdings(city, counts[measure], measure),
        curve=_curve(city, measure),
        dispersed=found.dispersed,
        rate_top=_rate_top(city, rates, top),
        unrated=_unrated(city, rates),
        entered=tuple(city.area_codes[i] for i in moved.entered) if moved else (),
        left=tuple(city.area_codes[i] for i in moved.left) if moved else (),
        stability=float(moved.spearman) if moved else None,
        held=float(np.mean(held)) if held else None,
        held_windows=len(held),
    )


def _counts(city: City, measure: str, first: date, last: date | None = None) -> Floats:
    """(areas,) total of a measure from `first` up to, not including, `last`."""
    here = city.since(first) & (city.area >= 0)
    if last is not None:
        here &= ~city.since(last)
    weights = city.measure(measure)[here]
    totals = np.bincount(city.area[here], weights=weights, minlength=len(city.area_codes))
    return totals.astype(np.float64)


def _before(
    city: City,
    found: ranking.Ranking,
    first: date,
    months: int,
    measure: str,
    top: int,
    rng: np.random.Generator,
) -> tuple[ranking.Ranking | None, ranking.Stability | None]:
    """The same ranking one window earlier, where the record reaches back that far."""
    earlier = months_before(first - timedelta(days=1), months)
    if earlier < city.first_day - timedelta(days=31):
        return None, None
    before = ranking.rank(_counts(city, measure, earlier, first), top=top, rng=rng, draws=DRAWS)
    return before, ranking.stability(before.rank, found.rank, top=top)


def _held(city: City, months: int, measure: str, top: int, rng: np.random.Generator) -> list[float]:
    """Of each earlier window, the share of its list whose place a year on was in the interval."""
    shares: list[float] = []
    after, split = city.as_of + timedelta(days=1), months_before(city.as_of, 12)
    while True:
        first = months_before(split - timedelta(days=1), months)
        if first < city.first_day - timedelta(days=31):
            return shares
        then = ranking.rank(
            _counts(city, measure, first, split), top=top, rng=rng, draws=DRAWS_EARLIER
        )
        later = _counts(city, measure, split, after)
        # Areas that tie share a span of places; one of them in the interval is enough.
        best = (later[None, :] > later[:, None]).sum(axis=1) + 1
        worst = (later[None, :] >= later[:, None]).sum(axis=1)
        inside = (best <= then.rank_high) & (worst >= then.rank_low)
        shares.append(float(inside[then.order[:top]].mean()))
        after, split = split, months_before(split - timedelta(days=1), 12)


def _rates(
    city: City, counts: Floats, months: int, rng: np.random.Generator
) -> ranking.Ranking | None:
    people = np.array([city.population.get(code, np.nan) for code in city.area_codes])
    if not (people >= MIN_RESIDENTS).any():
        return None
    exposure = people * months / 12
    return ranking.rank(
        counts, exposure=exposure, min_exposure=MIN_RESIDENTS * months / 12, rng=rng, draws=DRAWS
    )


def _in_order(codes: Sequence[str], found: ranking.Ranking) -> list[int]:
    """Area indices by rank; those that tie stand by their code."""
    return sorted(range(len(codes)), key=lambda i: (found.rank[i], area_order(codes[i])))


def _rank(
    city: City,
    i: int,
    counts: dict[str, Floats],
    found: ranking.Ranking,
    before: ranking.Ranking | None,
    rates: ranking.Ranking | None,
    measure: str,
) -> Rank:
    rated = rates is not None and bool(rates.rated[i])
    return Rank(
        area=city.area_codes[i],
        rank=int(found.rank[i]),
        rank_low=int(found.rank_low[i]),
        rank_high=int(found.rank_high[i]),
        incidents=int(counts["incidents"][i]),
        victims=int(counts["victims"][i]),
        rows=int(counts["rows"][i]),
        share=float(counts[measure][i] / max(counts[measure].sum(), 1)),
        shrunk=float(found.shrunk[i]),
        low=float(found.shrunk_low[i]),
        high=float(found.shrunk_high[i]),
        in_top=float(found.in_top[i]),
        before=int(before.rank[i]) if before is not None else None,
        rate=float(rates.shrunk[i] * 1e5) if rates is not None and rated else None,
        rate_low=float(rates.shrunk_low[i] * 1e5) if rates is not None and rated else None,
        rate_high=float(rates.shrunk_high[i] * 1e5) if rates is not None and rated else None,
        rate_rank=int(rates.rank[i]) if rates is not None and rated else None,
    )


def _tops(city: City) -> tuple[int, ...]:
    return tuple(k for k in TOPS if k < len(city.area_codes)) or (
        max(1, len(city.area_codes) // 3),
    )


def _last_year(city: City, measure: str) -> tuple[Floats, Floats] | None:
    """Counts of the 36 months before the last 12, and of the last 12; None on a short record."""
    split = months_before(city.as_of, 12)
    start = months_before(city.as_of, 48)
    if city.first_day > split - timedelta(days=300):
        return None
    return _counts(city, measure, start, split), _counts(city, measure, split)


def _holdings(city: City, counts: Floats, measure: str) -> tuple[Holding, ...]:
    ks = _tops(city)
    now = concentration.concentration(counts, counts, ks=ks)
    parts = _last_year(city, measure)
    judged = concentration.concentration(*parts, ks=ks) if parts else None
    return tuple(
        Holding(
            k,
            float(now.chosen[j]),
            float(judged.chosen[j]) if judged else None,
            float(judged.best[j]) if judged else None,
            float(now.even[j]),
        )
        for j, k in enumerate(ks)
    )


def _curve(city: City, measure: str) -> Curve | None:
    parts = _last_year(city, measure)
    if parts is None:
        return None
    judged = concentration.concentration(*parts, ks=(1,))
    return Curve(tuple(judged.chosen_curve.tolist()), tuple(judged.best_curve.tolist()))


def _rate_top(city: City, rates: ranking.Ranking | None, top: int) -> tuple[str, ...]:
    if rates is None:
        return ()
    first = [i for i in _in_order(city.area_codes, rates) if rates.rated[i]][:top]
    return tuple(city.area_codes[i] for i in first)


def _unrated(city: City, rates: ranking.Ranking | None) -> tuple[str, ...]:
    if rates is None:
        return ()
    return tuple(city.area_codes[i] for i in np.flatnonzero(~rates.rated))


@dataclass(frozen=True, slots=True)
class Covered:
    """A priority area and the programs that run there on the day of the brief."""

    area: str
    rank: int
    programs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Programs against need. running, planned, closed: programs by their dates, not their status.

    outside: running programs whose area is not a priority area, with that area's rank.
    unknown_area: areas of the sites file that no shooting or outline names.
    """

    priority: tuple[Covered, ...]
    running: int
    planned: int
    closed: int
    outside: tuple[Covered, ...]
    unknown_area: tuple[str, ...]

    @property
    def gaps(self) -> tuple[str, ...]:
        """Priority areas without a running program."""
        return tuple(c.area for c in self.priority if not c.programs)


def coverage(city: City, areas: Areas) -> Coverage | None:
    """Which priority areas have a program running, which have none, which run elsewhere."""
    if not city.programs:
        return None
    running: dict[str, list[str]] = {}
    for program in city.programs:
        if program.running_on(city.as_of):
            running.setdefault(program.area, []).append(program.name)
    place = {r.area: r.rank for r in areas.ranked}
    outside = sorted((a for a in running if a not in areas.priority and a in place), key=area_order)
    return Coverage(
        priority=tuple(Covered(a, place[a], tuple(running.get(a, ()))) for a in areas.priority),
        running=sum(len(names) for names in running.values()),
        planned=sum(_starts_after(p.start or p.planned_start, city.as_of) for p in city.programs),
        closed=sum(p.end is not None and p.end < city.as_of for p in city.programs),
        outside=tuple(Covered(a, place[a], tuple(running[a])) for a in outside),
        unknown_area=tuple(sorted({p.area for p in city.programs} - set(place), key=area_order)),
    )


def _starts_after(start: date | None, day: date) -> bool:
    return start is not None and start > day
