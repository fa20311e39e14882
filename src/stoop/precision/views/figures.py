"""The charts of the brief, each with the table that says the same."""

from django.utils.translation import gettext as _

from stoop.precision.studies import Brief
from stoop.precision.studies.areas import Areas
from stoop.precision.studies.forecasts import Backtest
from stoop.precision.studies.hours import OCCUPY_START, WINDOW_MINUTES, Hours
from stoop.precision.studies.near_repeat import NearRepeat
from stoop.precision.studies.trend import Trend
from stoop.precision.views.sentences import METHOD_NAMES
from stoop.ui import charts

# Months further back than this are too thin to read in a picture; brief.json has them all.
MONTHS_SHOWN = 60


def years(t: Trend) -> charts.Figure:
    band = None
    if t.long_run and t.whole_year:
        band = charts.Band(
            t.long_run.low,
            t.long_run.high,
            _("Ordinary range, %(first)d to %(last)d")
            % {"first": t.long_run.first_year, "last": t.long_run.last_year},
            t.long_run.mean,
        )
    return charts.years(
        charts.Head(
            "years",
            _("Incidents and victims by year"),
            _("Columns of shooting incidents for each year, with a mark for victims."),
            _(
                "Victims are the fewest persons that the published rows can mean. The ordinary "
                "range is where a year like the earlier ones would fall 95 times in 100."
            )
            if band
            else _("Victims are the fewest persons that the published rows can mean."),
        ),
        [charts.Year(str(y.year), y.incidents, y.victims, not y.complete) for y in t.years],
        incidents_label=_("Incidents"),
        victims_label=_("Victims, at least"),
        partial_label=_("Part of the year only"),
        band=band,
    )


def months(t: Trend) -> charts.Figure:
    shown = t.months[-MONTHS_SHOWN:]
    return charts.months(
        charts.Head(
            "months",
            _("Incidents by month"),
            _("Columns of incidents for each month, with the sum of twelve months as a line."),
            _(
                "The last five years; the line, a twelfth of the twelve months up to each, is free "
                "of the season."
            )
            if len(t.months) > MONTHS_SHOWN
            else _("The line, a twelfth of the twelve months up to each, is free of the season."),
        ),
        [
            charts.Month(
                m.month,
                m.incidents,
                m.rolling_year / 12 if m.rolling_year is not None else None,
                not m.complete,
            )
            for m in shown
        ],
        value_label=_("Incidents"),
        rolling_label=_("Mean of twelve months"),
        partial_label=_("Part of the month only"),
    )


def ranks(a: Areas, covered: frozenset[str]) -> charts.Figure:
    ranked, top = a.ranked, a.top
    rated = any(r.rate is not None for r in ranked[:top])
    return charts.ranks(
        charts.Head(
            "ranks",
            _("Priority areas and how sure their place is"),
            _(
                "For each area a dot at its rank and a line over the ranks that the counts leave "
                "open."
            ),
            _rank_words(a.months, rated),
        ),
        [
            charts.Rank(
                r.area,
                r.rank,
                r.rank_low,
                r.rank_high,
                r.incidents,
                r.rate,
                r.rate_low,
                r.rate_high,
                r.area in covered,
            )
            for r in ranked[:top]
        ],
        area_label=_("Area"),
        count_label=_("Incidents"),
        rate_label=_("Rate per 100,000") if rated else "",
        marked_label=_("has a program running"),
    )


def _rank_words(months: int, rated: bool) -> str:
    words = _(
        "Ranks by incidents of the last %d months, with 95%% intervals: areas whose lines overlap "
        "widely might as well stand in another order."
    )
    rate = _("The rate is of incidents a year, with its 95% interval, among 100,000 residents.")
    return words % months + (" " + rate if rated else "")


def shares(brief: Brief) -> charts.Figure | None:
    if brief.areas is None or brief.areas.curve is None:
        return None
    return charts.share_curve(
        charts.Head(
            "shares",
            _("Share of the last 12 months’ incidents, by length of the list"),
            _(
                "Share of the last 12 months’ incidents held by the first k areas, chosen on the "
                "three years before and with hindsight."
            ),
            _(
                "One line is a list made on the three years before, the other the best list in "
                "hindsight, which nobody could have made."
            ),
        ),
        brief.areas.curve.chosen,
        brief.areas.curve.best,
        chosen_label=_("Chosen on the past"),
        best_label=_("Best in hindsight"),
        areas_label=_("Areas"),
        marks=lengths(brief.areas),
    )


def lengths(a: Areas) -> tuple[int, ...]:
    """Lengths of list worth a number: the list itself, and those that others have used."""
    usual = [h.k for h in a.holdings if h.k <= 2 * a.top]
    return tuple(sorted({*usual, *([a.top] if a.top < len(a.ranked) else [])}))


def hit_rates(b: Backtest) -> charts.Figure:
    return charts.hit_rates(
        charts.Head(
            "hit-rates",
            _("Share of each month’s incidents caught, by method"),
            _(
                "For each method, a dot at the mean share of the month’s incidents that fell in "
                "the top 1, 2 and 5% of the land."
            ),
            _("Mean of %d months. Intervals stand in the table of differences below.") % b.months,
        ),
        [
            charts.Method(
                METHOD_NAMES[m.method](),
                tuple(charts.Estimate(h) for h in m.hit_rate),
                m.chosen,
            )
            for m in b.methods
        ],
        [_("%g%% of the land") % (100 * share) for share in b.shares],
        method_label=_("Method"),
        chosen_label=_("used in this brief"),
    )


def differences(b: Backtest) -> charts.Table:
    """The model against each baseline, in points, with intervals."""
    return charts.Table(
        (_("Stoop’s model less"), *(_("at %g%% of the land") % (100 * s) for s in b.shares)),
        tuple(
            (
                METHOD_NAMES[a.baseline](),
                *(
                    charts.format_estimate(100 * m, 100 * lo, 100 * hi, 1)
                    for m, lo, hi in zip(a.mean, a.low, a.high, strict=True)
                ),
            )
            for a in b.against
        ),
        _("Difference in percentage points of incidents caught, with 95% interval"),
    )


def shuffles() -> dict[str, str]:
    """Ways to shuffle the dates, by the id of their table; the first is the one to act on."""
    return {
        "knox-quarter": _("within each quarter of a year"),
        "knox-year": _("within each year"),
        "knox-all": _("over all years"),
    }


def knox(n: NearRepeat, id_: str) -> charts.Figure:
    nulls = {"knox-quarter": n.within_quarter, "knox-year": n.within_year, "knox-all": n.all_time}
    null = nulls[id_]
    return charts.knox_table(
        charts.Head(
            id_,
            _("Pairs of incidents, seen over expected: dates shuffled %s") % shuffles()[id_],
            _("Ratio of pairs seen to pairs expected, for each distance and number of days."),
            _(
                "Every pair of incidents from 0 up to that distance and number of days. Under each "
                "ratio stand its p, the pairs seen and the pairs expected; the p of each cell is "
                "its own, not adjusted for looking at all of them."
            ),
        ),
        [
            [
                charts.KnoxCell(ratio, p, observed, expected)
                for ratio, p, observed, expected in zip(*row, strict=True)
            ]
            for row in zip(null.ratio, null.p, null.observed, null.expected, strict=True)
        ],
        distances=[_("%g m") % d for d in n.distance_m],
        times=[_("%d days") % d for d in n.window_days],
        corner_label=_("Within"),
    )


def week(h: Hours) -> charts.Figure:
    return charts.hours_grid(
        charts.Head(
            "week",
            _("Incidents by day and hour"),
            _(
                "A grid of seven days and 24 hours, each day from noon to noon, so that a night is "
                "in one row."
            ),
        ),
        h.counts,
        weekdays=[_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")],
        count_label=_("Incidents"),
        window=charts.Window(
            OCCUPY_START // 60, WINDOW_MINUTES // 60, _("21:00 to 01:00, Occupying the Block")
        ),
    )
