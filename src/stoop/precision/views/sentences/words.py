"""Words that the sentences of all sections share: places, days, clocks, chances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stoop.ui.charts import format_number

METHOD_NAMES = {
    "last_year": lambda: _("last year’s count"),
    "all_history": lambda: _("count of all history"),
    "decayed": lambda: _("decayed count"),
    "kde": lambda: _("decayed kernel density"),
    "shrunk": lambda: _("Stoop’s model"),
}


@dataclass(frozen=True, slots=True)
class Lead:
    """answer: the sentence that answers the section's question. more: what honesty adds.

    short: what "In short" says beyond the answer.
    """

    answer: str
    more: tuple[str, ...] = ()
    short: str = ""


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, 11th."""
    endings = {1: _("%dst"), 2: _("%dnd"), 3: _("%drd")}
    ending = _("%dth") if 10 <= n % 100 <= 20 else endings.get(n % 10, _("%dth"))
    return ending % n


def day_words(day: date) -> str:
    """A day in words: 31 December 2020."""
    return date_format(day, "j F Y")


def clock(minute: int) -> str:
    """Minutes of the day as 21:00."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def percent_change(ratio: float) -> str:
    """A ratio as a signed change: 1.07 is +7%."""
    change = 100 * (ratio - 1)
    sign = "+" if change >= 0.5 else "−" if change <= -0.5 else "±"
    return f"{sign}{format_number(abs(change))}%"


def chance(p: float) -> str:
    """A p-value in figures that a reader can use."""
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def listed(items: Sequence[str], most: int = 8) -> str:
    """a, b and c; a long list ends with how many more."""
    if len(items) > most:
        more = _("%d more") % (len(items) - most + 1)
        items = [*items[: most - 1], more]
    if len(items) < 2:
        return "".join(items)
    return _("%(first)s and %(last)s") % {"first": ", ".join(items[:-1]), "last": items[-1]}


def named(codes: Sequence[str], most: int = 8) -> str:
    """Codes with the word for what they are: area 7, areas 7 and 12."""
    return ngettext("area %s", "areas %s", len(codes)) % listed(codes, most)


def place_words(rank: int, low: int, high: int) -> str:
    """3rd, between 2nd and 6th."""
    if low == high:
        return _("%s, with no other place likely") % ordinal(rank)
    return _("%(rank)s, between %(low)s and %(high)s") % {
        "rank": ordinal(rank),
        "low": ordinal(low),
        "high": ordinal(high),
    }
