"""The estimators of a study on a panel as large as a country's: 3,000 areas by 240 months."""

from pathlib import Path
from typing import Any

import numpy as np

from bench.works._panels import AREAS, MONTHS, TREATED, made_up, new_york
from stoopstat.impact import callaway, imputation
from stoopstat.impact.design import Treated
from stoopstat.impact.eventstudy import event_study
from stoopstat.impact.permutation import permutation
from stoopstat.impact.poisson import poisson
from stoopstat.impact.synthetic import Synthetic, synthetic, together
from stoopstat.impact.terms import terms

TITLE = (
    f"Study at scale, {AREAS:,} areas x {MONTHS} months, {TREATED} treated: Poisson clustered, "
    "event study, 999 permutations, imputation, Callaway-Sant'Anna, synthetic"
)
PEER = "none does it"
PEER_REQUIRES: list[str] = []
QUOTED = None
AIM = "under 60 s wall"

PLANTED = -0.15
PERMUTATIONS = 999
# As `stoop evaluate` chooses them where starts are many.
PLACEBOS = 19


def prepare(data: Path) -> tuple[Treated, Treated]:
    return made_up(), new_york(data)


def warm(inputs: tuple[Treated, Treated]) -> None:
    _study(inputs[1], 99)


def ours(inputs: tuple[Treated, Treated]) -> Any:
    return _study(inputs[0], PERMUTATIONS)


def _study(y: Treated, draws: int) -> dict[str, tuple[float, float]]:
    x, rng = terms(y), np.random.default_rng(1)
    primary = poisson(y.outcome, x).estimate("on", se_type="CR1")
    events = event_study(y, se_type="CR1")
    chance = permutation(y.outcome, x, term="on", rng=rng, draws=draws)
    imputed = imputation.impute(y).overall
    cells = callaway.group_time(y)
    simple, by_event = (callaway.aggregate(cells, by=by).overall for by in ("simple", "event"))
    mixed = synthetic(y, most=PLACEBOS, rng=rng, outside="fit")
    whole = together(mixed, rng=rng, draws=draws)
    return {
        "poisson": (primary.estimate, primary.se),
        "event study": (float(events.estimate[-1]), float(events.se[-1])),
        "permutation": (chance.p_two_sided, chance.sd),
        "imputation": (imputed.estimate, imputed.se),
        "callaway_santanna": (simple.estimate, simple.se),
        "callaway_santanna event": (by_event.estimate, by_event.se),
        "synthetic": (whole.att, whole.estimate.se),
        "mixed": (float(sum(isinstance(each, Synthetic) for each in mixed)), 0.0),
    }


def agree(ours: Any, theirs: Any, data: Path) -> str:
    for name in ("poisson", "event study", "imputation"):
        estimate, se = ours[name]
        assert abs(estimate - PLANTED) < 4 * se, f"{name} is {estimate:.3f}, not {PLANTED}"
    assert ours["permutation"][0] == 1 / (PERMUTATIONS + 1)
    assert ours["callaway_santanna"][0] < 0
    assert ours["synthetic"][0] < 0
    estimate, se = ours["poisson"]
    return (
        f"The planted effect {PLANTED} found: Poisson {estimate:.4f} ({se:.4f}), imputation "
        f"{ours['imputation'][0]:.4f}; {ours['mixed'][0]:.0f} synthetic controls, each beside "
        f"{PLACEBOS} placebos drawn at random."
    )
