"""Claims held against the record: each by the way of its kind, in all its readings."""

from dataclasses import dataclass
from typing import Any

from stoop import __version__
from stoop.evaluation.models import Design, Panel
from stoop.evaluation.readers import Claims
from stoop.evaluation.studies import claims_falls, claims_places
from stoop.evaluation.studies.plain import plain
from stoop.evaluation.studies.readings import Bases, Finding, found
from stoop.kernel.progress import Progress, silent

WAYS = {
    "fall": claims_falls.fall,
    "steeper": claims_falls.steeply,
    "covers": claims_places.covers,
    "concentration": claims_places.concentration,
}


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
        held.append(found(claim, *WAYS[claim.kind](claim, bases)))
    return Findings(asked.design, bases.own, bases.inputs, tuple(held))
