"""When: the hours to be there."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stoop.precision.studies.hours import Hours, Span
from stoop.precision.views.sentences.words import Lead, clock
from stoop.ui.charts import format_number, format_percent

FRIDAY_SATURDAY = (4, 5)
OTHER_NIGHTS = (0, 1, 2, 3, 6)
LENGTH = 4
# Fewer incidents than this on some nights, and their fullest hours are noise.
ENOUGH = 100
# Hours that the two kinds of nights must differ by to be worth a sentence.
APART = 2


def hours(h: Hours) -> Lead:
    if not h.known:
        return Lead(_("The files give no time of day, so nothing can be said about hours."))
    answer = _(
        "%(share)s of all incidents on file fall between %(start)s and %(end)s (95%% interval "
        "%(low)s to %(high)s), %(times).1f times as many as if all hours were alike."
    ) % {**_span(h.occupy), "times": h.occupy.share / (LENGTH / 24)}
    more = [_best(h), _nights(h), _weekend(h)]
    if h.unknown:
        more.append(
            ngettext(
                "%s incident has no time and is in none of these shares.",
                "%s incidents have no time and are in none of these shares.",
                h.unknown,
            )
            % format_number(h.unknown)
        )
    if h.midnight_suspicious:
        more.append(
            _(
                "%s incidents are recorded at exactly 00:00, more than the hours around it "
                "suggest: some may be unknown times."
            )
            % format_number(h.at_midnight)
        )
    if h.midnight_scarce:
        more.append(
            _(
                "Only %(at)s incidents are recorded at exactly 00:00, where the full hours around "
                "it suggest about %(expected)s: midnight itself seems to be written otherwise."
            )
            % {
                "at": format_number(h.at_midnight),
                "expected": format_number(h.midnight_expected),
            }
        )
    return Lead(answer, tuple(filter(None, more)))


def _best(h: Hours) -> str:
    if not h.best:
        return ""
    return _(
        "The four hours that covered most in the earlier years are %(start)s to %(end)s; in "
        "the last 12 months they held %(share)s (95%% interval %(low)s to %(high)s)."
    ) % _span(h.best)


def _weekend(h: Hours) -> str:
    if h.weekend is None:
        return ""
    return _(
        "%(share)s fall on Friday, Saturday and Sunday nights, %(start)s to %(end)s (95%% interval "
        "%(low)s to %(high)s), which are %(even)s of the week."
    ) % {**_span(h.weekend), "even": format_percent(36 / 168)}


def _nights(h: Hours) -> str:
    """The fullest hours of weekend nights, where they are not those of the other nights."""
    weekend, others = fullest(h.counts, FRIDAY_SATURDAY), fullest(h.counts, OTHER_NIGHTS)
    apart = (weekend[0] - others[0]) % 24
    if min(weekend[2], others[2]) < ENOUGH or min(apart, 24 - apart) < APART:
        return ""
    return _(
        "Friday and Saturday nights are fullest from %(weekend)s (%(weekend_share)s of theirs), "
        "the other nights from %(others)s (%(others_share)s)."
    ) % {
        "weekend": _from_to(weekend[0]),
        "weekend_share": format_percent(weekend[1] / weekend[2]),
        "others": _from_to(others[0]),
        "others_share": format_percent(others[1] / others[2]),
    }


def fullest(counts: tuple[tuple[int, ...], ...], nights: tuple[int, ...]) -> tuple[int, int, int]:
    """First hour of the fullest four whole hours of these nights, incidents in them, and in all.

    A night runs from noon to noon and is named by the day on which it begins, 0 Monday.
    """
    folded = [
        sum(counts[(d + (hour >= 24)) % 7][hour % 24] for d in nights) for hour in range(12, 36)
    ]
    held = [sum(folded[i : i + LENGTH]) for i in range(len(folded) - LENGTH + 1)]
    most = max(held)
    return (held.index(most) + 12) % 24, most, sum(folded)


def _from_to(hour: int) -> str:
    return _("%(start)s to %(end)s") % {
        "start": clock(60 * hour),
        "end": clock(60 * (hour + LENGTH)),
    }


def _span(s: Span) -> dict[str, str]:
    return {
        "share": format_percent(s.share, 1),
        "start": clock(s.start_minute),
        "end": clock(s.end_minute),
        "low": format_percent(s.low, 1),
        "high": format_percent(s.high, 1),
    }
