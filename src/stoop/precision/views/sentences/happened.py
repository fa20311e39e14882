"""What happened: this year against last, against the record, against the long run."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stoop.precision.studies.trend import Change, Trend
from stoop.precision.views.sentences.words import Lead, day_words, percent_change
from stoop.ui.charts import format_number, format_percent

# A year is set beside the last one like it only when that one is further back than this.
LONG_AGO = 2


def trend(t: Trend, as_of: date, *, without_fatal: int = 0) -> Lead:
    """without_fatal: incidents whose rows do not say whether anyone died."""
    span = (
        _("In %d") % t.this_year if t.whole_year else _("From 1 January to %s") % day_words(as_of)
    )
    counts = _counts(span, t.years[-1].incidents, t.years[-1].victims)
    died = _died(t, without_fatal)
    if t.incidents is None:
        short = _("The record is too short to compare with an earlier year.")
        return Lead(counts + ".", tuple(filter(None, (died, short))))
    words = (
        _("%(counts)s: %(change)s than in %(year)d (%(before)s).")
        if t.whole_year
        else _("%(counts)s: %(change)s than in the same days of %(year)d (%(before)s).")
    )
    answer = words % {
        "counts": counts,
        "change": _more_or_fewer(t.incidents),
        "year": t.this_year - 1,
        "before": format_number(t.incidents.before),
    }
    beside = " ".join(filter(None, (_record(t), _long_run(t))))
    return Lead(answer, tuple(filter(None, (died, _interval(t), beside))))


def _counts(span: str, incidents: int, victims: int) -> str:
    if not incidents:
        return _("%s there was no shooting incident on file") % span
    return ngettext(
        "%(span)s there was one shooting incident, with at least %(victims)s",
        "%(span)s there were %(incidents)s shooting incidents, with at least %(victims)s",
        incidents,
    ) % {
        "span": span,
        "incidents": format_number(incidents),
        "victims": ngettext("%s victim", "%s victims", victims) % format_number(victims),
    }


def _died(t: Trend, without_fatal: int) -> str:
    now = t.years[-1]
    if not now.incidents or without_fatal >= sum(y.incidents for y in t.years):
        return ""
    words = (
        _("In at least %(fatal)s of the incidents (%(share)s) someone died.")
        if without_fatal
        else _("In %(fatal)s of the incidents (%(share)s) someone died.")
    )
    return words % {
        "fatal": format_number(now.fatal),
        "share": format_percent(now.fatal / now.incidents),
    }


def _more_or_fewer(change: Change) -> str:
    size = abs(change.ratio - 1)
    if change.before == 0:
        return _("more incidents")
    if size < 0.005:
        return _("about as many incidents")
    words = _("%s more incidents") if change.ratio > 1 else _("%s fewer incidents")
    return words % format_percent(size)


def _interval(t: Trend) -> str:
    if t.incidents is None or t.incidents.before == 0:
        return ""
    allowed = (
        _("which allows for how much one year differs from the next anyway")
        if t.dispersion is not None
        else _("as if incidents came one by one; too few years are on file to allow for more")
    )
    return _(
        "The change in incidents is %(change)s, with a 95%% interval from %(low)s to %(high)s, "
        "%(allowed)s."
    ) % {
        "change": percent_change(t.incidents.ratio),
        "low": percent_change(t.incidents.low),
        "high": percent_change(t.incidents.high),
        "allowed": allowed,
    }


def _record(t: Trend) -> str:
    """The last year that had as many, or as few, by the same day."""
    now = t.years[-1].incidents_to_date
    earlier = [(y.year, y.incidents_to_date) for y in t.years[:-1]]
    seen = [(year, n) for year, n in earlier if n is not None]
    if t.incidents is None or now is None or len(seen) < LONG_AGO + 1:
        return ""
    rose = t.incidents.ratio > 1
    alike = [(year, n) for year, n in seen if (n >= now if rose else n <= now)]
    if not alike:
        words = (
            _("No earlier year on file (%(first)d to %(last)d) had as many%(by)s.")
            if rose
            else _("No earlier year on file (%(first)d to %(last)d) had as few%(by)s.")
        )
        return words % {"first": seen[0][0], "last": seen[-1][0], "by": _by_then(t)}
    year, n = alike[-1]
    if t.this_year - year <= LONG_AGO:
        return ""
    words = (
        _("The last year with as many%(by)s was %(year)d, with %(n)s.")
        if rose
        else _("The last year with as few%(by)s was %(year)d, with %(n)s.")
    )
    return words % {"year": year, "n": format_number(n), "by": _by_then(t)}


def _by_then(t: Trend) -> str:
    """What to add to the count of a year that is compared with one under way."""
    return "" if t.whole_year else " " + _("by this day")


def _long_run(t: Trend) -> str:
    run = t.long_run
    if run is None:
        return ""
    seen = [
        y.incidents_to_date
        for y in t.years[:-1]
        if y.incidents_to_date is not None and run.first_year <= y.year <= run.last_year
    ]
    words = {
        "above": _("this year is above that range"),
        "below": _("this year is below that range"),
        "within": _("this year is within that range"),
    }
    return _(
        "The years %(first)d to %(last)d had %(least)s to %(most)s incidents%(by)s, %(mean)s on "
        "average; a further year like them would have between %(low)s and %(high)s, "
        "and %(position)s."
    ) % {
        "first": run.first_year,
        "last": run.last_year,
        "least": format_number(min(seen)),
        "most": format_number(max(seen)),
        "mean": format_number(run.mean),
        "low": format_number(run.low),
        "high": format_number(run.high),
        "position": words[run.position],
        "by": _by_then(t),
    }
