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
    bases, held = Bases(asked.design), []
    for number, claim in enumerate(asked.claims, start=1):
        progress(claim.says, number, len(asked.claims))
        asked_how = WAYS[claim.kind](claim, bases)
        if asked.design.small_cells.least:
            asked_how = _given_out(claim, bases, asked_how)
        held.append(found(claim, *asked_how))
    return Findings(asked.design, bases.own, bases.inputs, tuple(held))


def _given_out(claim: Claim, bases: Bases, asked: Asked) -> Asked:
    """Numbers to three figures, and none of fewer than three areas, before the claim is held
    against them: an exact one gives counts back. How many areas are covered is no count of these.
    """
    choices, ask = asked
    if claim.kind == "covers":
        return asked

    def blunt(chosen: dict[str, str]) -> Number:
        number, panel = ask(chosen), bases.panel(chosen)
        others = int((panel.onset >= panel.calendar.size).sum())
        if number.units < AREAS or (claim.kind == "steeper" and others < AREAS):
            raise Refusal(FEW)
        return replace(
            number,
            value=figures(number.value),
            low=figures(number.low),
            high=figures(number.high),
            beside=figures(number.beside) if others >= AREAS else NAN,
        )

    return choices, blunt
