"""Maps: the city by areas, and one area's blocks.

A map is one drawing for every screen: outlines once, and two sets of letters and symbols, of
which the style sheet shows the one for the width of the page.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from stoop.ui.charts.figure import Figure, Head, Key, Table, empty_figure, figure
from stoop.ui.charts.ground import (
    PHONE,
    Box,
    Fit,
    Label,
    Ring,
    bounds,
    finite,
    fit,
    furniture,
    label_point,
    outline,
    place_labels,
)
from stoop.ui.charts.numbers import Number, format_number, known, nice_ticks, present
from stoop.ui.charts.svg import (
    SHAPES,
    WIDE,
    Canvas,
    number_of,
    patterns,
    safe,
    shape,
    text_of,
)
from stoop.ui.charts.words import _


@dataclass(frozen=True)
class Area:
    """An area: its code, its rings in metres (holes too), its value. `priority` outlines it."""

    code: str
    rings: Sequence[Ring]
    value: Number = None
    priority: bool = False


@dataclass(frozen=True)
class Site:
    """A place drawn as a symbol; `kind` is an index into the `kinds` of the map."""

    x_m: float
    y_m: float
    label: str
    kind: int = 0


@dataclass(frozen=True)
class Circle:
    """A circle on the ground, a cluster say, with a short label ('1')."""

    x_m: float
    y_m: float
    radius_m: float
    label: str = ""


def class_breaks(values: Sequence[Number], classes: int = 5) -> tuple[float, ...]:
    """Upper limits of all classes but the last: equal counts of areas, ends made round.

    Fewer classes come back when the values do not fill them.
    """
    numbers = sorted(present(values))
    if not numbers or numbers[0] == numbers[-1]:
        return ()
    whole = all(v.is_integer() for v in numbers)
    step = 1.0 if whole else nice_ticks(numbers[-1] - numbers[0], 0, count=50)[1]
    breaks: list[float] = []
    for i in range(1, classes):
        cut = numbers[min(len(numbers) * i // classes, len(numbers) - 1)]
        cut = round(cut / step) * step
        if numbers[0] <= cut < numbers[-1] and (not breaks or cut > breaks[-1]):
            breaks.append(cut)
    return tuple(breaks)


def choropleth(
    head: Head,
    areas: Sequence[Area],
    *,
    area_label: str,
    value_label: str,
    breaks: Sequence[float] | None = None,
    decimals: int = 0,
    priority_label: str = "",
    sites: Sequence[Site] = (),
    kinds: Sequence[str] = (),
    circles: Sequence[Circle] = (),
    circles_label: str = "",
) -> Figure:
    """Areas in up to five stated classes; a value v is in the first class with v <= its break.

    Priority areas have a strong outline and their code; areas without a value are dotted;
    `kinds` of sites differ by shape.
    """
    shown = [(a, finite(a.rings)) for a in areas]
    box = bounds(ring for _a, rings in shown for ring in rings)
    if box is None:
        return empty_figure(head)
    cuts = class_breaks([a.value for a in areas]) if breaks is None else tuple(breaks)
    if len(cuts) > 4 or list(cuts) != sorted(set(cuts)):
        raise ValueError("a map has at most 4 ascending breaks, so 5 classes")
    place = fit(box)
    drawing = _City(head.id, shown, (cuts, decimals), place, sites, circles)
    svg = map_svg(head, place, drawing.ground(), drawing.letters)
    keys = _class_keys(areas, cuts, decimals, value_label)
    if any(a.priority for a in areas):
        keys.append(Key(priority_label or _("Priority area, with its code"), "area-priority-key"))
    used = sorted({s.kind for s in sites})
    keys += [Key(kinds[k], "site", site_shape(k)) for k in used]
    if circles:
        keys.append(Key(circles_label or _("Cluster"), "cluster", "ring"))
    return figure(head, svg, keys, _area_table(head, areas, area_label, value_label, decimals))


def site_shape(kind: int) -> str:
    # The diamond is the sign of the chosen one elsewhere.
    return [name for name in SHAPES if name != "diamond"][kind % 4]


def level_of(value: Number, cuts: Sequence[float]) -> int:
    """Class 1..5 of a value; fewer than five classes are spread over the scale; 0 is missing."""
    if not known(value):
        return 0
    return _class_level(sum(value > cut for cut in cuts), len(cuts))


def _class_level(index: int, cuts: int) -> int:
    return 1 + round(index * 4 / cuts) if cuts else 3


def _class_keys(
    areas: Sequence[Area], cuts: Sequence[float], decimals: int, value_label: str
) -> list[Key]:
    values = present([a.value for a in areas])
    keys = []
    if values:
        unit = 10.0**-decimals
        lows = [min([*values, *cuts[:1]]), *(cut + unit for cut in cuts)]
        highs = [*cuts, max(values)]
        for i, (low, high) in enumerate(zip(lows, highs, strict=True)):
            first, last = format_number(low, decimals), format_number(high, decimals)
            text = first if first == last else f"{first}–{last}"
            if low > high:
                text = _("over %(low)s") % {"low": format_number(cuts[-1], decimals)}
            keys.append(Key(text, f"q{_class_level(i, len(cuts))}"))
        keys[0] = Key(f"{value_label}: {keys[0].label}", keys[0].style)
    if len(values) < len(areas):
        keys.append(Key(_("No data"), "missing", "dots"))
    return keys


def _area_table(
    head: Head, areas: Sequence[Area], area_label: str, value_label: str, decimals: int
) -> Table:
    with_priority = any(a.priority for a in areas)
    headers = (area_label, value_label) + ((_("Priority"),) if with_priority else ())
    ordered = sorted(areas, key=lambda a: -a.value if known(a.value) else math.inf)
    rows = []
    for a in ordered:
        row: tuple[str, ...] = (a.code, format_number(a.value, decimals))
        rows.append((*row, _("yes") if a.priority else _("no")) if with_priority else row)
    return Table(headers, tuple(rows), head.title)


class _City:
    """What is drawn once (ground), and what is drawn for each size of letters."""

    def __init__(
        self,
        prefix: str,
        shown: Sequence[tuple[Area, list[list[tuple[float, float]]]]],
        classes: tuple[Sequence[float], int],
        place: Fit,
        sites: Sequence[Site],
        circles: Sequence[Circle],
    ) -> None:
        self.prefix, self.shown, self.place = prefix, shown, place
        self.cuts, self.decimals = classes
        self.sites, self.circles = sites, circles
        self.labels = []
        for area, rings in shown:
            spot = label_point(rings, place) if area.priority else None
            if spot:
                self.labels.append(Label(area.code, *spot))

    def ground(self) -> str:
        plain, strong = [], []
        for area, rings in self.shown:
            d = outline(rings, self.place)
            if not d:
                continue
            level = level_of(area.value, self.cuts)
            paint = "" if level else f' fill="url(#{self.prefix}-map-dots)"'
            style = f"area q{level}" if level else "area area-missing"
            name = f"{text_of(area.code)}: {text_of(format_number(area.value, self.decimals))}"
            plain.append(f'<path class="{style}"{paint} d="{d}"><title>{name}</title></path>')
            if area.priority:
                strong.append(d)
        marks = ""
        if strong:
            d = "".join(strong)
            marks = f'<path class="priority-halo" d="{d}"/><path class="priority" d="{d}"/>'
        return f'<g transform="scale(.5)">{"".join(plain)}{marks}</g>' + self._circles()

    def _circles(self) -> str:
        out = []
        for circle in self.circles:
            x, y = self.place(circle.x_m, circle.y_m)
            r = max(circle.radius_m * self.place.scale, 5)
            for style in ("cluster-halo", "cluster"):
                out.append(
                    f'<circle class="{style}" cx="{number_of(x)}" cy="{number_of(y)}" '
                    f'r="{number_of(r)}"/>'
                )
        return "".join(out)

    def letters(self, c: Canvas) -> float:
        labels = []
        taken = [draw_site(c, site, self.place) for site in self.sites]
        for circle in self.circles:
            x, y = self.place(circle.x_m, circle.y_m)
            radius = max(circle.radius_m * self.place.scale, 5)
            if circle.label:
                labels.append(Label(circle.label, x, y, "tb halo cluster-name", gap=radius))
        end = self.place.height
        draw_labels(c, [*labels, *self.labels], end, taken)
        return furniture(c, self.place, end)


def draw_site(c: Canvas, site: Site, place: Fit) -> Box:
    """The symbol of a site, as large for a phone as for a desk; returns the box it takes."""
    x, y = place(site.x_m, site.y_m)
    grow = (0.85 if c.size is WIDE else 0.7) * c.font / WIDE.font
    c.raw(shape(site_shape(site.kind), x, y, "site", grow))
    half = 6.5 * grow
    return x - half, y - half, x + half, y + half


def draw_labels(
    c: Canvas, labels: Sequence[Label], bottom: float, taken: Sequence[Box] = ()
) -> None:
    """Labels where there is room, with a thin line back to what they name when they moved."""
    done, _left = place_labels(labels, c.font, (0, 0, c.width, bottom), taken)
    for p in done:
        far = abs(p.x - p.label.x) + abs(p.y - p.label.y) > 0.7 * c.font
        if p.moved and far and not p.label.gap:
            for style in ("leader-halo", "leader"):
                c.line(p.label.x, p.label.y, p.x, p.y, style)
            c.circle(p.label.x, p.label.y, 0.16 * c.font, "leader-dot")
    for p in done:
        c.text(p.x, p.y + 0.36 * c.font, p.label.text, p.label.style, "middle")


def map_svg(head: Head, place: Fit, ground: str, letters: Callable[[Canvas], float]) -> SafeString:
    """One <svg class="map">: the ground once, the letters for a wide page and for a phone."""
    groups, ends = [], []
    for size, style in ((WIDE, "only-wide"), (PHONE, "only-narrow")):
        c = Canvas(size, f"{head.id}-map")
        ends.append(letters(c))
        inner = "".join(c.parts)
        groups.append(f'<g class="{style}" font-size="{size.font:.3g}">{inner}</g>')
    box = f"0 0 {number_of(WIDE.width)} {number_of(max(ends))}"
    prefix = f"{head.id}-map"
    return safe(
        f'<div class="picture"><svg class="map" viewBox="{box}" role="img" '
        f'aria-labelledby="{prefix}-t" aria-describedby="{prefix}-d">'
        f'<title id="{prefix}-t">{text_of(head.title)}</title>'
        f'<desc id="{prefix}-d">{text_of(head.desc)}</desc>{patterns(prefix)}'
        f"{ground}{''.join(groups)}</svg></div>"
    )
