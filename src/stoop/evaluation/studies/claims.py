"""Claims held against the record: each by the way of its kind, in all its readings."""

from dataclasses import dataclass, replace
from typing import Any

from stoop import __version__
from stoop.evaluation.models import Design, Panel
from stoop.evaluation.readers import Claim, Claims
from stoop.evaluation.studies import claims_falls, claims_places
from stoop.evaluation.studies.plain import plain
from stoop.evaluation.studies.readings import NAN, Asked, Bases, Finding, Number, found
from stoop.evaluation.studies.release import AREAS, figures
from stoop.kernel.errors import Refusal
from stoop.kernel.progress import Progress, silent

WAYS = {
    "fall": claims_falls.fall,
    "steeper": claims_falls.steeply,
    "covers": claims_places.covers,
    "concentration": claims_places.concentration,
}
FEW = (
    "It rests on fewer than three areas, whose small counts it would give away; say under "
    "[small_cells] publish why they are public already."
)

NEAR = (
    "It adds up all but one or two of the same areas as another number here, or all areas but one "
    "or two: taken off each other they would give small counts away; say under [small_cells] "
    "publish why they are public already."
)


@dataclass(frozen=True, slots=True)
class Findings:
    """All that claims.html and claims.json are made from."""

    design: Design
    panel: Panel
    inputs: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]

    @property
    def numbers(self) -> dict[str, Any]:
        """claims.json: each claim, its verdict, every reading; and what it was made from."""
        whole = {
            "stoop": __version__,
            "file": {"name": self.design.name, "sha256": self.design.sha256},
            "inputs": [{"name": name, "sha256": sha} for name, sha in self.inputs],
            "claims": self.findings,
        }
        return {name: plain(value) for name, value in whole.items()}


def check_claims(asked: Claims, progress: Progress = silent) -> Findings:
    """Hold every claim against the record.

    Raises Refusal where no panel comes of the files, or a claim speaks of areas that are none.
    """
    bases, given, held = Bases(asked.design), _Given(), []
    for number, claim in enumerate(asked.claims, start=1):
        progress(claim.says, number, len(asked.claims))
        asked_how = WAYS[claim.kind](claim, bases)
        if asked.design.small_cells.least:
            asked_how = given.blunt(claim, bases, asked_how)
        choices, ask, _rests = asked_how
        held.append(found(claim, choices, ask))
    return Findings(asked.design, bases.own, bases.inputs, tuple(held))


class _Given:
    """What of the numbers of one file may be given out where small counts are hidden.

    To three figures, before the claim is held against them: an exact one gives counts back. And
    none from which another one, or a total that is known, can be taken off so that one or two areas
    are left. Three numbers that only together tell of an area are not looked for.
    """

    def __init__(self) -> None:
        self._sums: dict[tuple[str, ...], list[frozenset[str]]] = {}

    def blunt(self, claim: Claim, bases: Bases, asked: Asked) -> Asked:
        choices, ask, rests = asked

        def given(chosen: dict[str, str]) -> Number:
            number, on, panel = ask(chosen), rests(chosen), bases.panel(chosen)
            if on is None:
                return number
            others = int((panel.onset >= panel.calendar.size).sum())
            few = min(number.units, len(on.areas)) < AREAS
            if few or (claim.kind == "steeper" and others < AREAS):
                raise Refusal(FEW)
            known = self._sums.setdefault(on.what, [on.whole] if on.whole else [])
            if any(0 < len(on.areas ^ each) < AREAS for each in known):
                raise Refusal(NEAR)
            known.append(on.areas)
            return replace(
                number,
                value=figures(number.value),
                low=figures(number.low),
                high=figures(number.high),
                beside=figures(number.beside) if others >= AREAS else NAN,
            )

        return choices, given, rests
