"""The pictures of the brief, each with the table that says the same."""

from collections.abc import Mapping, Sequence

import numpy as np
from django.utils.translation import gettext as _

from stoop.places.queries import Outline
from stoop.precision.studies import Brief
from stoop.precision.studies.areas import Rank
from stoop.precision.studies.blocks import Backtest, Expected, HotSpot
from stoop.precision.studies.hours import OCCUPY_START, WINDOW_MINUTES, Hours
from stoop.precision.studies.near_repeat import NearRepeat
from stoop.precision.studies.trend import Trend
from stoop.precision.views.sentences import METHOD_NAMES
from stoop.ui import charts

# Hot spots of the widest maps are classed by how far the false-discovery rate could be lowered.
STRENGTHS = ((0.05, 1), (0.01, 2), (0.001, 3))
# Months further back than this are too thin to read in a picture; the table has them all.
MONTHS_SHOWN = 60
# What a block map shows around its cells.
AROUND_M = 500.0


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
            _("Victims are the fewest persons that the published rows can mean."),
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


def ranks(ranked: Sequence[Rank], top: int, covered: frozenset[str]) -> charts.Figure:
    rated = any(r.rate is not None for r in ranked[:top])
    return charts.ranks(
        charts.Head(
            "ranks",
            _("Priority areas and how sure their place is"),
            _(
                "For each area a dot at its rank and a line over the ranks that the counts leave "
                "open."
            ),
            _("Areas whose lines overlap cannot be told apart by these counts."),
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
        rate_label=_("A year for each 100,000 residents") if rated else "",
        marked_label=_("has a program running"),
    )


def city_map(brief: Brief) -> charts.Figure | None:
    """Incidents by area, the priority areas named, with clusters that stand out."""
    if not brief.outlines or brief.areas is None:
        return None
    value = {r.area: r.incidents for r in brief.areas.ranked}
    standing_out = brief.clusters.standing_out if brief.clusters else ()
    return charts.choropleth(
        charts.Head(
            "city-map",
            _("Incidents by area in the last %d months") % brief.areas.months,
            _(
                "A map of the areas in five classes of incidents; the priority areas have a strong "
                "outline and their code."
            ),
        ),
        [
            charts.Area(o.code, _rings(o), value.get(o.code), o.code in brief.areas.priority)
            for o in brief.outlines
        ],
        area_label=_("Area"),
        value_label=_("Incidents"),
        priority_label=_("Priority area, with its code"),
        circles=[charts.Circle(c.x_m, c.y_m, c.radius_m, str(c.rank)) for c in standing_out],
        circles_label=_("Emerging cluster"),
    )


def shares(brief: Brief) -> charts.Figure | None:
    if brief.areas is None or brief.areas.curve is None:
        return None
    return charts.share_curve(
        charts.Head(
            "shares",
            _("What a list of areas is worth"),
            _(
                "Share of the last 12 months’ incidents held by the first k areas, chosen on the "
                "three years before and with hindsight."
            ),
            _(
                "Nobody could have made the choice in hindsight; it says how much better any list "
                "could have been."
            ),
        ),
        brief.areas.curve.chosen,
        brief.areas.curve.best,
        chosen_label=_("Chosen on the past"),
        best_label=_("Best in hindsight"),
        areas_label=_("Areas"),
        marks=tuple(h.k for h in brief.areas.holdings),
    )


def block_maps(brief: Brief) -> list[tuple[Rank, charts.Figure]]:
    """One walkable map for each priority area that has hot spots or forecast cells."""
    if brief.hotspots is None or brief.forecast is None or brief.areas is None:
        return []
    hot: dict[str, list[HotSpot]] = {}
    for spot in brief.hotspots.cells:
        hot.setdefault(spot.area, []).append(spot)
    coming = {(c.cell_x, c.cell_y): c for c in brief.forecast.cells}
    outlines = {o.code: o for o in brief.outlines}
    found = []
    for rank in brief.areas.ranked[: brief.areas.top]:
        cells = _cells(
            hot.get(rank.area, []),
            [c for c in coming.values() if c.area == rank.area],
            brief.hotspots.cell_m,
        )
        if cells:
            found.append((rank, _block_map(brief, rank.area, cells, outlines)))
    return found


def _cells(hot: Sequence[HotSpot], coming: Sequence[Expected], size_m: float) -> list[charts.Block]:
    """Hot and forecast cells of one area; the forecast's are lettered in its order."""
    spots = {(h.cell_x, h.cell_y): h for h in hot}
    places = {(c.cell_x, c.cell_y): i for i, c in enumerate(coming)}
    cells = []
    for place in sorted(spots | places):
        spot = spots.get(place)
        cells.append(
            charts.Block(
                x_m=place[0],
                y_m=place[1],
                size_m=size_m,
                strength=_strength(spot.q) if spot else 0,
                forecast=place in places,
                label=letters(places[place]) if place in places else "",
                value=spot.incidents if spot else None,
            )
        )
    return cells


def _strength(q: float) -> int:
    return max(level for limit, level in STRENGTHS if q <= limit)


def letters(i: int) -> str:
    """A, B ... Z, AA, AB ..."""
    return (letters(i // 26 - 1) if i >= 26 else "") + chr(ord("A") + i % 26)


def _block_map(
    brief: Brief,
    area: str,
    cells: Sequence[charts.Block],
    outlines: Mapping[str, Outline],
) -> charts.Figure:
    own = outlines.get(area)
    others = [(o.code, _rings(o)) for o in _near(own, outlines)] if own else []
    return charts.block_map(
        charts.Head(
            f"blocks-{_slug(area)}",
            _("Area %s") % area,
            _("Cells that stand out, by how strongly, and cells that the forecast puts first."),
        ),
        cells,
        outline_rings=_rings(own) if own else (),
        neighbours=others,
        strengths=(
            _("Hot spot"),
            _("Stronger: at most 1 in 100 false"),
            _("Strongest: at most 1 in 1,000 false"),
        ),
        forecast_label=_("Among the forecast’s first, lettered in its order"),
        outline_label=_("Border of the area"),
        cell_label=_("Cell"),
        value_label=_("Incidents in the window"),
        walk=_("%(minutes)s minutes’ walk"),
        frame=_frame(cells),
    )


def _frame(cells: Sequence[charts.Block]) -> tuple[float, float, float, float]:
    """The cells with a short walk around them: a map to walk by, not the whole area."""
    x, y = [c.x_m for c in cells], [c.y_m for c in cells]
    size = cells[0].size_m
    return (
        min(x) - AROUND_M,
        min(y) - AROUND_M,
        max(x) + size + AROUND_M,
        max(y) + size + AROUND_M,
    )


def _rings(outline: Outline) -> list[list[tuple[float, float]]]:
    return [[(float(x), float(y)) for x, y in ring] for ring in outline.rings]


def _near(own: Outline, outlines: Mapping[str, Outline]) -> list[Outline]:
    """Outlines whose boxes touch this one's, for the faint surroundings."""
    low, high = _box(own)
    near = []
    for other in outlines.values():
        if other.code == own.code:
            continue
        start, end = _box(other)
        if (start <= high).all() and (end >= low).all():
            near.append(other)
    return near


def _box(outline: Outline) -> tuple[np.ndarray, np.ndarray]:
    points = np.vstack(outline.rings)
    return points.min(axis=0), points.max(axis=0)


def _slug(text: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else f"-{ord(c):x}-" for c in text)


def hit_rates(b: Backtest) -> charts.Figure:
    return charts.hit_rates(
        charts.Head(
            "hit-rates",
            _("Share of each month’s incidents caught, by method"),
            _(
                "For each method, a dot at the mean share of the month’s incidents that fell in "
                "the top 1, 2 and 5 % of the land."
            ),
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
        (_("Proposed model less"), *(_("at %g%% of the land") % (100 * s) for s in b.shares)),
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


def knox(n: NearRepeat, *, within_year: bool) -> charts.Figure:
    null = n.within_year if within_year else n.all_time
    words = _("within each year") if within_year else _("over all years")
    return charts.knox_table(
        charts.Head(
            "knox-year" if within_year else "knox-all",
            _("Pairs of incidents, seen over expected: dates shuffled %s") % words,
            _("Ratio of pairs seen to pairs expected, for each distance and number of days."),
        ),
        [
            [
                charts.KnoxCell(ratio, p, observed, expected)
                for ratio, p, observed, expected in zip(*row, strict=True)
            ]
            for row in zip(null.ratio, null.p, null.observed, null.expected, strict=True)
        ],
        distances=[_("within %g m") % d for d in n.distance_m],
        times=[_("%d days") % d for d in n.window_days],
        corner_label=_("Distance"),
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
