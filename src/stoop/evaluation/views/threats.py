"""What the answer hangs on, one computed sentence for each threat."""

from collections.abc import Iterable
from math import expm1

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stoop.evaluation.studies import Boundary, Line, Study
from stoop.evaluation.studies.curve import is_answer, stands_twice
from stoop.evaluation.studies.vintage import SAME_END, SAMPLE
from stoop.evaluation.views.nextdoor import next_door
from stoop.ui.charts import Table, format_number, format_p, format_percent

LEVEL, RARE = 0.05, 1e-6
FEW = 5  # numbers that one sentence can hold
FADED = 0.7  # of the change, at most: what is left where a start dated too early lets it fade


def threats(study: Study) -> Table | None:
    """One row a threat, in plain words; those that this study cannot ask are left out."""
    borders = [
        (_("Border of %s") % each.unit, [_boundary(study, each)]) for each in study.boundaries
    ]
    rows = [
        (_("Another release"), _vintage(study)),
        *borders,
        (
            _("Fixed boundaries"),
            _moves(study, "boundaries", _("With the boundaries held fixed"), samples=("mapped",)),
        ),
        (
            _("Recorded or mapped"),
            _moves(study, "area", _("With the area taken from the other source")),
        ),
        (
            _("Start dates"),
            _moves(study, "starts", _("With the starts dated otherwise"), beside=STARTS),
        ),
        (_("Before the start"), [*_lead(study), *_earlier(study)]),
        (
            _("Programs that closed"),
            _moves(study, "closures", _("With the periods after a closure left out")),
        ),
        (_("Next door"), next_door(study)),
        (_("End of the panel"), _moves(study, "end", _("Had the panel ended earlier"))),
        (_("How many areas carry it"), _footing(study)),
        (_("How the counts behave"), _counts(study)),
    ]
    told = tuple((name, " ".join(said)) for name, said in rows if said)
    headers = (_("Threat"), _("What is found"))
    return Table(headers, told, _("What the answer hangs on")) if told else None


# Of the estimators asked anyway, those that date a start otherwise.
STARTS = {"poisson_next": "on_next", "poisson_fraction": "frac"}


def cells(study: Study) -> Table | None:
    """The cells in which two releases differ most."""
    found = study.vintage
    if found is None or not found.listed:
        return None
    rows = tuple(
        (each.unit, each.period, format_number(each.here), format_number(each.there))
        for each in found.listed
    )
    headers = (_("Area"), _("Period"), _("In this release"), _("In the other release"))
    return Table(headers, rows, _("Where two releases of the data differ most"))


def _moves(
    study: Study,
    threat: str,
    when: str,
    *,
    beside: dict[str, str] | None = None,
    samples: tuple[str, ...] = (),
) -> list[str]:
    """How the change moves: each number where they are few, else between which ends.

    beside, samples: estimators, with their terms, and samples that speak to the threat too.
    """
    answer, own, no = _answer(study), beside or {}, _refused(study, threat)
    lines = [line for line in _asked(study.estimates) if line.threat == threat]
    if answer is None or not lines:
        return no
    lines += [
        line
        for line in _asked(study.estimates)
        if line.sample in samples or (line.sample == "all" and own.get(line.estimator) == line.term)
    ]
    if len(lines) <= FEW:
        told = "; ".join(f"{otherwise(line)} {_change(line)}" for line in lines)
        facts = {"when": when, "told": told, "own": _change(answer)}
        return [_("%(when)s the change is: %(told)s; against %(own)s.") % facts, *no]
    low, high = min(lines, key=_estimate), max(lines, key=_estimate)
    facts = {"when": when, "low": _change(low), "one": otherwise(low)}
    facts |= {"high": _change(high), "other": otherwise(high), "own": _change(answer)}
    said = _(
        "%(when)s the change lies between %(low)s (%(one)s) and %(high)s (%(other)s), against "
        "%(own)s."
    )
    return [said % facts, *no]


def _refused(study: Study, threat: str) -> list[str]:
    """What of a threat has no number, and why."""
    return [
        _("There is no number for %(sample)s: %(why)s.")
        % {"sample": no.sample, "why": no.why.rstrip(".")}
        for no in study.refused
        if no.threat == threat
    ]


def otherwise(line: Line) -> str:
    """What was done otherwise, in words."""
    if line.sample != "all":
        return line.sample
    return {
        "poisson_next": _("from the next period"),
        "poisson_fraction": _("by the share of the period"),
    }.get(line.estimator, line.estimator)


def _vintage(study: Study) -> list[str]:
    found = study.vintage
    if found is None:
        return _refused(study, "vintage")
    facts = {
        "files": ", ".join(found.files),
        "last": found.last,
        "changed": format_number(found.changed),
        "cells": format_number(found.cells),
        "here": format_number(found.here),
        "there": format_number(found.there),
    }
    said = (
        _(
            "Another release of the data (%(files)s, to %(last)s) differs in %(changed)s of "
            "%(cells)s cells of the panel: %(there)s in all, against %(here)s here."
        )
        % facts
    )
    if found.lacking:
        said += " " + _("It has no row in %(units)s.") % {"units": ", ".join(found.lacking)}
    lines = {line.sample: line for line in _asked(study.estimates) if line.threat == "vintage"}
    there, here = lines.get(SAMPLE), lines.get(SAME_END) or _answer(study)
    if there is None or here is None:
        return [said]
    moved = _("To that end it gives a change of %(there)s, this release %(here)s.")
    return [f"{said} {moved % {'there': _change(there), 'here': _change(here)}}"]


def _boundary(study: Study, found: Boundary) -> str:
    facts = {
        "unit": found.unit,
        "period": found.period,
        "expected": format_number(found.expected),
        "p": _("less than one in a million")
        if found.p < RARE
        else _("less than one in a thousand"),
        "other": found.other,
        "share": format_percent(found.share),
    }
    if found.expected == found.expected:
        said = (
            _(
                "%(unit)s counts nothing before %(period)s, where its own rate would have put "
                "%(expected)s (the chance of that: %(p)s), so it seems to have opened then."
            )
            if found.opens
            else _(
                "%(unit)s counts nothing from %(period)s on, where its own rate would have put "
                "%(expected)s (the chance of that: %(p)s), so it seems to have closed then."
            )
        ) % facts
    else:
        said = (
            _("By its outlines %(unit)s opens in %(period)s.")
            if found.opens
            else _("By its outlines %(unit)s closes in %(period)s.")
        ) % facts
    return f"{said} {_origin(found) % facts}{_mend(study, found)}"


def _origin(found: Boundary) -> str:
    if not found.other:
        return _("Nobody can tell from these files which area it shares its ground with.")
    if found.found_by == "step":
        return _("Next door, %(other)s moved the other way at that time.")
    if found.found_by == "outlines":
        return (
            _("%(share)s of its ground was that of %(other)s until then.")
            if found.opens
            else _("%(share)s of its ground is that of %(other)s since.")
        )
    return (
        _("By the map, %(share)s of what lies in it was recorded in %(other)s until then.")
        if found.opens
        else _("By the map, %(share)s of what it recorded lies in %(other)s.")
    )


def _mend(study: Study, found: Boundary) -> str:
    if not found.other:
        return ""
    treated = dict(
        zip(study.panel.units, study.panel.onset < study.panel.calendar.size, strict=True)
    )
    program = [unit for unit in (found.unit, found.other) if treated[unit]]
    said = [_('The design can join them: parts = { %(unit)s = "%(other)s" } in [unit].')]
    if len(program) == 1:
        said = [
            _("%(program)s has a program and the other has none: the border is in the answer."),
            *said,
            _("Joined, the ground without a program counts as if it had one, which pulls the "
              "change towards none; the map does not do that."),
        ]  # fmt: skip
    facts = {"unit": found.unit, "other": found.other, "program": "".join(program[:1])}
    return " " + " ".join(each % facts for each in said)


def _lead(study: Study) -> list[str]:
    found = [line for line in study.estimates if line.estimator == "poisson_lead"]
    if not found:
        return []
    reach = found[0].reach * found[0].se
    low, high = (expm1(found[0].estimate + side * reach) for side in (-1, 1))
    facts = {
        "length": study.panel.calendar.length,
        "change": _change(found[0]),
        "low": format_percent(low, 1),
        "high": format_percent(high, 1),
    }
    if low <= 0 <= high:
        said = _(
            "In the last %(length)s before its start an area with a program stood at %(change)s "
            "beside what came earlier (95%% interval %(low)s to %(high)s): no sign that anything "
            "had begun."
        )
    else:
        said = _(
            "In the last %(length)s before its start an area with a program stood at %(change)s "
            "beside what came earlier (95%% interval %(low)s to %(high)s): something had moved "
            "before the program began."
        )
    return [said % facts]


def _earlier(study: Study) -> list[str]:
    """The answer had the starts been earlier: it fades where nothing moved before them, and what
    does not fade clearly is only told."""
    answer = _answer(study)
    lines = [e for e in _asked(study.estimates) if e.threat == "anticipation" and e.term == "on"]
    if answer is None or not lines:
        return []
    told = "; ".join(f"{otherwise(line)}: {_change(line)}" for line in lines)
    shifted = [line for line in lines if line.sample.startswith("start ")]
    found = _("%(told)s; against %(own)s.") % {"told": told, "own": _change(answer)}
    said = [found[0].upper() + found[1:]]
    if shifted and all(0 < line.estimate / answer.estimate < FADED for line in shifted):
        fades = _(
            "Dated too early the change fades, as it does when nothing moves before the start."
        )
        said.append(fades)
    return said


def _footing(study: Study) -> list[str]:
    found = study.footing
    if found is None:
        return []
    facts = {
        "treated": format_number(found.treated),
        "effective": format_number(found.effective, 1),
        "half": format_number(found.half),
        "heaviest": found.heaviest,
        "share": format_percent(found.share),
        "p": format_p(study.answer.permutation_p),
        "clustered": format_p(study.answer.p),
    }
    carried = (
        ngettext(
            "%(treated)s area with a program carries the answer.",
            "%(treated)s areas with a program carry the answer, as much as %(effective)s alike "
            "would; %(half)s of them hold half of that weight, and %(heaviest)s most (%(share)s "
            "of all).",
            found.treated,
        )
        % facts
    )
    if found.read == "permutation":
        read = _(
            "That is few for errors clustered by area; the answer’s interval allows for that "
            "(p %(clustered)s), and the starts dealt out anew say p %(p)s."
        )
    else:
        read = _(
            "That is enough for errors clustered by area: the answer’s interval says "
            "p %(clustered)s, the starts dealt out anew p %(p)s."
        )
    if (study.answer.permutation_p > LEVEL) != (study.answer.p > LEVEL):
        read += " " + _("The two fall on either side of 0.05; the less sure one counts.")
    return [f"{carried} {read % facts}"]


def _counts(study: Study) -> list[str]:
    found = study.footing
    if found is None:
        return []
    facts = {
        "dispersion": format_number(found.dispersion, 1),
        "ratio": format_number(found.ratio, 1),
        "serial": format_number(found.serial, 2),
        "chance": format_number(found.serial_by_chance, 2),
    }
    said = _(
        "Around their fitted means counts vary %(dispersion)s times as much as Poisson counts "
        "(within areas, before anything is fitted, %(ratio)s times their mean); neighboring "
        "periods of an area correlate by %(serial)s, where chance alone would give %(chance)s. "
        "Clustered errors allow for both, robust ones (HC1) only for the first."
    )
    return [said % facts]


def _answer(study: Study) -> Line | None:
    return next((line for line in study.estimates if is_answer(line)), None)


def _asked(lines: Iterable[Line]) -> list[Line]:
    """Each number once, on the scale of the answer."""
    return [line for line in lines if line.scale == "log" and not stands_twice(line)]


def _estimate(line: Line) -> float:
    return line.estimate


def _change(line: Line) -> str:
    return format_percent(expm1(line.estimate), 1)
