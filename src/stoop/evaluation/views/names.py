"""What was asked, in a few words: for the rows of a picture and for sentences."""

import re

from django.utils.translation import gettext as _

from stoop.evaluation.studies import Line

_END = re.compile(r"to (\S+)")


def called(line: Line) -> str:
    """How a line differs from the answer, short enough for a phone."""
    estimator = _estimator(line)
    if line.sample == "all":
        return estimator
    sample = _sample(line.sample)
    if line.estimator == "poisson_binary":
        return sample
    return f"{estimator}, {sample}"


def _sample(name: str) -> str:
    if found := _END.fullmatch(name):
        return _("had the panel ended in %(period)s") % {"period": found[1]}
    known = {
        "mapped": _("area taken from the map"),
        "recorded": _("area taken from the record"),
        "closures end the treatment": _("without the periods after a closure"),
        "other release": _("another release of the data"),
    }
    return known.get(name, name)


def _estimator(line: Line) -> str:
    known = {
        "poisson_binary": _("the answer: one step at the start"),
        "poisson_next": _("from the first whole period on"),
        "poisson_fraction": _("by the share of each period"),
        "poisson_spillover": _("beside what neighbors felt"),
        "poisson_rings": _("beside rings around programs"),
        "imputation_poisson": _("imputation (Poisson)"),
        "imputation_linear": _("imputation (linear)"),
        "callaway_santanna": _("Callaway–Sant’Anna, never treated"),
        "callaway_santanna_not_yet": _("Callaway–Sant’Anna, not yet treated"),
        "sun_abraham_poisson": _("Sun–Abraham (Poisson)"),
        "sun_abraham_linear": _("Sun–Abraham (linear)"),
        "stacked_poisson": _("stacked (Poisson)"),
        "stacked_linear": _("stacked (linear)"),
        "stacked_shares": _("stacked with shares (linear)"),
        "matched": _("matched areas"),
        "before_after": _("before and after, less the others"),
        "synthetic_plain": _("synthetic control, plain"),
        "synthetic_augmented": _("synthetic control, augmented"),
        "synthetic_demeaned": _("synthetic control, demeaned"),
    }
    return known.get(line.estimator, line.estimator.replace("_", " "))
