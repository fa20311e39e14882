"""What the errors stand on: how many units carry the answer, and how the counts behave."""

from dataclasses import dataclass

from stoop.evaluation.models import Panel
from stoop.evaluation.studies.numbers import TERM
from stoop.evaluation.studies.told import laid_out
from stoopstat.impact.design import Refused
from stoopstat.impact.leverage import leverage
from stoopstat.impact.poisson import FEW_CLUSTERS, FEW_TREATED, poisson
from stoopstat.impact.residuals import residuals
from stoopstat.impact.terms import terms


@dataclass(frozen=True, slots=True)
class Footing:
    """See stoopstat.impact.leverage and residuals.

    units: clusters of the regression. treated: those with a program at some time; effective: how
    many alike would know as much; half: the fewest that hold half of the weight; heaviest: the one
    with the most, and its share of all. read: "permutation" where errors clustered in the plain way
    (CR1) stand on too few, else "clustered"; the answer's own interval allows for few.
    """

    units: int
    treated: int
    effective: float
    half: int
    heaviest: str
    share: float
    read: str
    dispersion: float
    ratio: float
    serial: float
    serial_by_chance: float


def footing(panel: Panel) -> Footing | None:
    """None where there is no primary estimate."""
    y = laid_out(panel)
    fit = poisson(y.outcome, terms(y))
    if isinstance(fit, Refused):
        return None
    weight, left = leverage(fit, terms(y), term=TERM), residuals(fit, y.outcome)
    few = weight.effective_carriers < FEW_TREATED or fit.clusters < FEW_CLUSTERS
    return Footing(
        units=fit.clusters,
        treated=weight.carriers,
        effective=weight.effective_carriers,
        half=weight.half,
        heaviest=panel.units[weight.heaviest],
        share=float(weight.shares[weight.heaviest]),
        read="permutation" if few else "clustered",
        dispersion=left.dispersion,
        ratio=left.ratio,
        serial=left.serial,
        serial_by_chance=left.serial_by_chance,
    )
