"""Costs and benefits in words: what the program is worth, and what that hangs on."""

from collections.abc import Callable
from math import expm1, isfinite
from typing import Any

from django.utils.translation import gettext as _

from stoop.evaluation.models.costs import Assumption
from stoop.evaluation.studies import Study
from stoop.evaluation.studies.costs import Costing, Interval, Worth
from stoop.ui.charts import Branch, Figure, Head, Kind, Table, forest, format_number, format_percent

SHARES = ("share", "fatal_share", "discount")


def costs(study: Study) -> dict[str, Any]:
    """What the section on costs shows; empty where the design gives none."""
    found = study.costs
    if found is None:
        return {}
    return {
        "costs": sentences(found),
        "costs_assumed": assumed(found),
        "costs_money": money(found),
        "tornado": tornado(found),
    }


def sentences(found: Costing) -> list[str]:
    """The answer on costs first, then how it was reached."""
    worth = found.worth
    if worth is None:
        return [_("What the program is worth cannot be told: %(why)s") % {"why": found.why}]
    said = {
        "pays": _("The program was worth more than it cost."),
        "falls_short": _("What can be counted was worth less than the program cost."),
        "unsure": _(
            "Whether the program was worth what it cost cannot be told: it hangs on what nobody "
            "knows for sure."
        ),
        "open": _(
            "Whether the program was worth what it cost cannot be told, because its effect cannot "
            "be told."
        ),
    }[found.verdict]
    if found.verdict == "falls_short" and worth.together.high < 0:
        said = _("What can be counted speaks against the program: it cost money, and harm rose.")
    told = [f"{said} {_for_each_spent(found, worth)}", _averted(found, worth)]
    if found.idle:
        told.append(
            _(
                "Periods after a closure, in which no program worked, are left out of cost and "
                "benefit alike; the effect is that of all periods since a start."
            )
        )
    if found.spread_over is not None:
        told.append(
            _(
                "The total is spread over the %(years)s years of program in all listed areas, also "
                "those that are not compared here."
            )
            % {"years": format_number(found.spread_over, 1)}
        )
    return [*told, _break_even(worth)]


def _for_each_spent(found: Costing, worth: Worth) -> str:
    """The ratio in words; below 0 it is harm that came on top."""
    value, low, high = worth.ratio.value, worth.together.low, worth.together.high
    sure = worth.ratio.low > 0 or worth.ratio.high < 0
    facts = {
        "ratio": _ratio(abs(value)),
        # From the smaller to the larger harm, where all of it is harm.
        "low": _ratio(-high if value < 0 else low),
        "high": _ratio(-low if value < 0 else high),
        "money": found.currency,
    }
    if found.verdict == "open" and sure:
        between = (
            _(
                "Were it the program’s, harm worth %(ratio)s %(money)s came on top for each "
                "%(money)s spent (95%% interval %(low)s to %(high)s%(below)s)."
            )
            if value < 0
            else _(
                "Were it the program’s, harm worth %(ratio)s %(money)s was averted for each "
                "%(money)s spent (95%% interval %(low)s to %(high)s%(below)s)."
            )
        )
    else:
        between = (
            _(
                "For each %(money)s spent, harm worth %(ratio)s %(money)s came on top (95%% "
                "interval %(low)s to %(high)s, by chance and by the assumptions%(below)s)."
            )
            if value < 0
            else _(
                "For each %(money)s spent, harm worth %(ratio)s %(money)s was averted (95%% "
                "interval %(low)s to %(high)s, by chance and by the assumptions%(below)s)."
            )
        )
    return between % {**facts, "below": _below(value, low, high)}


def _below(value: float, low: float, high: float) -> str:
    """What a number below 0 in the interval stands for; nothing where there is none."""
    if not low < 0 < high:
        return ""
    return _("; below 0: averted") if value < 0 else _("; below 0: on top")


def money(found: Costing) -> Table | None:
    """Benefit, cost, and what is left, in money of the first treated period."""
    worth = found.worth
    if worth is None:
        return None
    averted = _("Averted outcomes")
    if worth.averted.low < 0:
        averted = _("Averted outcomes (below 0: on top)")
    rows = (
        _row(averted, worth.averted, format_number),
        _row(_("Benefit, %s") % found.currency, worth.benefit, _rounded),
        (_("Cost, %s") % found.currency, _rounded(worth.cost), _("as assumed")),
        _row(_("Benefit less cost, %s") % found.currency, worth.net, _rounded),
        _row(_("Benefit for each %s spent") % found.currency, worth.ratio, _ratio),
        _row(_("The same, the assumptions drawn too"), worth.together, _ratio),
    )
    head = (_("What"), _("Number"), _("95% interval"))
    return Table(head, rows, _("Benefit and cost"), cards=True)


def assumed(found: Costing) -> Table:
    """Every assumption with its ends and its source."""
    rows = tuple(
        (_name(one.name), *(_written(one, end) for end in (one.low, one.central, one.high)),
         one.source)
        for one in found.assumptions
    )  # fmt: skip
    head = (_("Assumed"), _("Low"), _("Held for"), _("High"), _("Source"))
    return Table(head, rows, _("What is assumed, in %s") % found.currency, cards=True)


def tornado(found: Costing) -> Figure | None:
    """The ratio as each assumption goes from end to end, the others being held: widest first."""
    if found.worth is None:
        return None
    centre = found.worth.ratio.value
    branches = [
        Branch(
            _name(swing.name),
            centre,
            min(swing.at_low, swing.at_high),
            max(swing.at_low, swing.at_high),
            "effect" if swing.name == "effect" else "assumed",
        )
        for swing in found.worth.swings
    ]
    head = Head(
        id="tornado",
        title=_("What the worth hangs on"),
        desc=_("Benefit for each %s spent, as each assumption alone goes from its low to its high "
               "end; the widest first.") % found.currency,
        caption=_("Right of 1 the benefit is larger than the cost."),
    )  # fmt: skip
    kinds = {
        "effect": Kind(_("the effect, in its 95% interval"), "diamond"),
        "assumed": Kind(_("an assumption, from low to high"), "circle"),
    }
    headers = (_("What goes from end to end"), _("Kind"), _("Benefit / cost"))
    return forest(head, branches, kinds, headers=headers, write=format_number)


def _row(name: str, of: Interval, write: Callable[[float], str]) -> tuple[str, str, str]:
    ends = {"low": write(of.low), "high": write(of.high)}
    return name, write(of.value), _("%(low)s to %(high)s") % ends


def _ratio(value: float) -> str:
    return format_number(value, 2)


def _rounded(value: float) -> str:
    """Money to three digits: no assumption knows more."""
    return format_number(float(f"{value:.3g}"))


def _averted(found: Costing, worth: Worth) -> str:
    """What was counted, and how many fewer or more that was than without the program."""
    value, low, high = worth.averted.value, worth.averted.low, worth.averted.high
    facts = {
        "years": format_number(found.years, 1),
        "counted": format_number(found.outcomes),
        "averted": format_number(abs(value)),
        "low": format_number(-high if value < 0 else low),
        "high": format_number(-low if value < 0 else high),
        "below": _below(value, low, high),
    }
    counted = (
        _(
            "Programs worked for %(years)s years, over all areas compared. In the periods in which "
            "they did, %(counted)s were counted, %(averted)s of them on top of what there had "
            "been without (95%% interval %(low)s to %(high)s%(below)s)."
        )
        if value < 0
        else _(
            "Programs worked for %(years)s years, over all areas compared. In the periods in which "
            "they did, %(counted)s were counted and %(averted)s averted (95%% interval %(low)s to "
            "%(high)s%(below)s)."
        )
    )
    held = _("The effect is that of the answer, held to be the same in every place and year.")
    return f"{counted % facts} {held}"


def _break_even(worth: Worth) -> str:
    if not isfinite(worth.break_even):
        return _("No fall would be worth the cost: what is averted is held to be worth nothing.")
    return _(
        "With all else as held, a fall of %(fall)s would be worth just what the program cost."
    ) % {"fall": format_percent(-expm1(worth.break_even), 1)}


def _name(name: str) -> str:
    words = {
        "effect": _("The effect"),
        "program": _("A year of program in one area"),
        "outcome": _("One outcome, to society"),
        "fatal": _("One that kills"),
        "nonfatal": _("One that does not kill"),
        "fatal_share": _("Share that kills"),
        "share": _("Share that is the program’s"),
        "discount": _("Discount a year"),
    }
    return words[name]


def _written(one: Assumption, value: float) -> str:
    return format_percent(value, 1) if one.name in SHARES else format_number(value)
