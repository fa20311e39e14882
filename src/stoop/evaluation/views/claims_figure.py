"""A claim in one picture: the plainest reading, and each other choice made alone."""

from collections.abc import Callable, Iterator
from math import isfinite

from django.utils.translation import gettext as _

from stoop.evaluation.studies.readings import Finding, Number, Reading
from stoop.evaluation.views.claims_words import choice
from stoop.ui.charts import Branch, Figure, Head, Kind, forest, format_number, format_percent

PERCENT = ("fall", "concentration")


def picture(each: Finding, name: str) -> Figure | None:
    """What is claimed, the plainest reading, and every reading that differs from it in one choice;
    from low to high. None where fewer than two readings have a number."""
    plainest = each.known[0] if each.known else None
    if plainest is None or len(each.known) < 2:
        return None
    scale = 100.0 if each.claim.kind in PERCENT else 1.0
    branches = [
        Branch(_("what is claimed"), each.claimed / scale, None, None, "claimed"),
        _branch(_("the plainest reading"), plainest, scale, "plainest"),
    ]
    branches += [
        _branch(words, reading, scale, "holds" if reading.holds else "not")
        for words, reading in _one_apart(each, plainest)
    ]
    branches.sort(key=lambda branch: branch.value)
    head = Head(
        id=f"{name}-picture",
        title=_("One choice made otherwise"),
        desc=_("What is claimed, what the plainest reading gives, and what comes of it when one "
               "choice alone is made otherwise, from low to high."),
    )  # fmt: skip
    kinds = {
        "claimed": Kind(_("claimed"), "square"),
        "plainest": Kind(_("the plainest reading"), "diamond", chosen=True),
        "holds": Kind(_("so read, it holds"), "circle"),
        "not": Kind(_("so read, it does not hold"), "cross"),
    }
    headers = (_("Read how"), _("Claim"), _measure(each))
    return forest(head, branches, kinds, headers=headers, write=_writer(each))


def _one_apart(each: Finding, plainest: Reading) -> Iterator[tuple[str, Reading]]:
    for reading in each.known:
        apart = [name for name, code in reading.choices.items() if plainest.choices[name] != code]
        if len(apart) == 1:
            yield choice(apart[0], reading.choices[apart[0]]), reading


def _branch(words: str, reading: Reading, scale: float, kind: str) -> Branch:
    number = reading.number or Number(float("nan"))
    if not isfinite(number.low):
        return Branch(words, number.value / scale, None, None, kind)
    return Branch(words, number.value / scale, number.low / scale, number.high / scale, kind)


def _measure(each: Finding) -> str:
    return {
        "fall": _("Fall (95% interval)"),
        "steeper": _("Times as steep (95% interval)"),
        "covers": _("Areas with a program"),
        "concentration": _("Share that they hold"),
    }[each.claim.kind]


def _writer(each: Finding) -> Callable[[float | None, int], str]:
    if each.claim.kind == "covers":
        return lambda value, _digits: format_number(value)
    return format_percent if each.claim.kind in PERCENT else format_number
