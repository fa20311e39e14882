"""When: events by weekday and hour, and whether the recorded times are to be trusted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints
from stoopstat.windows import Window, best_window, codes, times, wilson


@dataclass(frozen=True, slots=True)
class Hours:
    """counts: (7, 24) weekday (0 Monday) x hour. area_counts: (n_areas, 7, 24).

    known: events with weekday and time; unknown: those without, in no count. area_known,
    area_unknown: (n_areas,). unplaced: known events with no area. hour_share, hour_low, hour_high:
    (24,) and weekday_share, weekday_low, weekday_high: (7,) of the known, Wilson intervals at
    `level`. at_midnight: events at 00:00 exactly; midnight_expected: mean of those at 23:00 and
    01:00 exactly; midnight_suspicious: far more than that, so some unknown times are probably
    written as midnight. best: window of the given length that covers most, all nights alike;
    area_best: the same for each area, None where an area has no known event.
    """

    counts: Ints
    area_counts: Ints
    known: int
    unknown: int
    area_known: Ints
    area_unknown: Ints
    unplaced: int
    hour_share: Floats
    hour_low: Floats
    hour_high: Floats
    weekday_share: Floats
    weekday_low: Floats
    weekday_high: Floats
    level: float
    at_midnight: int
    midnight_expected: float
    midnight_suspicious: bool
    best: Window | None
    area_best: tuple[Window | None, ...]


def hours(
    weekday: ArrayLike,
    minute: ArrayLike,
    *,
    area: ArrayLike | None = None,
    n_areas: int = 0,
    window_minutes: int = 240,
    step_minutes: int = 30,
    level: float = 0.95,
    rng: np.random.Generator,
    draws: int = 199,
) -> Hours:
    """Count events by weekday and hour, for the city and each area, and find the fullest window.

    What it asks: when do shootings happen here, and is the record of the time to be trusted?

    weekday: (n,) 0 Monday to 6, minute: (n,) 0 to 1439 after midnight of the local day; -1 in
    either where not known: counted apart, never as midnight. area: (n,) codes 0 to n_areas - 1,
    -1 where not known. The windows are those of best_window, all seven nights alike.

    Midnight is suspicious when, of the events at 23:00, 00:00 and 01:00 to the minute, those at
    00:00 are more than a third would explain (one-sided binomial p < 0.001) and at least double.

    When it lies: times are the report's, often rounded to the hour or half hour; an area with a
    dozen events has no pattern to show, only an interval that says so; see best_window.

    Raises ValueError when lengths differ or a code is out of range.

    >>> h = hours([4, 5, 5, 0], [1410, 30, 45, -1], rng=np.random.default_rng(1))
    >>> h.known, h.unknown, int(h.counts[5, 0])
    (3, 1, 2)
    >>> h.best.start_minute, h.best.end_minute, h.best.count
    (1260, 60, 3)
    """
    day, clock = times(weekday, minute)
    place = np.zeros(day.shape, dtype=np.int64) if area is None else _areas(area, n_areas)
    if place.shape != day.shape:
        raise ValueError("weekday, minute and area must be of one length")
    known = (day >= 0) & (clock >= 0)
    d, m, a, lost = day[known], clock[known], place[known], place[~known]
    slot = d * 24 + m // 60
    week = np.bincount(slot, minlength=168).reshape(7, 24)
    cells = np.bincount((a * 168 + slot)[a >= 0], minlength=max(n_areas, 1) * 168)
    by_area = cells.reshape(-1, 7, 24)[:n_areas]

    search = {"length_minutes": window_minutes, "step_minutes": step_minutes}

    def best(among: Bools) -> Window | None:
        if not among.any():
            return None
        return best_window(d[among], m[among], rng=rng, draws=draws, level=level, **search)

    hour_low, hour_high = wilson(week.sum(axis=0), d.size, level=level)
    weekday_low, weekday_high = wilson(week.sum(axis=1), d.size, level=level)
    at, expected, suspicious = _midnight(m)
    return Hours(
        counts=week,
        area_counts=by_area,
        known=int(d.size),
        unknown=int((~known).sum()),
        area_known=by_area.sum(axis=(1, 2)),
        area_unknown=np.bincount(lost[lost >= 0], minlength=max(n_areas, 1))[:n_areas],
        unplaced=int((a < 0).sum()),
        hour_share=_share(week.sum(axis=0), d.size),
        hour_low=hour_low,
        hour_high=hour_high,
        weekday_share=_share(week.sum(axis=1), d.size),
        weekday_low=weekday_low,
        weekday_high=weekday_high,
        level=level,
        at_midnight=at,
        midnight_expected=expected,
        midnight_suspicious=suspicious,
        best=best(np.ones(d.shape, dtype=np.bool_)),
        area_best=tuple(best(a == i) for i in range(n_areas)),
    )


def _midnight(minute: Ints) -> tuple[int, float, bool]:
    from scipy.special import bdtrc

    at, around = int((minute == 0).sum()), int(np.isin(minute, (60, 1380)).sum())
    p = float(bdtrc(at - 1, at + around, 1 / 3)) if at else 1.0
    return at, around / 2, p < 0.001 and at >= around


def _share(count: Ints, n: int) -> Floats:
    return count / n if n else np.full(count.shape, np.nan)


def _areas(area: ArrayLike, n_areas: int) -> Ints:
    if n_areas < 1:
        raise ValueError("with areas, n_areas must say how many there are")
    return codes(area, n_areas, "area")
