"""The sentences of a study: what may be said, and what may not."""

from math import expm1

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stoop.evaluation.studies import Answer, Levels, Power, Study
from stoop.evaluation.studies.curve import difference
from stoop.evaluation.views.changes import amount, amounts, between
from stoop.evaluation.views.changes import change as told
from stoop.ui.charts import format_number, format_p, format_percent

# What is counted as a reader says it, and how it was counted.
SHORT = {
    "rows": lambda: _("victims"),
    "incidents": lambda: _("shootings"),
    "victims": lambda: _("victims"),
    "fatal": lambda: _("fatal shootings"),
}
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
        "what": SHORT[study.design.measure](),
        "change": told(a.percent),
        "between": between(a.low, a.high),
    }
    if a.verdict == "fell":
        return (
            _(
                "Where the program worked, %(what)s fell: there were %(change)s than the other "
                "areas lead one to expect, and %(between)s fits what was counted."
            )
            % facts
        )
    if a.verdict == "rose":
        return (
            _(
                "Where the program worked, %(what)s rose: there were %(change)s than the other "
                "areas lead one to expect, and %(between)s fits what was counted."
            )
            % facts
        )
    return _open(a) % facts


def _open(a: Answer) -> str:
    """It cannot be told, and the heaviest reason why."""
    if "interval" in a.doubts:
        return _(
            "It cannot be told: where the program worked there were %(change)s %(what)s than the "
            "other areas lead one to expect, but anything %(between)s fits what was counted."
        )
    if "pretrend" in a.doubts:
        return _(
            "It cannot be told for certain: where the program worked there were %(change)s "
            "%(what)s than the other areas lead one to expect, %(between)s, but these areas had "
            "moved apart from the others before the start already."
        )
    if "chance" in a.doubts:
        return _(
            "It cannot be told for certain: where the program worked there were %(change)s "
            "%(what)s than the other areas lead one to expect, %(between)s by the usual "
            "reckoning, but chance alone gives as much too often to rule it out."
        )
    return _(
        "It cannot be told for certain: where the program worked there were %(change)s %(what)s "
        "than the other areas lead one to expect, %(between)s, but whether these areas had moved "
        "apart from the others before the start could not be tested."
    )


def in_numbers(study: Study) -> str:
    """The answer as outcomes, in all areas with a program together."""
    found = difference(study.panel, study.answer)
    if found is None:
        return ""
    labels, onset = study.panel.calendar.labels, study.panel.onset
    first = int(onset[(onset > 0) & (onset < len(labels))].min())
    facts = {
        "first": labels[first],
        "last": labels[-1],
        "areas": format_number(study.panel.treated),
        "counted": format_number(found.counted),
        "expected": format_number(found.expected),
        "what": SHORT[study.design.measure](),
        "change": amount(found.change),
        "between": amounts(found.low, found.high),
        "yearly": amount(found.change / found.years),
    }
    said = (
        _(
            "from %(first)s to %(last)s the %(areas)s areas counted %(counted)s "
            "%(what)s from their starts on, where about %(expected)s were to be expected; that is "
            "%(change)s in all (%(between)s), or %(yearly)s a year, all areas together."
        )
        % facts
    )
    if study.answer.verdict == "open":
        return _("In numbers, and only if it is no chance: %(said)s") % {"said": said}
    return _("In numbers: %(said)s") % {"said": said}


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
    if a.doubts == ("chance",):
        said.append(
            _(
                "The usual interval leaves out no change, and the draws do not. Where the two "
                "disagree this page follows the draws, which assume less."
            )
        )
    if "pretrend" in a.doubts:
        said.append(
            _(
                "The areas had moved apart from the others before the start already "
                "(p %(p)s), so what came after is not the program’s alone."
            )
            % {"p": format_p(a.pretrend_p)}
        )
    if "untested" in a.doubts:
        said.append(
            _(
                "Whether these areas had moved apart from the others before the start could not "
                "be tested, so what came after need not be the program’s."
            )
        )
    return said


def power(p: Power | None) -> str:
    if p is None:
        return _("What this design could have seen is not told: no primary estimate can be given.")
    return _(
        "First, what could have been seen at all: with these areas, periods and starts, only a "
        "fall of %(fall)s or more (or a rise of %(rise)s or more) would have been noticed in four "
        "cases of five."
    ) % {
        "fall": format_percent(abs(p.fall_percent) / 100),
        "rise": format_percent(p.rise_percent / 100),
    }


def compared(study: Study) -> str:
    panel, labels = study.panel, study.panel.calendar.labels
    always = panel.always_treated
    said = _(
        "%(treated)s areas with a program that starts in the panel, and %(others)s beside them, "
        "from %(first)s to %(last)s; %(total)s counted: %(outcome)s, by %(area)s %(kind)s."
    ) % {
        "treated": format_number(panel.treated),
        "others": format_number(len(panel.units) - panel.treated - always),
        "first": labels[0],
        "last": labels[-1],
        "total": format_number(panel.total),
        "outcome": NAMES[study.design.measure](),
        "area": _("recorded") if study.design.area == "recorded" else _("mapped"),
        "kind": study.design.kind,
    }
    if not always:
        return said
    more = ngettext(
        "%(n)s more has had a program from the first period on: without a before of its own it is "
        "neither among the areas that the answer speaks of, nor an area without a program.",
        "%(n)s more have had a program from the first period on: without a before of their own "
        "they are neither among the areas that the answer speaks of, nor areas without a program.",
        always,
    )
    return f"{said} {more % {'n': format_number(always)}}"


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


def small_cells(study: Study) -> str:
    """What is done with small counts in what is given out."""
    kept = study.design.small_cells
    if kept.publish:
        return _("Small counts are shown in panel.csv: %(why)s.") % {
            "why": kept.publish.rstrip(".")
        }
    hidden = int(study.hidden.sum())
    if not hidden:
        return ""
    return _(
        "Counts from 1 to %(most)s are left empty in panel.csv, and with them as many others as "
        "it takes that no total gives one back: %(n)s of %(cells)s. For the same reason numbers "
        "are given to three places, and those that rest on one or two areas not at all. Anybody "
        "with the files can still make every one of them again."
    ) % {
        "most": kept.under - 1,
        "n": format_number(hidden),
        "cells": format_number(study.hidden.size),
    }


def change(log: float) -> str:
    """The log of a ratio as percent."""
    return format_percent(expm1(log), 1)


def percent(log: float) -> float:
    """The log of a ratio as percent, a number."""
    return 100 * expm1(log)
