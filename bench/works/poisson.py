"""Poisson regression with area and period effects, against pyfixest's fepois."""

from pathlib import Path
from typing import Any

import numpy as np

from bench.works._panels import made_up, new_york
from stoopstat.impact.design import Treated
from stoopstat.impact.poisson import poisson
from stoopstat.impact.terms import terms

TITLE = "Poisson with area and period effects, 3,000 areas x 240 months, and 76 x 15; clustered"
PEER = "pyfixest 0.60.0"
PEER_REQUIRES = ["pyfixest==0.60.0"]
QUOTED = None
AIM = "within 2 x of the peer, the same coefficients to 1e-6"
KIND = "linear"


def prepare(data: Path) -> tuple[Treated, Treated]:
    return made_up(), new_york(data)


def warm(inputs: tuple[Treated, Treated]) -> None:
    ours(inputs[1:])


def warm_theirs(inputs: tuple[Treated, Treated]) -> None:
    theirs(inputs[1:])


def ours(inputs: tuple[Treated, ...]) -> Any:
    return [poisson(panel.outcome, terms(panel, KIND)).coef for panel in inputs]


def theirs(inputs: tuple[Treated, ...]) -> Any:
    import pandas as pd
    import pyfixest

    found = []
    for panel in inputs:
        x = terms(panel, KIND)
        unit, period = np.indices(panel.outcome.shape)
        columns = {"y": panel.outcome, "unit": unit, "period": period} | x
        table = pd.DataFrame({name: value.ravel() for name, value in columns.items()})
        fit = pyfixest.fepois(f"y ~ {' + '.join(x)} | unit + period", table, vcov={"CRV1": "unit"})
        found.append(fit.coef()[list(x)].to_numpy())
    return found


def agree(ours: Any, theirs: Any, data: Path) -> str:
    said = f"a step and a slope, {', '.join(f'{value:.4f}' for value in ours[0])}"
    if theirs is None:
        return f"{said}."
    off = max(np.abs(mine - other).max() for mine, other in zip(ours, theirs, strict=True))
    assert off < 1e-6, f"coefficients differ by {off:.1e}"
    return f"{said}; on both panels the same to {off:.0e}."
