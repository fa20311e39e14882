"""One area at a scale that can be walked: hot cells, and the forecast's top cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from stoop.ui.charts.figure import Figure, Head, Key, Table, empty_figure, figure
from stoop.ui.charts.ground import (
    Box,
    Fit,
    Label,
    Ring,
    bounds,
    extent,
    finite,
    fit,
    furniture,
    label_point,
    outline,
    squares,
)
from stoop.ui.charts.maps import Site, draw_labels, draw_site, map_svg, site_shape
from stoop.ui.charts.numbers import Number, format_number
from stoop.ui.charts.svg import WIDE, Canvas, number_of, text_of, text_width
from stoop.ui.charts.words import _

# Letters in a cell are at least this part of the map's other letters.
SMALLEST = 0.6


@dataclass(frozen=True)
class Block:
    """A square of `size_m` whose lower-left corner is at (x_m, y_m), in metres.

    `strength` is 0 (not a hot spot) or the index, from 1, into the map's `strengths`;
    `forecast` puts it among the forecast's top cells; `label` names it on the map ('A').
    """

    x_m: float
    y_m: float
    size_m: float
    strength: int = 0
    forecast: bool = False
    label: str = ""
    value: Number = None


def block_map(
    head: Head,
    cells: Sequence[Block],
    *,
    outline_rings: Sequence[Ring],
    neighbours: Sequence[tuple[str, Sequence[Ring]]] = (),
    strengths: Sequence[str],
    forecast_label: str,
    outline_label: str = "",
    cell_label: str = "",
    value_label: str = "",
    value_decimals: int = 0,
    sites: Sequence[Site] = (),
    kinds: Sequence[str] = (),
    walk: str = "",
    frame: Box | None = None,
) -> Figure:
    """Hot cells filled by strength (up to three words in `strengths`, weakest first); forecast
    cells hatched with a heavy outline, so the two differ without colour and may coincide.

    The picture shows the area `outline_rings` (its main parts, not far islands without a cell),
    or `frame` (metres), with its neighbours faint. For a whole city leave `outline_rings` empty
    and give all areas as neighbours.
    `walk` turns the scale bar into time: '%(minutes)s min walk'.
    """
    own = finite(outline_rings)
    around = [(name, finite(rings)) for name, rings in neighbours]
    box = frame or _frame(own, cells) or bounds(ring for _n, rings in around for ring in rings)
    if box is None:
        return empty_figure(head)
    if len(strengths) > 3 or any(not 0 <= cell.strength <= len(strengths) for cell in cells):
        raise ValueError("a cell's strength is an index into at most three strengths")
    pad = 0.03 * max(box[2] - box[0], box[3] - box[1])
    place = fit((box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad), tallest=1.1)
    drawing = _Blocks(head.id, cells, own, around, place, sites)
    svg = map_svg(head, place, drawing.ground(), lambda c: drawing.letters(c, walk))
    keys = [Key(text, f"q{_tone(i + 1)}") for i, text in enumerate(strengths)]
    if any(cell.forecast for cell in cells):
        keys.append(Key(forecast_label, "forecast", "hatch-ink"))
    if outline_label and own:
        keys.append(Key(outline_label, "outline-key", "line"))
    keys += [Key(kinds[k], "site", site_shape(k)) for k in sorted({s.kind for s in sites})]
    table = _table(
        head, cells, strengths, (cell_label, forecast_label, value_label), value_decimals
    )
    return figure(head, svg, keys, table)


def _frame(own: list[list[tuple[float, float]]], cells: Sequence[Block]) -> Box | None:
    """Metres worth showing: the main rings of the area, and every cell that is drawn."""
    if not own:
        return None
    largest = max(extent(ring) for ring in own)
    shown = [ring for ring in own if extent(ring) >= 0.1 * largest]
    for b in cells:
        if b.strength or b.forecast or b.label:
            shown.append([(b.x_m, b.y_m), (b.x_m + b.size_m, b.y_m + b.size_m)])
    return bounds(shown)


def _tone(strength: int) -> int:
    """Three strengths on the five steps of the scale, far apart."""
    return (2, 3, 4)[strength - 1]


def _table(
    head: Head,
    cells: Sequence[Block],
    strengths: Sequence[str],
    words: tuple[str, str, str],
    decimals: int,
) -> Table | None:
    cell_label, forecast_label, value_label = words
    listed = [cell for cell in cells if cell.label]
    if not listed:
        return None
    headers = (cell_label or _("Cell"), _("Hot spot"), forecast_label)
    rows = [
        (
            cell.label,
            strengths[cell.strength - 1] if cell.strength else _("no"),
            _("yes") if cell.forecast else _("no"),
        )
        for cell in listed
    ]
    if not value_label:
        return Table(headers, tuple(rows), head.title)
    values = [format_number(cell.value, decimals) for cell in listed]
    lines = tuple((*row, value) for row, value in zip(rows, values, strict=True))
    return Table((*headers, value_label), lines, head.title)


class _Blocks:
    def __init__(
        self,
        prefix: str,
        cells: Sequence[Block],
        own: list[list[tuple[float, float]]],
        around: Sequence[tuple[str, list[list[tuple[float, float]]]]],
        place: Fit,
        sites: Sequence[Site],
    ) -> None:
        self.prefix, self.cells, self.own, self.place = prefix, cells, own, place
        self.view = (0.0, 0.0, WIDE.width, place.height)
        self.around = [(name, rings) for name, rings in around if self._seen(rings)]
        self.sites = [s for s in sites if self._seen([[(s.x_m, s.y_m)]], -6)]

        spots = [
            (n, label_point(r, place, grid=8, view=self.view, clear=14)) for n, r in self.around
        ]
        self.names = [Label(name, *spot, "t2 halo") for name, spot in spots if spot]

    def _seen(self, rings: list[list[tuple[float, float]]], margin: float = 0) -> bool:
        """Does any of it fall into the view?"""
        box = bounds(rings)
        if box is None:
            return False
        (x0, y1), (x1, y0) = self.place(box[0], box[1]), self.place(box[2], box[3])
        right, bottom = self.view[2:]
        return x1 > -margin and y1 > -margin and x0 < right + margin and y0 < bottom + margin

    def ground(self) -> str:
        clip = f"{self.prefix}-clip"
        height = number_of(self.place.height)
        parts = [
            f'<clipPath id="{clip}"><rect width="{WIDE.width:g}" height="{height}"/></clipPath>',
            f'<g clip-path="url(#{clip})"><g transform="scale(.5)">',
        ]
        faint = "".join(outline(rings, self.place) for _n, rings in self.around)
        own = outline(self.own, self.place)
        parts.append(f'<path class="ground-own" d="{own}"/></g>' if own else "</g>")
        for strength in (1, 2, 3):
            chosen = [(b.x_m, b.y_m, b.size_m) for b in self.cells if b.strength == strength]
            if chosen:
                d = squares(chosen, self.place)
                parts.append(f'<path class="cell q{_tone(strength)}" d="{d}"/>')
        if faint:
            parts.append(f'<g transform="scale(.5)"><path class="neighbour" d="{faint}"/></g>')
        if own:
            parts.append(
                '<g transform="scale(.5)">'
                f'<path class="outline-halo" d="{own}"/><path class="outline" d="{own}"/></g>'
            )
        top = [(b.x_m, b.y_m, b.size_m) for b in self.cells if b.forecast]
        if top:
            d = squares(top, self.place)
            hatch = f"url(#{text_of(self.prefix)}-map-hatch-ink)"
            parts.append(f'<path class="forecast-halo" d="{d}"/>')
            parts.append(f'<path class="forecast" fill="{hatch}" d="{d}"/>')
        return "".join(parts) + "</g>"

    def _inside(self, c: Canvas, text: str, at: tuple[float, float], half: float) -> bool:
        """Write a letter into its cell, smaller where it must be; False where that is too small.

        A letter beside its cell is hard to match in a patch of lettered cells.
        """
        font = min(c.font, half / 0.75, c.font * 1.9 * half / max(text_width(text, c.font), 1))
        if font < SMALLEST * c.font:
            return False
        size = "" if font == c.font else f' font-size="{font:.3g}"'
        c.raw(
            f'<text class="tb halo" text-anchor="middle"{size} x="{number_of(at[0])}" '
            f'y="{number_of(at[1] + 0.36 * font)}">{text_of(text)}</text>'
        )
        return True

    def letters(self, c: Canvas, walk: str) -> float:
        end = self.place.height
        labels: list[Label] = []
        taken: list[Box] = []
        for block in self.cells:
            if not block.label:
                continue
            half = block.size_m * self.place.scale / 2
            x, y = self.place(block.x_m + block.size_m / 2, block.y_m + block.size_m / 2)
            if self._inside(c, block.label, (x, y), half):
                taken.append((x - half, y - half, x + half, y + half))
            else:
                labels.append(Label(block.label, x, y, "tb halo", half))
        taken += [draw_site(c, site, self.place) for site in self.sites]
        labels += self.names if self.own else []
        draw_labels(c, labels, end, taken)
        return furniture(c, self.place, end, walk=walk)
