"""The maps of the brief: the city, and each priority area at a scale that can be walked."""

from collections.abc import Mapping, Sequence

import numpy as np
from django.utils.translation import gettext as _

from stoop.places.queries import Outline
from stoop.precision.studies import Brief
from stoop.precision.studies.blocks import HotSpot
from stoop.precision.studies.forecasts import Expected
from stoop.precision.views import sentences
from stoop.ui import charts

# Hot squares are classed by how far the false-discovery rate could be lowered.
STRENGTHS = ((0.05, 1), (0.01, 2), (0.001, 3))
# What a block map shows around its squares.
AROUND_M = 500.0


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


def block_maps(brief: Brief) -> list[charts.Figure]:
    """One walkable map for each priority area that has hot spots or forecast cells."""
    if brief.hotspots is None or brief.forecast is None or brief.areas is None:
        return []
    hot: dict[str, list[HotSpot]] = {}
    for spot in brief.hotspots.cells:
        hot.setdefault(spot.area, []).append(spot)
    coming = {(c.cell_x, c.cell_y): c for c in brief.forecast.cells}
    outlines = {o.code: o for o in brief.outlines}
    when = {h.area: h for h in brief.hours.areas}
    found = []
    for rank in brief.areas.ranked[: brief.areas.top]:
        cells = _cells(
            hot.get(rank.area, []),
            [c for c in coming.values() if c.area == rank.area],
            brief.hotspots.cell_m,
        )
        if cells:
            words = sentences.area_line(
                rank, hot.get(rank.area, []), _programs(brief, rank.area), when.get(rank.area)
            )
            found.append(_block_map(brief, rank.area, words, cells, outlines))
    return found


def _programs(brief: Brief, area: str) -> tuple[str, ...] | None:
    """Programs that run in a priority area; None where no file of sites was given."""
    if brief.coverage is None:
        return None
    return next((c.programs for c in brief.coverage.priority if c.area == area), ())


def _cells(hot: Sequence[HotSpot], coming: Sequence[Expected], size_m: float) -> list[charts.Block]:
    """Hot and forecast cells of one area; the forecast's are lettered in its order."""
    spots = {(h.cell_x, h.cell_y): h for h in hot}
    places = {(c.cell_x, c.cell_y): i for i, c in enumerate(coming)}
    cells = []
    # The lettered ones first and in their order, as the table below the map lists them.
    for place in [*places, *sorted(spots.keys() - places)]:
        spot = spots.get(place)
        cells.append(
            charts.Block(
                x_m=place[0],
                y_m=place[1],
                size_m=size_m,
                strength=_strength(spot.q) if spot else 0,
                forecast=place in places,
                label=letters(places[place]) if place in places else "",
                value=coming[places[place]].last_12_months if place in places else None,
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
    words: str,
    cells: Sequence[charts.Block],
    outlines: Mapping[str, Outline],
) -> charts.Figure:
    own = outlines.get(area)
    others = [(o.code, _rings(o)) for o in _near(own, outlines)] if own else []
    return charts.block_map(
        charts.Head(
            f"blocks-{_slug(area)}",
            _("Area %s") % area,
            _("Squares that stand out, by how strongly, and those that the forecast puts first."),
            words,
        ),
        cells,
        outline_rings=_rings(own) if own else (),
        neighbours=others,
        strengths=(
            _("Hot spot"),
            _("Clearer"),
            _("Clearest"),
        ),
        forecast_label=_("Among the forecast’s first"),
        outline_label=_("Border of the area"),
        cell_label=_("Square"),
        value_label=_("Incidents, last 12 months"),
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
