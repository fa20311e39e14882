"""The choices that a reader of a claim makes, in words."""

from django.utils.translation import gettext as _

from stoop.evaluation.views.sentences import NAMES


def dimension(name: str) -> str:
    """A choice that a reader of the claim makes."""
    words = {
        "counted": _("What is counted"),
        "area": _("Where it counts"),
        "release": _("Which release"),
        "sites": _("Which sites"),
        "window": _("Before and after"),
        "mean": _("How sites are joined"),
        "against": _("Against whom"),
        "months": _("How long"),
        "scale": _("What a fall is"),
        "by": _("Highest by"),
        "span": _("In which time"),
        "program": _("Which programs"),
        "tie": _("Equals at the cut"),
    }
    return words[name]


def choice(name: str, code: str) -> str:
    """One way to choose, in words."""
    words = {
        "area": {
            "recorded": _("the area that the record names"),
            "mapped": _("the area that the point lies in"),
        },
        "release": {"own": _("the files named"), "other": _("the other release of them")},
        "sites": {
            "closed": _("those whose months were all over"),
            "open": _("all, with the months that there were"),
        },
        "window": {
            "months": _("months counted from the launch"),
            "with": _("calendar years, launch year after"),
            "without": _("calendar years, launch year left out"),
        },
        "mean": {
            "together": _("all together"),
            "each": _("the mean of their own percents"),
        },
        "against": {
            "matched": _("the three areas most like each site before its launch"),
            "nearest": _("the one area most like each site before its launch"),
            "other": _("all areas without a program, unmatched"),
        },
        "scale": {"share": _("in percent"), "count": _("in counts an area")},
        "by": {"rate": _("rates by residents"), "count": _("counts")},
        "span": {
            "whole": _("the whole panel"),
            "last_3": _("the panel’s last three years"),
            "last_1": _("the panel’s last year"),
            "before": _("the years before the first start"),
        },
        "program": {
            "started": _("started by the end of the panel"),
            "running": _("at work at the panel’s end"),
            "listed": _("on the list, later starts too"),
        },
        "tie": {"for": _("those with a program first"), "against": _("those without first")},
    }
    if name == "counted":
        return NAMES[code]()
    if name == "months":
        return _("%s months before and after") % code
    return words[name][code]
