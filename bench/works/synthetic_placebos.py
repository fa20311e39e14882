"""Synthetic control of New York's precincts with every placebo, against pysyncon."""

from pathlib import Path
from typing import Any

import numpy as np

from bench.works._panels import new_york_rates
from stoopstat.impact.design import NEVER, Treated, treated
from stoopstat.impact.synthetic import synthetic

TITLE = "Synthetic control, 21 precincts, 288 placebos, 48 donors, 15 years"
PEER = "pysyncon 1.7.0"
PEER_REQUIRES = ["pysyncon==1.7.0"]
QUOTED = None
AIM = "50 x less CPU, the same gaps"


def prepare(data: Path) -> Treated:
    return new_york_rates(data)


def warm(inputs: Treated) -> None:
    synthetic(treated([[4, 6, 2], [2, 4, 4], [6, 8, 8], [9, 1, 5]], [2, NEVER, NEVER, NEVER]))


def warm_theirs(inputs: Treated) -> None:
    _fit(inputs.outcome[:4], 0, np.arange(4), 5)


def ours(inputs: Treated) -> Any:
    """(gaps (21, T), att of the placebos (6, 48)): one row a unit, one row an onset."""
    found = synthetic(inputs, outside="fit")
    fall = {int(inputs.onset[each.unit]): each.placebo_att for each in found}
    return np.array([each.gap for each in found]), np.array([fall[g] for g in sorted(fall)])


def theirs(inputs: Treated) -> Any:
    """The same least squares: no search for weights of the years, which costs far more still."""
    y, onset = inputs.outcome, inputs.onset
    donors = np.flatnonzero(onset == NEVER)
    rows = np.flatnonzero((onset >= 2) & (onset < y.shape[1]))
    gaps = [_fit(y, unit, np.append(donors, unit), int(onset[unit])) for unit in rows]
    fall = [
        [_fit(y, unit, donors, int(g))[int(g) :].mean() for unit in donors]
        for g in np.unique(onset[rows])
    ]
    return np.array(gaps), np.array(fall)


def _fit(y: np.ndarray, unit: int, rows: np.ndarray, onset: int) -> np.ndarray:
    import pandas as pd
    from pysyncon import Synth

    table = pd.DataFrame(y[rows].T, columns=rows)
    past = table.iloc[:onset]
    # pysyncon divides each period by its spread; these weights undo that.
    even = past.std(axis=1).to_numpy() ** 2
    mix = Synth()
    mix.fit(
        X0=past.drop(columns=unit),
        X1=past[unit],
        Z0=past.drop(columns=unit),
        Z1=past[unit],
        custom_V=even,
    )
    gap: np.ndarray = (table[unit] - table.drop(columns=unit) @ mix.W).to_numpy()
    return gap


def agree(ours: Any, theirs: Any, data: Path) -> str:
    gaps, fall = ours
    said = f"{gaps.shape[0]} units and {fall.size} placebos"
    if theirs is None:
        return f"{said}; the weights are exact."
    panel = new_york_rates(data)
    rows = np.flatnonzero((panel.onset >= 2) & (panel.onset < panel.outcome.shape[1]))
    before = np.arange(panel.outcome.shape[1]) < panel.onset[rows, None]
    fit = [np.sqrt((each**2).mean(axis=1, where=before)) for each in (gaps, theirs[0])]
    # The peer's weights sum to 1 only nearly, which fits a little better than it may.
    assert (fit[0] <= fit[1] * (1 + 1e-4)).all(), "a fit of ours is worse"
    scale = panel.outcome.std()
    off = np.abs(gaps - theirs[0]).max() / scale
    apart = np.median(np.abs(fall - theirs[1])) / scale
    assert off < 1e-3, f"gaps differ by {off:.1e} of the outcome's spread"
    assert apart < 1e-4, f"placebos differ by {apart:.1e} of the outcome's spread"
    return (
        f"{said}; gaps differ by {off:.0e} of the outcome's spread at most, effects of placebos by "
        f"{apart:.0e} at the median (some have many mixes that are equally good)."
    )
