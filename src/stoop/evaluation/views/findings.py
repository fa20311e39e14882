"""What stands beside the answer: what everybody quotes, what others found, what would change it."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stoop.evaluation.studies import Study
from stoop.evaluation.studies.curve import Way, hinges, levelled
from stoop.evaluation.studies.threats import REACH
from stoop.evaluation.views.changes import between, change
from stoop.evaluation.views.names import called
from stoop.evaluation.views.sentences import percent
from stoop.ui.charts import Table, format_number, format_p

SHOWN = 12


def before_after(study: Study) -> list[str]:
    """The number that everybody quotes, the others' beside it, and what is left."""
    found = {
        line.term: line
        for line in study.estimates
        if line.estimator == "before_after" and line.sample == "all"
    }
    if not {"treated", "beside", "net"} <= found.keys():
        why = next((no.why for no in study.refused if no.estimator == "before_after"), "")
        return (
            [
                _("Before and after, the number that is usually quoted, is not given: %(why)s.")
                % {"why": why}
            ]
            if why
            else []
        )
    net = found["net"]
    reach = REACH * net.se
    return [
        _(
            "Before and after, the number that is usually quoted: in the 24 months after a launch "
            "there were %(ours)s than in the 24 months before. That is no effect: over the same "
            "months the other areas had %(theirs)s."
        )
        % {
            "ours": change(percent(found["treated"].estimate)),
            "theirs": change(percent(found["beside"].estimate)),
        },
        _("What is left when theirs is taken off: %(net)s (%(between)s).")
        % {
            "net": change(percent(net.estimate)),
            "between": between(percent(net.estimate - reach), percent(net.estimate + reach)),
        },
    ]


def published(study: Study) -> Table | None:
    """What others have published of the same question, beside ours."""
    if not study.design.published or study.answer.verdict == "none":
        return None
    ours, labels = study.answer, study.panel.calendar.labels
    rows = [
        (
            _("This page"),
            f"{labels[0]}–{labels[-1]}",
            f"{change(ours.percent)} ({between(ours.low, ours.high)})",
            "",
        )
    ]
    for each in study.design.published:
        low, high = (percent(each.estimate + side * REACH * each.se) for side in (-1, 1))
        told = f"{change(percent(each.estimate))} ({between(low, high)})"
        rows.append((each.citation, each.period, told, each.why_different))
    headers = (_("Who"), _("Period"), _("Change (95% interval)"), _("Why it differs from ours"))
    return Table(headers, tuple(rows), _("What others have published"), cards=True)


def beside_published(study: Study) -> list[str]:
    """Whether each published number lies in our interval, and ours in its."""
    a, said = study.answer, []
    for each in study.design.published if a.verdict != "none" else ():
        low, high = (percent(each.estimate + side * REACH * each.se) for side in (-1, 1))
        inside = a.low <= percent(each.estimate) <= a.high
        around = low <= a.percent <= high
        if inside and around:
            words = _("%(study)s: each of the two numbers lies in the interval of the other.")
        elif inside or around:
            words = _(
                "%(study)s: one of the two numbers lies in the interval of the other, one does not."
            )
        else:
            words = _("%(study)s: neither number lies in the interval of the other.")
        said.append(words % {"study": f"{each.citation}, {each.period}"})
    if said:
        said.append(_("Studies of one and the same record are no second witness to each other."))
    return said


def changing(study: Study) -> list[str]:
    """What would change the answer, worked out from every other way of asking."""
    found = hinges(study.estimates, study.design)
    if found is None:
        return []
    asked = {"n": format_number(found.asked), "side": _side(study)}
    said = []
    if found.other_side:
        said.append(
            ngettext(
                "Of %(n)s other ways of asking, %(k)s gives the other side: %(which)s.",
                "Of %(n)s other ways of asking, %(k)s give the other side: %(which)s.",
                len(found.other_side),
            )
            % (asked | {"k": len(found.other_side), "which": _listed(found.other_side)})
        )
    else:
        said.append(_("Not one of %(n)s other ways of asking turns the %(side)s around.") % asked)
    if found.outside:
        said.append(
            _("Outside the interval of the answer: %(which)s.") % {"which": _listed(found.outside)}
        )
    elif found.asked:
        said.append(_("No other way in percent leaves the interval of the answer."))
    if found.unlike:
        said.append(
            (
                _("The interval leaves out no change in these ways: %(which)s.")
                if "interval" in study.answer.doubts
                else _("The interval holds no change at all in these ways: %(which)s.")
            )
            % {"which": _listed(found.unlike)}
        )
    return said


def synthetic(study: Study) -> str:
    """Where plain and demeaned synthetic control disagree: that they do, and why."""
    found = levelled(study.estimates, study.refused)
    if found is None:
        return ""
    said = _(
        "Plain and demeaned synthetic control disagree: %(plain)s against %(demeaned)s a period "
        "for each 100,000 residents. The plain one builds a likeness of the level itself, the "
        "demeaned one of the changes around it."
    ) % {
        "plain": format_number(found.plain.estimate, 1),
        "demeaned": format_number(found.demeaned.estimate, 1),
    }
    if found.refused:
        said += " " + ngettext(
            "%(n)s area with a program has no likeness in level and is missing from the plain "
            "number, so the two do not speak of the same areas.",
            "%(n)s areas with a program have no likeness in level and are missing from the plain "
            "number, so the two do not speak of the same areas.",
            found.refused,
        ) % {"n": found.refused}
    return f"{said} {_('Neither is a ground for saying which way it went.')}"


def checked(study: Study) -> Table | None:
    """How far to trust the answer: each question that was asked of it, and what came of it."""
    a = study.answer
    if a.verdict == "none":
        return None
    rows = [
        (
            _("Would chance give as much?"),
            _("In %(often)s of 1,000 draws with the starts dealt out at random.")
            % {"often": format_number(1000 * a.permutation_p)},
        )
    ]
    rows.append((_("Had these areas moved apart before the start?"), _pretrend(a.pretrend_p)))
    if study.power:
        seen = (study.power.fall_percent, study.power.rise_percent)
        large = a.percent <= seen[0] or a.percent >= seen[1]
        rows.append(
            (
                _("Is the change large enough for this design?"),
                _("Yes: it is one that would have been noticed in four cases of five.")
                if large
                else _("No: a change so small is noticed in fewer than four cases of five."),
            )
        )
    if study.without:
        low, high = percent(study.without.lowest), percent(study.without.highest)
        rows.append(
            (
                _("Does it hang on one area?"),
                _(
                    "With each left out in turn: from %(low)s (without %(one)s) to %(high)s "
                    "(without %(other)s)."
                )
                % {
                    "low": change(low), "one": study.without.without_lowest,
                    "high": change(high), "other": study.without.without_highest,
                },
            )
        )  # fmt: skip
    return Table((_("Asked"), _("Found")), tuple(rows), _("What was asked of the answer"))


def _pretrend(p: float) -> str:
    if p != p:
        return _("Not tested; why stands below, with what has no number.")
    words = {"p": format_p(p)}
    if p < 0.05:
        return _("Yes (p %(p)s).") % words
    return _("No sign of it (p %(p)s), which is no proof.") % words


def _side(study: Study) -> str:
    return _("fall") if study.answer.percent < 0 else _("rise")


def _listed(found: tuple[Way, ...]) -> str:
    shown = "; ".join(_told(way) for way in found[:SHOWN])
    more = len(found) - SHOWN
    return shown if more <= 0 else _("%(shown)s; and %(n)s more") % {"shown": shown, "n": more}


def _told(way: Way) -> str:
    if way.line.scale == "log":
        return f"{called(way.line)} ({change(percent(way.line.estimate))})"
    words = {"name": called(way.line), "n": format_number(way.line.estimate, 1)}
    if way.line.scale == "rate":
        return _("%(name)s (%(n)s for each 100,000 residents)") % words
    return _("%(name)s (%(n)s for each area and period)") % words
