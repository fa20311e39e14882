"""Claims and what the record says of them: the words, the tables and the page."""

from math import isfinite

from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from stoop import __version__
from stoop.evaluation.studies.claims import Findings
from stoop.evaluation.studies.readings import Finding, Number, Reading
from stoop.evaluation.views.changes import change
from stoop.evaluation.views.claims_figure import picture
from stoop.evaluation.views.claims_words import choice, dimension
from stoop.ui.charts import Table, format_interval, format_number, format_percent
from stoop.ui.queries import styles


def claims_page(found: Findings) -> str:
    """claims.html: each claim, its verdict, what it hangs on, and every reading."""
    sections = [
        (f"claim-{n}", _section(each, f"claim-{n}"))
        for n, each in enumerate(found.findings, start=1)
    ]
    headings = {"rule": _("How a claim is judged"), "again": _("How to make it again")}
    own = (found.design.name, found.design.sha256)
    context = {
        "title": found.design.title,
        "version": __version__,
        "styles": styles(),
        "lang": get_language() or "en",
        "dir": "rtl" if get_language_bidi() else "ltr",
        "contents": [
            *((name, _("Claim %s") % n) for n, (name, _claim) in enumerate(sections, start=1)),
            *headings.items(),
        ],
        "headings": headings,
        "claims": sections,
        "compared": _compared(found),
        "said": found.panel.said,
        "inputs": Table((_("File"), _("SHA-256")), (own, *found.inputs), _("Made from")),
        "file": found.design.name,
        "small": bool(found.design.small_cells.least),
    }
    return render_to_string("evaluation/claims.html", context)


def summary(found: Findings) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows of the short table: one row a claim."""
    head = (_("Claim"), _("Verdict"), _("Plainest reading"), _("All readings"), _("Holds in"))
    rows: list[tuple[str, ...]] = [
        (
            each.claim.says,
            verdict(each),
            value(each, each.known[0].number, interval=False) if each.known else "–",
            _range(each, each.known),
            _share(each.known),
        )
        for each in found.findings
    ]
    return head, rows


def verdict(each: Finding) -> str:
    words = {
        "holds": _("Holds"),
        "only_if": _("Holds only if ..."),
        "not": _("Does not hold"),
        "none": _("Cannot be checked"),
    }
    return words[each.verdict]


def sentences(each: Finding) -> list[str]:
    """What may be said of a claim: the verdict with its reason, and what is true instead."""
    if not each.known:
        return [_("It cannot be checked: %(why)s") % {"why": each.readings[0].why}]
    said = [_verdict(each), _plainest(each)]
    beside = each.known[0].number
    if each.claim.kind == "fall" and beside is not None and isfinite(beside.beside):
        told = _("In the same months, areas without a program had %s.") % change(-beside.beside)
        if beside.beside > 0:
            told += " " + _("A fall that everybody shared is not the program’s.")
        said.append(told)
    if each.idle:
        said.append(
            _("Made no difference here: %s.") % ", ".join(dimension(name) for name in each.idle)
        )
    if open_ones := sum(_holds_none(reading.number, each) for reading in each.known):
        said.append(
            _(
                "In %(n)s of %(all)s readings the interval holds no difference as well, or has no "
                "ends."
            )
            % {"n": format_number(open_ones), "all": format_number(len(each.known))}
        )
    return said


def conditions(each: Finding) -> list[str]:
    """What the readings that hold have in common, one line for each choice that decides."""
    return [
        f"{dimension(name)}: {_(' or ').join(choice(name, code) for code in codes)}"
        for name, codes in each.only_if.items()
    ]


def value(each: Finding, number: Number | None, *, interval: bool = True) -> str:
    """A number in the claim's own words, with its interval where it has one."""
    if number is None:
        return _("no number")
    kind = each.claim.kind
    if kind == "covers":
        return _("%(n)s of %(top)s") % {
            "n": format_number(number.value),
            "top": format_number(number.units),
        }
    if kind == "concentration":
        return _("%(share)s; %(fewest)s hold as much as claimed") % {
            "share": format_percent(number.value / 100, 1),
            "fewest": format_number(number.fewest),
        }
    if kind == "fall":
        told = format_percent(number.value / 100, 1)
        ends = format_interval(number.low / 100, number.high / 100, 1, percent=True)
    else:
        told = _("%(n)s times") % {"n": format_number(number.value, 1)}
        ends = format_interval(number.low, number.high, 1)
    if not interval:
        return told
    return f"{told} ({ends})" if isfinite(number.low) else _("%s (no interval)") % told


def _section(each: Finding, name: str) -> dict[str, object]:
    return {
        "says": each.claim.says,
        "source": each.claim.source,
        "verdict": verdict(each),
        "good": each.verdict == "holds",
        "sentences": sentences(each),
        "conditions": conditions(each),
        "picture": picture(each, name),
        "hangs_on": _hangs_on(each),
        "readings": _readings(each),
    }


def _verdict(each: Finding) -> str:
    more, less = each.beyond
    facts = {
        "n": format_number(each.holding),
        "all": format_number(len(each.known)),
        "more": format_number(more),
        "less": format_number(less),
    }
    if each.verdict == "holds":
        return _("It holds in all %(all)s readings.") % facts
    beyond = ""
    if more and less:
        beyond = _(" It is more than claimed in %(more)s, less in %(less)s.") % facts
    elif more or less:
        side = _(" All others give more.") if more else _(" All others give less.")
        none = _(" All give more.") if more else _(" All give less.")
        beyond = side if each.holding else none
    if each.verdict == "not":
        return _("It holds in none of %(all)s readings.") % facts + beyond
    told = _("It holds in %(n)s of %(all)s readings") % facts
    if not each.only_if:
        return told + _(", and no single choice decides.") + beyond
    if each.enough:
        return told + _(": only if what stands below is so.") + beyond
    return told + _(": only if what stands below is so, and not always then.") + beyond


def _plainest(each: Finding) -> str:
    number = each.known[0].number
    facts = {
        "value": value(each, number),
        "range": _range(each, each.known),
        "units": format_number(number.units if number else 0),
        "of": format_number(number.of if number else 0),
    }
    if each.claim.kind == "covers":
        without = ", ".join(number.named) if number else ""
        told = _("The plainest reading: %(value)s; over all readings %(range)s.") % facts
        return told + (_(" Without a program: %s.") % without if without else "")
    if each.claim.kind == "concentration":
        return (
            _("The plainest reading: %(units)s areas hold %(value)s; over all readings %(range)s.")
            % facts
        )
    if each.claim.kind == "steeper":
        return (
            _(
                "The plainest reading: %(value)s as steep, for %(units)s of %(of)s sites; over all "
                "readings %(range)s."
            )
            % facts
        )
    return (
        _(
            "The plainest reading: they fell by %(value)s, at %(units)s of %(of)s sites; over all "
            "readings %(range)s."
        )
        % facts
    )


def _holds_none(number: Number | None, each: Finding) -> bool:
    """Whether an interval leaves no difference open: no fall, or none steeper than the other's."""
    if number is None or each.claim.kind not in ("fall", "steeper"):
        return False
    none = 0.0 if each.claim.kind == "fall" else 1.0
    return not isfinite(number.low) or number.low <= none <= number.high


def _hangs_on(each: Finding) -> Table:
    """One row for each choice: in how many readings the claim holds, and between which values."""
    rows = []
    for name, codes in each.choices.items():
        for code in codes if len(codes) > 1 else ():
            some = tuple(reading for reading in each.known if reading.choices[name] == code)
            made = f"{dimension(name)}: {choice(name, code)}"
            rows.append((made, _share(some), _range(each, some)))
    head = (_("Choice"), _("Holds in"), _("Values"))
    return Table(head, tuple(rows), _("What it hangs on"))


def _readings(each: Finding) -> Table:
    several = [name for name, codes in each.choices.items() if len(codes) > 1]
    rows = tuple(
        (
            str(n),
            *(choice(name, reading.choices[name]) for name in several),
            value(each, reading.number) if reading.number else reading.why,
            _("holds") if reading.holds else _("–"),
        )
        for n, reading in enumerate(each.readings, start=1)
    )
    head = (_("No."), *map(dimension, several), _("Value"), _("Claim"))
    return Table(head, rows, _("Every reading"))


def _share(readings: tuple[Reading, ...]) -> str:
    return _("%(n)s of %(all)s") % {
        "n": format_number(sum(each.holds for each in readings)),
        "all": format_number(len(readings)),
    }


def _range(each: Finding, readings: tuple[Reading, ...]) -> str:
    """Lowest to highest value, in the claim's own words."""
    values = [reading.number.value for reading in readings if reading.number is not None]
    if not values:
        return "–"
    low, high = min(values), max(values)
    if each.claim.kind in ("fall", "concentration"):
        return format_interval(low / 100, high / 100, 1, percent=True)
    return format_interval(low, high, 1 if each.claim.kind == "steeper" else 0)


def _compared(found: Findings) -> str:
    panel, labels = found.panel, found.panel.calendar.labels
    return _("%(units)s areas, %(treated)s of them with a start, from %(first)s to %(last)s.") % {
        "units": format_number(len(panel.units)),
        "treated": format_number(panel.treated),
        "first": labels[0],
        "last": labels[-1],
    }
