"""Did shootings move next door, or did the good reach further, and what is left of it all?"""

from django.utils.translation import gettext as _

from stoop.evaluation.studies import Line, Study
from stoop.evaluation.views.changes import amount, amounts, between, change
from stoop.evaluation.views.sentences import percent

RINGS = ("direct", "diffuse", "net")


def next_door(study: Study) -> list[str]:
    """What the rings around programs say; else what the areas beside them do. Nothing
    where one of the numbers that it takes is not there."""
    rings, beside = _of(study, "poisson_rings"), _of(study, "poisson_spillover")
    if rings.keys() >= set(RINGS):
        return _rings(rings)
    if not beside.keys() >= {"on", "onSO"}:
        return []
    low, high = _ends(beside["onSO"])
    words = {
        "change": change(percent(beside["onSO"].estimate)),
        "between": between(percent(low), percent(high)),
    }
    said = _("Next door to a program there are %(change)s (%(between)s).") % words
    return [said, _reading(low, high, _ends(beside["on"]))]


def _rings(found: dict[str, Line]) -> list[str]:
    told = {
        term: f"{amount(found[term].estimate)} ({amounts(*_ends(found[term]))})" for term in RINGS
    }
    said = _(
        "Counted in rings: %(direct)s where a program works, %(diffuse)s around it, and "
        "together %(net)s."
    )
    return [said % told, _reading(*_ends(found["diffuse"]), _ends(found["direct"]))]


def _reading(low: float, high: float, own: tuple[float, float]) -> str:
    """What an interval of the change beside says, with that of the program's own areas."""
    if low <= 0 <= high:
        return _("Whether any of it moved away, or reached further, cannot be told.")
    if low > 0 and own[1] < 0:
        return _("Fewer here and more beside reads as displacement: some of it may have moved.")
    if high < 0 and own[1] < 0:
        return _("Fewer here and fewer beside reads as a benefit that reached further.")
    if low > 0:
        return _("There are more beside, but not clearly fewer here: nothing says that they moved.")
    return _("There are fewer beside, but not clearly fewer here: the program need not be why.")


def _of(study: Study, estimator: str) -> dict[str, Line]:
    return {
        line.term: line
        for line in study.estimates
        if (line.estimator, line.sample, line.se_type) == (estimator, "all", "CR1")
    }


def _ends(line: Line) -> tuple[float, float]:
    return line.estimate - line.reach * line.se, line.estimate + line.reach * line.se
