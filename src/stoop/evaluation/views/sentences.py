"""The sentences of a study: what may be said, and what may not."""

from math import expm1

from django.utils.translation import gettext as _

from stoop.evaluation.studies import Answer, Levels, Power, Study
from stoop.ui.charts import format_number, format_p, format_percent

NAMES = {
    "rows": lambda: _("victims (rows as published)"),
    "incidents": lambda: _("shootings"),
    "victims": lambda: _("victims (counted at their fewest)"),
    "fatal": lambda: _("fatal shootings"),
}


def answer(study: Study) -> str:
    """The answer in one sentence, with its interval."""
    a = study.answer
    if a.verdict == "none":
        return _("There is no number: %(why)s") % {"why": a.why}
    facts = {
        "what": NAMES[study.design.measure](),
        "change": format_percent(abs(a.percent) / 100, 1),
        "low": format_percent(a.low / 100, 1),
        "high": format_percent(a.high / 100, 1),
        "side": _("lower") if a.percent < 0 else _("higher"),
    }
    if a.verdict == "fell":
        return (
            _(
                "Where the program worked, %(what)s fell: they are %(change)s lower than the other "
                "areas lead one to expect (95%% interval of the change %(low)s to %(high)s)."
            )
            % facts
        )
    if a.verdict == "rose":
        return (
            _(
                "Where the program worked, %(what)s rose: they are %(change)s higher than the "
                "other areas lead one to expect (95%% interval of the change %(low)s to %(high)s)."
            )
            % facts
        )
    return (
        _(
            "It cannot be told. Where the program worked, %(what)s are %(change)s %(side)s than "
            "the other areas lead one to expect (95%% interval of the change %(low)s to %(high)s), "
            "but that may be chance or something else."
        )
        % facts
    )


def doubts(a: Answer) -> list[str]:
    """What forbids to say more, one sentence each."""
    said = []
    if "interval" in a.doubts:
        said.append(_("The interval holds no change at all as well."))
    if "chance" in a.doubts:
        said.append(
            _(
                "Starts dealt out at random among the same areas give a change this large in "
                "%(often)s of 1,000 draws; more than 50 is too often to rule out chance."
            )
            % {"often": format_number(1000 * a.permutation_p)}
        )
    if "pretrend" in a.doubts:
        said.append(
            _(
                "The areas had moved apart from the others before the start already "
                "(p = %(p)s), so what came after is not the program’s alone."
            )
            % {"p": format_p(a.pretrend_p)}
        )
    return said


def power(p: Power | None) -> str:
    if p is None:
        return _("What this design could have seen cannot be told: it has no primary estimate.")
    return _(
        "Before the answer: with these areas, periods and starts, a fall smaller than %(fall)s "
        "(or a rise smaller than %(rise)s) would have gone unseen in more than one case of five."
    ) % {
        "fall": format_percent(abs(p.fall_percent) / 100),
        "rise": format_percent(p.rise_percent / 100),
    }


def compared(study: Study) -> str:
    panel, labels = study.panel, study.panel.calendar.labels
    return _(
        "%(treated)s areas with a program that starts in the panel, and %(others)s beside them, "
        "from %(first)s to %(last)s; %(total)s counted: %(outcome)s, by %(area)s %(kind)s."
    ) % {
        "treated": format_number(panel.treated),
        "others": format_number(len(panel.units) - panel.treated),
        "first": labels[0],
        "last": labels[-1],
        "total": format_number(panel.total),
        "outcome": NAMES[study.design.measure](),
        "area": _("recorded") if study.design.area == "recorded" else _("mapped"),
        "kind": study.design.kind,
    }


def levels(gap: Levels | None) -> str:
    """The warning that stands over every result in counts; empty where none is needed."""
    if gap is None or not gap.unsuitable:
        return ""
    return _(
        "Results in counts are unsuitable here: areas with a program start at %(ours)s a period, "
        "the others at %(theirs)s. Had all changed by one and the same ratio, a method that "
        "compares counts would still show %(implied)s and call it an effect. Results in percent "
        "do not have this fault."
    ) % {
        "ours": format_number(gap.treated, 1),
        "theirs": format_number(gap.comparison, 1),
        "implied": format_number(gap.implied, 1),
    }


def without(study: Study) -> str:
    found = study.without
    if found is None:
        return ""
    return _(
        "Without one area in turn, the change lies between %(low)s (without %(one)s) and %(high)s "
        "(without %(other)s)."
    ) % {
        "low": change(found.lowest),
        "one": found.without_lowest,
        "high": change(found.highest),
        "other": found.without_highest,
    }


def change(log: float) -> str:
    """The log of a ratio as percent."""
    return format_percent(expm1(log), 1)
