"""The specification curve: the same question asked in other ways, in one picture."""

from math import expm1

from django.utils.translation import gettext as _

from stoop.evaluation.studies import Line, Study
from stoop.ui.charts import Estimate, Figure, Head, Method, hit_rates

REACH = 1.959963984540054
# The one leading term of each estimator whose scale is the log of a ratio.
TERMS = {"poisson_fraction": "frac", "poisson_next": "on_next"}
LEFT_OUT = ("poisson_linear", "poisson_quadratic", "event_study")


def curve(study: Study) -> Figure | None:
    """Change in percent by estimator, sample and end, each with its interval, low to high."""
    shown = sorted((line for line in study.estimates if _is_shown(line)), key=lambda e: e.estimate)
    if not shown:
        return None
    head = Head(
        id="specifications",
        title=_("The same question asked in other ways"),
        desc=_("Change where the program worked, against what the other areas lead one to expect."),
    )
    methods = [Method(_label(line), (_share(line),), chosen=_is_answer(line)) for line in shown]
    return hit_rates(
        head,
        methods,
        [_("Change, with its 95% interval")],
        method_label=_("Estimator and sample"),
        chosen_label=_("the answer"),
    )


def _is_shown(line: Line) -> bool:
    if line.scale != "log" or line.se_type in ("HC1", "permutation"):
        return False
    if line.estimator.startswith(LEFT_OUT):
        return False
    return line.term in (TERMS.get(line.estimator, "on"), "overall", "net")


def _is_answer(line: Line) -> bool:
    return (line.estimator, line.sample, line.se_type) == ("poisson_binary", "all", "CR1")


def _label(line: Line) -> str:
    if line.threat:
        return line.sample
    name = line.estimator.replace("_", " ")
    return name if line.sample == "all" else f"{name}, {line.sample}"


def _share(line: Line) -> Estimate:
    reach = REACH * line.se
    return Estimate(
        expm1(line.estimate), expm1(line.estimate - reach), expm1(line.estimate + reach)
    )
