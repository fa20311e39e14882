"""Had the starts been dated otherwise, and had people moved before them?"""

from dataclasses import replace

import numpy as np

from stoop.evaluation.models import Design, Panel
from stoop.evaluation.studies.numbers import TERM, both
from stoop.evaluation.studies.panel import build
from stoop.evaluation.studies.told import PRIMARY, Told, laid_out
from stoop.kernel.errors import Refusal
from stoopstat.impact.design import Refused, Treated, treated
from stoopstat.impact.poisson import poisson
from stoopstat.impact.terms import terms

STARTS, LEADS = "starts", "anticipation"
LEAD = "poisson_lead"


def otherwise_dated(panel: Panel, design: Design, told: Told) -> None:
    """The primary estimate with each other column of starts, and without the period of the start.

    From the next period and by the share of the period under a program stand among the estimators.
    """
    y = laid_out(panel)
    for name, column in design.start_also.items():
        _ask(told, f"start: {name}", _started(panel, replace(design, site_start=column)))
    used = y.event_time != 0
    _ask(told, f"without the {panel.calendar.length} of the start", y, STARTS, used)


def anticipation(panel: Panel, told: Told) -> None:
    """Starts one and two periods earlier, without the period before, and that period itself."""
    y, length = laid_out(panel), panel.calendar.length
    for early, name in ((1, f"1 {length}"), (2, f"2 {length}s")):
        moved = treated(y.outcome, y.onset - early)
        _ask(told, f"start {name} earlier", moved, LEADS)
    before = y.event_time == -1
    _ask(told, f"without the {length} before", y, LEADS, ~before)
    lead = poisson(y.outcome, {**terms(y), "lead": before.astype(np.float64)})
    found = [lead] if isinstance(lead, Refused) else [lead.estimate("lead", se_type="CR1")]
    told.add(found, estimator=LEAD, threat=LEADS)


def _started(panel: Panel, design: Design) -> Treated | str:
    """The panel with other starts, or why there is none."""
    try:
        other = build(design)
    except Refusal as refusal:
        return str(refusal)
    known = dict(zip(other.units, np.isfinite(other.onset).tolist(), strict=True))
    ours = zip(panel.units, np.isfinite(panel.onset).tolist(), strict=True)
    if lost := [unit for unit, started in ours if started and not known.get(unit)]:
        return (
            f"{design.sites.name} gives no {design.site_start} for {', '.join(lost[:8])}, which "
            "would count as never treated; fill it in."
        )
    return laid_out(other)


def _ask(
    told: Told,
    sample: str,
    y: Treated | str,
    threat: str = STARTS,
    used: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None = None,
) -> None:
    if isinstance(y, str):
        told.add([Refused(PRIMARY, TERM, y)], sample=sample, threat=threat)
        return
    fit = poisson(y.outcome, terms(y), used=used)
    told.add(both(fit), sample=sample, estimator=PRIMARY, threat=threat, of=y)
