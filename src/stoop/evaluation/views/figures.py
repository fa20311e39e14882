"""The specification curve: the same question asked in every other way, in one picture."""

from collections.abc import Callable
from math import expm1, nan

from django.utils.translation import gettext as _

from stoop.evaluation.studies import Study
from stoop.evaluation.studies.curve import Way, ways
from stoop.evaluation.studies.threats import REACH
from stoop.evaluation.views.names import called
from stoop.ui.charts import Branch, Figure, Head, Kind, forest, format_number, format_percent


def curve(study: Study) -> Figure | None:
    """Change in percent by each way of asking, with its interval, low to high; the ends that
    leaving out one area gives, which have none of their own; and what others have published."""
    found = ways(study.estimates, study.design)
    if not found:
        return None
    branches = [_branch(way, expm1) for way in found]
    branches += [
        Branch(
            _("published: %(period)s") % {"period": each.period},
            expm1(each.estimate),
            expm1(each.estimate - REACH * each.se),
            expm1(each.estimate + REACH * each.se),
            "published",
        )
        for each in study.design.published
    ]
    if study.without:
        branches += [
            Branch(_("without %(area)s") % {"area": area}, expm1(value), nan, nan, "threat")
            for value, area in (
                (study.without.lowest, study.without.without_lowest),
                (study.without.highest, study.without.without_highest),
            )
        ]
    head = Head(
        id="specifications",
        title=_("The same question asked in other ways"),
        desc=_(
            "Change where the program worked, against what the other areas lead one to expect, by "
            "each way of asking, from the largest fall to the largest rise."
        ),
        caption=_(
            "Left of 0% is a fall. The shaded strip is the interval of the answer: a mark outside "
            "it is another answer."
        ),
    )
    branches.sort(key=lambda branch: branch.value)
    headers = (_("Asked how"), _("Kind"), _("Change (95% interval)"))
    return forest(head, branches, _kinds(), headers=headers, write=format_percent)


def levels(study: Study) -> list[Figure]:
    """The ways that compare counts, and those that compare rates: each scale its own picture."""
    scales = {
        "count": _("In counts: change for each area and period"),
        "rate": _("In rates: change a period for each 100,000 residents"),
    }
    pictures = []
    for scale, title in scales.items():
        if found := ways(study.estimates, study.design, scale):
            head = Head(id=f"levels-{scale}", title=title, desc=title)
            branches = [_branch(way, float) for way in found]
            headers = (_("Asked how"), _("Kind"), _("Change (95% interval)"))
            pictures.append(forest(head, branches, _kinds(), headers=headers, write=format_number))
    return pictures


def _branch(way: Way, scale: Callable[[float], float]) -> Branch:
    return Branch(
        called(way.line), scale(way.line.estimate), scale(way.low), scale(way.high), way.kind
    )


def _kinds() -> dict[str, Kind]:
    return {
        "answer": Kind(_("the answer"), "diamond", chosen=True),
        "estimator": Kind(_("another method"), "circle"),
        "sample": Kind(_("another sample"), "square"),
        "threat": Kind(_("a doubt, tried out"), "triangle"),
        "published": Kind(_("published elsewhere"), "cross"),
    }
