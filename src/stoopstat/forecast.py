"""Monthly forecasts of places: where next month's incidents are most likely, from past months."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.density import kernel_density
from stoopstat.events import Floats, Ints, coordinates, whole_numbers
from stoopstat.grid import Grid

Method = Literal["last_year", "all_history", "decayed", "kde", "shrunk"]
METHODS: tuple[Method, ...] = get_args(Method)

HALF_LIFE_MONTHS = 36.0
KDE_BANDWIDTH_M = 75.0
# What `shrunk` may choose from, from the least shrinkage to the most.
SHAPES = (0.5, 1.0, 2.0, 4.0)
SURROUNDINGS_M = 150.0
TRIAL_MONTHS = 24
CLEARLY = 2.0  # standard errors
# Share of the surroundings' rate spread evenly: no land cell is ever impossible.
EVEN_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected incidents per land cell in one month.

    score: (cells,) incidents expected in the month if its rate is that of the (weighted) past.
    target_month: the month foretold, on the scale of month_index. parameters: every number the
    method used, also those it chose. incidents: how many past incidents on land it was made from.
    off_land: how many past incidents lie on no land cell nor just beside one, and were left out.
    """

    score: Floats
    method: Method
    target_month: int
    parameters: Mapping[str, float]
    incidents: int
    off_land: int


def forecast(
    x_m: ArrayLike,
    y_m: ArrayLike,
    month_index: ArrayLike,
    grid: Grid,
    *,
    target_month: int,
    method: Method = "shrunk",
    first_month: int | None = None,
) -> Forecast:
    """How many incidents to expect in each land cell in target_month, from earlier months only.

    month_index counts months from any fixed one (year * 12 + month - 1 will do). Incidents of
    target_month and later are cut off before anything is computed. The record begins at
    first_month (default: the earliest month that has an incident). With age a = target_month - 1 -
    month, decay d = 2^(-a/36), E the sum of d over the record's months, c_i the decayed count of
    cell i (d summed over its incidents):

    - "last_year": incidents of the last 12 months, per month.
    - "all_history": all incidents, per month.
    - "decayed": c_i / E.
    - "kde": kernel density of bandwidth 75 m with weights d, kept on land, per cell, over E.
    - "shrunk": the decayed count, drawn toward its surroundings as far as it is thin itself. Let
      mu_i be cell i's kernel-density rate at bandwidth 150 m, 2 % of all of it spread evenly. With
      a gamma prior of shape A and mean mu_i on the cell's rate, and Poisson counts, the rate's
      posterior mean is

          lambda_i = (A + c_i) / (A / mu_i + E)

      A busy cell keeps its own count; a cell that saw one incident stands above another such cell
      when its surroundings are busy; an empty one takes a share of them. A (0.5, 1, 2 or 4) is
      chosen on the past: for each of the last 24 months the forecast made before it is scored by
      the mean log share it gave to where that month's incidents fell; the smallest shape, which
      shrinks least, is taken among those not clearly worse (two standard errors) than the best.

    Source: gamma-Poisson shrinkage, Clayton and Kaldor 1987, Biometrics 43:671 (there toward the
    whole map's mean); rolling predictive score, Dawid 1984, JRSS A 147:278.

    When it lies: it says where reported incidents are likely, so it repeats what was recorded;
    it has no season, so the sum over cells is the past's monthly mean, not next July's number; the
    counts of one cell in one month are nearly all noise, and even the best possible forecast of a
    month misses most of it at 1 % of land. The fixed numbers (36 months, 75 and 150 m) and
    the rule for A were settled on New York's 2009 to 2018 with 2019 and 2020 in sight: its figures
    there are not a blind test, and another city must back-test. It is about places and never about
    a person.

    Raises ValueError without land, for an unknown method, when no incident on land lies before
    target_month, and for months that are not whole.

    >>> from stoopstat.grid import grid_over
    >>> grid = grid_over([0.0, 999.0], [0.0, 999.0], cell_m=250)
    >>> x, y, month = [100.0, 120.0, 600.0], [100.0, 110.0, 600.0], [0, 1, 1]
    >>> next_month = forecast(x, y, month, grid, target_month=2, method="all_history")
    >>> next_month.score[grid.cell_of([110.0, 610.0], [110.0, 610.0])].tolist()
    [1.0, 0.5]
    """
    past = Past.of(x_m, y_m, month_index, grid, before=target_month, first_month=first_month)
    return past.forecast(target_month, method)


def rolling_forecasts(
    x_m: ArrayLike,
    y_m: ArrayLike,
    month_index: ArrayLike,
    grid: Grid,
    *,
    from_month: int,
    to_month: int,
    method: Method = "shrunk",
    first_month: int | None = None,
) -> tuple[Forecast, ...]:
    """`forecast` for every month from from_month to to_month, each as if made just before it.

    The same forecasts to rounding, sooner: what one month's needs is carried on to the next.

    >>> from stoopstat.grid import grid_over
    >>> grid = grid_over([0.0, 999.0], [0.0, 999.0], cell_m=250)
    >>> three = rolling_forecasts([9.0] * 4, [9.0] * 4, [0, 1, 2, 2], grid, from_month=1,
    ...                           to_month=3, method="all_history")
    >>> [float(each.score[0].round(3)) for each in three]
    [1.0, 1.0, 1.333]
    """
    if from_month > to_month:
        raise ValueError("from_month must not be later than to_month")
    past = Past.of(x_m, y_m, month_index, grid, before=to_month, first_month=first_month)
    return tuple(past.forecast(month, method) for month in range(from_month, to_month + 1))


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Incidents on land, in order of month; what forecasts of several months share.

    x_m, y_m, month, cell: (n,) of each incident. off_land_month: months of those on no land.
    smooth, trials: kept from one month to the next; smooth by (target month, bandwidth), from
    months before the target alone; trials by month.
    """

    grid: Grid
    x_m: Floats
    y_m: Floats
    month: Ints
    cell: Ints
    first_month: int
    off_land_month: Ints
    smooth: dict[tuple[int, float], Floats]
    trials: dict[int, Floats]

    @classmethod
    def of(
        cls,
        x_m: ArrayLike,
        y_m: ArrayLike,
        month_index: ArrayLike,
        grid: Grid,
        *,
        before: int | None = None,
        first_month: int | None = None,
    ) -> "Past":
        """Validate, cut off months from `before` on, and give each incident its land cell."""
        x, y = coordinates(x_m, y_m)
        month = whole_numbers(month_index, "month_index")
        if x.shape != month.shape:
            raise ValueError("x_m, y_m and month_index must be flat arrays of one length")
        if not grid.cells:
            raise ValueError("the grid has no land")
        if before is not None:
            known = month < before
            x, y, month = x[known], y[known], month[known]
        cell = grid.place(x, y).cell
        on_land = np.flatnonzero(cell >= 0)
        kept = on_land[np.argsort(month[on_land], kind="stable")]
        if not kept.size:
            raise ValueError("no incident on land lies before the month to be forecast")
        start = int(month[kept[0]]) if first_month is None else int(first_month)
        kept = kept[month[kept] >= start]
        astray = np.sort(month[(cell < 0) & (month >= start)])
        return cls(grid, x[kept], y[kept], month[kept], cell[kept], start, astray, {}, {})

    def until(self, target_month: int) -> int:
        """How many incidents lie before target_month: they are the first ones."""
        return int(np.searchsorted(self.month, target_month))

    def counts_in(self, month: int) -> Ints:
        """Incidents per land cell in one month."""
        span = slice(self.until(month), self.until(month + 1))
        return np.bincount(self.cell[span], minlength=self.grid.cells).astype(np.int64)

    def forecast(self, target_month: int, method: Method) -> Forecast:
        """The forecast of one month; reads only incidents before it."""
        if method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}")
        n = self.until(target_month)
        if not n:
            raise ValueError("no incident on land lies before the month to be forecast")
        score, parameters = _WAYS[method](self, target_month)
        astray = int(np.searchsorted(self.off_land_month, target_month))
        return Forecast(score, method, target_month, parameters, n, astray)


def _last_year(past: Past, target: int) -> tuple[Floats, dict[str, float]]:
    start = max(target - 12, past.first_month)
    cells = past.cell[past.until(start) : past.until(target)]
    counts = np.bincount(cells, minlength=past.grid.cells)
    return counts / (target - start), {"window_months": 12.0}


def _all_history(past: Past, target: int) -> tuple[Floats, dict[str, float]]:
    counts = np.bincount(past.cell[: past.until(target)], minlength=past.grid.cells)
    return counts / (target - past.first_month), {}


def _decay(past: Past, target: int) -> tuple[Floats, float]:
    """Weight of each past incident, and E, that of all months of the record."""
    every = 0.5 ** ((target - 1 - np.arange(past.first_month, target)) / HALF_LIFE_MONTHS)
    ages = past.month[: past.until(target)] - past.first_month
    return np.asarray(every[ages]), float(every.sum())


def _decayed_count(past: Past, target: int) -> tuple[Floats, float]:
    weight, exposure = _decay(past, target)
    count = np.bincount(past.cell[: weight.size], weight, past.grid.cells)
    return count.astype(np.float64), exposure


def _decayed(past: Past, target: int) -> tuple[Floats, dict[str, float]]:
    count, exposure = _decayed_count(past, target)
    return count / exposure, {"half_life_months": HALF_LIFE_MONTHS}


def _kernel_rate(past: Past, target: int, bandwidth_m: float) -> Floats:
    """Decayed kernel density as incidents per cell and month, all of it on land."""
    exposure = _decay(past, target)[1]
    found = past.smooth.get((target, bandwidth_m))
    if found is None:
        before = past.smooth.get((target - 1, bandwidth_m))
        if before is None:
            found = _spread(past, slice(0, past.until(target)), target, bandwidth_m)
        else:
            # One month later all that was known has aged a month, and one month has come to it.
            newest = slice(past.until(target - 1), past.until(target))
            found = before * 0.5 ** (1 / HALF_LIFE_MONTHS)
            found += _spread(past, newest, target, bandwidth_m)
        past.smooth[target, bandwidth_m] = found
    return found / exposure


def _spread(past: Past, some: slice, target: int, bandwidth_m: float) -> Floats:
    """Decayed incidents of a slice, spread over the land around them; per cell."""
    weight = 0.5 ** ((target - 1 - past.month[some]) / HALF_LIFE_MONTHS)
    density = kernel_density(
        past.x_m[some], past.y_m[some], past.grid, bandwidth_m=bandwidth_m, weight=weight
    )
    return density.value * past.grid.cell_m**2


def _kde(past: Past, target: int) -> tuple[Floats, dict[str, float]]:
    rate = _kernel_rate(past, target, KDE_BANDWIDTH_M)
    return rate, {"half_life_months": HALF_LIFE_MONTHS, "bandwidth_m": KDE_BANDWIDTH_M}


def _posterior_mean(past: Past, target: int, shape: float) -> Floats:
    count, exposure = _decayed_count(past, target)
    around = _kernel_rate(past, target, SURROUNDINGS_M)
    prior = (1 - EVEN_SHARE) * around + EVEN_SHARE * around.mean()
    return np.asarray((shape + count) / (shape / prior + exposure))


def _shrunk(past: Past, target: int) -> tuple[Floats, dict[str, float]]:
    shape = _least_shrinkage(past, target)
    parameters = {
        "half_life_months": HALF_LIFE_MONTHS,
        "bandwidth_m": SURROUNDINGS_M,
        "even_share": EVEN_SHARE,
        "shape": shape,
        "trial_months": float(TRIAL_MONTHS),
    }
    return _posterior_mean(past, target, shape), parameters


def _least_shrinkage(past: Past, target: int) -> float:
    """The smallest shape that the months before target do not clearly speak against."""
    trials = [
        _log_shares(past, month)
        for month in range(max(target - TRIAL_MONTHS, past.first_month + 1), target)
        if 0 < past.until(month) < past.until(month + 1)
    ]
    if len(trials) < 2:
        return SHAPES[0]
    fit = np.array(trials)
    best = int(fit.mean(axis=0).argmax())
    lost = fit[:, [best]] - fit
    error = lost.std(axis=0, ddof=1) / np.sqrt(len(trials))
    return SHAPES[int(np.argmax(lost.mean(axis=0) <= CLEARLY * error))]


def _log_shares(past: Past, month: int) -> Floats:
    """Per shape, the mean log share of the whole that a month's forecast gave to where it fell."""
    found = past.trials.get(month)
    if found is None:
        fell = past.cell[past.until(month) : past.until(month + 1)]
        rates = [_posterior_mean(past, month, shape) for shape in SHAPES]
        found = np.array([np.log(rate[fell]).mean() - np.log(rate.sum()) for rate in rates])
        past.trials[month] = found
    return found


_WAYS: dict[str, Callable[[Past, int], tuple[Floats, dict[str, float]]]] = {
    "last_year": _last_year,
    "all_history": _all_history,
    "decayed": _decayed,
    "kde": _kde,
    "shrunk": _shrunk,
}
