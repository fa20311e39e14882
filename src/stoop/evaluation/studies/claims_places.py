"""Claims of places: do programs stand where it is worst, and how much do a few areas hold?"""

import numpy as np

from stoop.evaluation.models import MONTHS, Bools, Floats, Panel
from stoop.evaluation.readers import Claim
from stoop.evaluation.studies.readings import Asked, Bases, Number, Rests
from stoop.kernel.errors import Refusal

YEAR = 12
SPANS = {"whole": None, "last_3": 3 * YEAR, "last_1": YEAR}
SITES = ("started", "running", "listed")


def covers(claim: Claim, bases: Bases) -> Asked:
    """How many of the areas where it is worst have a program?"""
    top = _top(claim, bases)
    choices = bases.choices(claim.what) | {
        "by": ("rate", "count") if claim.by == "rate" else ("count", "rate"),
        "span": (*SPANS, "before"),
        "program": SITES,
        "tie": ("for", "against"),
    }

    def ask(chosen: dict[str, str]) -> Number:
        panel = bases.panel(chosen)
        worst, covered = _level(panel, chosen), _with_program(panel, chosen["program"])
        # Among equals, those with a program first or last: the cut may fall between them.
        equals = ~covered if chosen["tie"] == "for" else covered
        first = np.lexsort((equals, -worst))[:top]
        without = tuple(panel.units[row] for row in first if not covered[row])
        return Number(float(top - len(without)), units=top, named=without)

    return choices, ask, lambda _chosen: None  # how many are covered is no count of these


def concentration(claim: Claim, bases: Bases) -> Asked:
    """What do the areas with the most hold, and how few hold as much as is claimed?"""
    top = _top(claim, bases)
    choices = bases.choices(claim.what) | {"span": tuple(SPANS)}

    def ask(chosen: dict[str, str]) -> Number:
        counts = np.sort(_within(bases.panel(chosen), chosen["span"]))[::-1]
        held = counts.cumsum() / counts.sum()
        fewest = int(np.searchsorted(held, claim.share - 1e-12)) + 1
        return Number(100 * float(held[top - 1]), units=top, fewest=fewest)

    def rests(chosen: dict[str, str]) -> Rests:
        """By their places, the first `top` of all: nobody is named."""
        places = [str(place) for place in range(len(bases.panel(chosen).units))]
        return Rests(("held", chosen["span"]), frozenset(places[:top]), frozenset(places))

    return choices, ask, rests


def _top(claim: Claim, bases: Bases) -> int:
    panel = bases.own
    if not 1 <= claim.value <= len(panel.units) or claim.value % 1:
        raise Refusal(
            f"“{claim.says}” speaks of {claim.value:g} areas, and there are {len(panel.units)}."
        )
    return int(claim.value)


def _level(panel: Panel, chosen: dict[str, str]) -> Floats:
    counts = _within(panel, chosen["span"])
    if chosen["by"] == "count":
        return counts
    if panel.population is None:
        raise Refusal("A rate needs residents; add population to [unit].")
    return counts / panel.population


def _within(panel: Panel, span: str) -> Floats:
    """(U,) outcomes in the months of a span."""
    months = panel.months
    if span == "before":
        starts = (
            panel.onset * MONTHS[panel.calendar.length] if panel.launch is None else panel.launch
        )
        first = int(starts.min())
        if first < YEAR:
            raise Refusal("The panel has no year before the first start.")
        return np.asarray(months[:, :first].sum(axis=1))
    length = SPANS[span]
    if length is not None and length >= months.shape[1]:
        raise Refusal("The panel is no longer than that.")
    found = months if length is None else months[:, -length:]
    if not found.sum():
        raise Refusal("Nothing was counted in that time.")
    return np.asarray(found.sum(axis=1))


def _with_program(panel: Panel, which: str) -> Bools:
    if which == "running":
        return np.asarray(panel.dose[:, -1] > 0)
    if which == "listed":
        return np.isfinite(panel.onset)
    return np.asarray(panel.onset < panel.calendar.size)
