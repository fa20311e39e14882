"""Windows of clock time, crossing midnight or not: stated, best, and best put to the test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints, whole_numbers

DAY = 1440
WEEK = 7 * DAY


@dataclass(frozen=True, slots=True)
class Window:
    """A span of clock time on some nights, and what falls in it.

    start_minute, end_minute: minutes after midnight, from start up to but not at end; end at or
    before start means the next day. weekdays: days on which the window starts, 0 Monday.
    count of known events with a known time; share = count / known, with its Wilson interval low,
    high at `level`. even_share: what the window would hold if no hour differed. chance_share: what
    the best window found by the same search holds on average when no hour differs; it equals
    even_share where nothing was searched. tied: how many starts did equally well.
    """

    start_minute: int
    end_minute: int
    weekdays: Ints
    count: int
    known: int
    share: float
    low: float
    high: float
    level: float
    even_share: float
    chance_share: float
    tied: int


@dataclass(frozen=True, slots=True)
class JudgedWindow:
    """chosen: the best window of the earlier events. later: the same window on the later ones.

    later_best: the best that a search of the later events themselves would have found.
    """

    chosen: Window
    later: Window
    later_best: Window


def wilson(count: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson score interval (low, high) of a share, count out of n; 0 to 1 where n is 0.

    Centre (p + z^2 / 2n) / (1 + z^2 / n), half-width z sqrt(p (1-p) / n + z^2 / 4n^2) over the
    same. Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212.
    When it lies: it takes events as independent; a night with four shootings is one night.

    >>> low, high = wilson(8, 10)
    >>> round(float(low), 4), round(float(high), 4)
    (0.4902, 0.9433)
    """
    from scipy.special import ndtri

    x, size = np.asarray(count, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if not 0 < level < 1:
        raise ValueError("level must lie between 0 and 1")
    if (size < 0).any() or (x < 0).any() or (x > size).any():
        raise ValueError("a count must lie between 0 and its n")
    z = float(ndtri(0.5 + level / 2))
    some = np.where(size > 0, size, 1.0)
    p = x / some
    centre = (p + z * z / (2 * some)) / (1 + z * z / some)
    half = z * np.sqrt(p * (1 - p) / some + z * z / (4 * some * some)) / (1 + z * z / some)
    low = np.where((size > 0) & (x > 0), centre - half, 0.0)
    high = np.where((size > 0) & (x < size), centre + half, 1.0)
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)


def window_share(
    weekday: ArrayLike,
    minute: ArrayLike,
    *,
    start_minute: int,
    end_minute: int,
    weekdays: Sequence[int] | None = None,
    level: float = 0.95,
) -> Window:
    """Share of the events in a stated window, such as 21:00 to 01:00 on Fridays and Saturdays.

    What it asks: how much happens in the hours that we mean to be there?

    weekday, minute: 0 Monday to 6 and 0 to 1439 of the local day, -1 where not known.
    The window holds start <= time < end; with end at or before start it runs into the next day,
    and what happens after midnight belongs to the day on which it started: 00:30 on Saturday is
    Friday's night. weekdays: start days, 0 Monday; all by default.

    When it lies: a share of past shootings in a window is not the share that presence prevents.

    Raises ValueError when lengths differ, a code is out of range, or no weekday is given.

    >>> w = window_share([5, 5, 4], [30, 1380, 720], start_minute=1260, end_minute=60, weekdays=[4])
    >>> w.count, w.known, round(w.even_share, 4)
    (1, 3, 0.0238)
    """
    day, clock = times(weekday, minute)
    if not (0 <= start_minute < DAY and 0 <= end_minute <= DAY):
        raise ValueError("start and end must be minutes of the day")
    starts = np.unique(np.arange(7) if weekdays is None else np.asarray(weekdays, dtype=np.int64))
    if starts.size == 0 or starts.min() < 0 or starts.max() > 6:
        raise ValueError("weekdays must be from 0 (Monday) to 6, at least one")
    known = (day >= 0) & (clock >= 0)
    d, m = day[known], clock[known]
    length = (end_minute - start_minute - 1) % DAY + 1
    into = (m - start_minute) % DAY
    started = (d - (m < start_minute)) % 7
    inside = int(((into < length) & np.isin(started, starts)).sum())
    even = length * starts.size / WEEK
    return _window(start_minute, length, starts, inside, d.size, level, even, even, 1)


def best_window(
    weekday: ArrayLike,
    minute: ArrayLike,
    *,
    length_minutes: int = 240,
    step_minutes: int = 30,
    nights: int = 7,
    level: float = 0.95,
    rng: np.random.Generator,
    draws: int = 199,
) -> Window:
    """Find the window of a given length, crossing midnight or not, that covers most.

    What it asks: which hours would have covered most, if we could have chosen freely?

    weekday, minute: 0 Monday to 6 and 0 to 1439 of the local day, -1 where not known.
    Starts are tried every step_minutes from midnight. With nights below 7, each start also chooses
    the start days on which it covers most. Among equals the earliest start and the lowest weekdays
    are taken, and `tied` says how many starts did as well. chance_share: mean share of the best
    window over `draws` sets of as many events spread evenly over the week, searched alike.

    When it lies: the best of many windows flatters itself, the more so the fewer the events; its
    interval does not know of the search. Believe judged_window's share, not this one.

    Raises ValueError when nothing is known of any time, or when length or step do not divide.

    >>> w = best_window([0, 1, 2, 3], [1425, 15, 10, 720], length_minutes=60,
    ...                 rng=np.random.default_rng(1))
    >>> w.start_minute, w.end_minute, w.count, w.even_share < w.chance_share < w.share
    (1410, 30, 3, True)
    """
    day, clock = times(weekday, minute)
    if step_minutes < 1 or DAY % step_minutes or length_minutes % step_minutes:
        raise ValueError("step_minutes must divide both the day and the length")
    if not 0 < length_minutes <= DAY or not 1 <= nights <= 7:
        raise ValueError("the length is at most a day, the nights are 1 to 7")
    known = (day >= 0) & (clock >= 0)
    n = int(known.sum())
    if n == 0:
        raise ValueError("no event has a known weekday and time")
    slots = WEEK // step_minutes
    cells = np.bincount((day[known] * DAY + clock[known]) // step_minutes, minlength=slots)
    held = _held(cells[None], length_minutes // step_minutes)[0]
    covered = -np.sort(-held, axis=0)[:nights].sum(axis=0)
    start = int(covered.argmax())
    days = np.sort(np.argsort(-held[:, start], kind="stable")[:nights])
    chance = 1.0 * length_minutes * nights / WEEK
    if draws > 0:
        thrown = rng.multinomial(n, np.full(slots, 1 / slots), size=draws)
        null = -np.sort(-_held(thrown, length_minutes // step_minutes), axis=1)[:, :nights]
        chance_share = float(null.sum(axis=1).max(axis=1).mean()) / n
    else:
        chance_share = float("nan")
    tied = int((covered == covered[start]).sum())
    return _window(
        start * step_minutes,
        length_minutes,
        days,
        int(covered[start]),
        n,
        level,
        chance,
        chance_share,
        tied,
    )


def judged_window(
    weekday: ArrayLike,
    minute: ArrayLike,
    later: ArrayLike,
    *,
    length_minutes: int = 240,
    step_minutes: int = 30,
    nights: int = 7,
    level: float = 0.95,
    rng: np.random.Generator,
    draws: int = 199,
) -> JudgedWindow:
    """Choose the window on the earlier events, and report what it held of the later ones.

    What it asks: had we chosen our hours from the past, how much of what followed would they have
    covered?

    weekday, minute: 0 Monday to 6 and 0 to 1439 of the local day, -1 where not known.
    later: (n,) true for the events kept apart for the test, say the last year's. The window comes
    from best_window on the others.

    When it lies: one later year is one draw; a change of season between the parts shows as a fault
    of the window. Keep whole years on both sides.

    Raises ValueError when either part has no event with a known time.

    >>> t = judged_window([0, 1, 2, 3], [1425, 15, 10, 20], [0, 0, 0, 1], length_minutes=60,
    ...                   rng=np.random.default_rng(1))
    >>> t.chosen.count, t.later.count, t.later.known
    (3, 1, 1)
    """
    day, clock = times(weekday, minute)
    after = np.asarray(later, dtype=np.bool_)
    if after.shape != day.shape:
        raise ValueError("weekday, minute and later must be of one length")

    def search(part: Bools) -> Window:
        return best_window(
            day[part],
            clock[part],
            length_minutes=length_minutes,
            step_minutes=step_minutes,
            nights=nights,
            level=level,
            rng=rng,
            draws=draws,
        )

    chosen = search(~after)
    applied = window_share(
        day[after],
        clock[after],
        start_minute=chosen.start_minute,
        end_minute=chosen.end_minute,
        weekdays=chosen.weekdays.tolist(),
        level=level,
    )
    return JudgedWindow(chosen, applied, search(after))


def _held(cells: Ints, length: int) -> Ints:
    """Events in the windows of `length` cells, by start day and start cell: (draws, 7, per day)."""
    around = np.concatenate([cells, cells[:, :length]], axis=1)
    run = np.concatenate([np.zeros_like(cells[:, :1]), np.cumsum(around, axis=1)], axis=1)
    held: Ints = (run[:, length:] - run[:, :-length])[:, : cells.shape[1]]
    return held.reshape(cells.shape[0], 7, -1)


def _window(
    start: int,
    length: int,
    weekdays: Ints,
    count: int,
    known: int,
    level: float,
    even: float,
    chance: float,
    tied: int,
) -> Window:
    low, high = wilson(count, known, level=level)
    return Window(
        start_minute=start,
        end_minute=(start + length - 1) % DAY + 1,
        weekdays=weekdays,
        count=count,
        known=known,
        share=count / known if known else float("nan"),
        low=float(low),
        high=float(high),
        level=level,
        even_share=even,
        chance_share=chance,
        tied=tied,
    )


def times(weekday: ArrayLike, minute: ArrayLike) -> tuple[Ints, Ints]:
    """Validated weekday and minute codes, both (n,), -1 where not known."""
    return codes(weekday, 7, "weekday"), codes(minute, DAY, "minute", like=weekday)


def codes(values: ArrayLike, n: int, name: str, like: ArrayLike | None = None) -> Ints:
    """Validated whole codes from -1 to n - 1, flat, and as long as `like`."""
    whole = whole_numbers(values, name)
    if like is not None and whole.shape != np.shape(like):
        raise ValueError("weekday and minute must be flat arrays of one length")
    if (whole < -1).any() or (whole >= n).any():
        raise ValueError(f"{name} must be whole numbers from 0 to {n - 1}, or -1 where not known")
    return whole
