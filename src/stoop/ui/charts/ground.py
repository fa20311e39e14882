"""From metres on the ground to a drawing: fitting, outlines, places for labels, scale bars."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stoop.ui.charts.svg import NARROW, WIDE, Canvas, Point, Size, number_of, text_width
from stoop.ui.charts.words import _

Ring = Sequence[Point]
Box = tuple[float, float, float, float]

# Outlines are written in half units as whole numbers: short files, and since every corner is
# rounded by itself, the shared border of two areas stays shared.
FINE = 2
# Letters on a map: the geometry is drawn once, so the phone's letters are larger in its units.
PHONE = Size("narrow", WIDE.width, 12.25 * WIDE.width / NARROW.width)
WALK_M_PER_MIN = 80  # an easy pace, about 4.8 km/h


def finite(rings: Iterable[Ring]) -> list[list[Point]]:
    """Rings of at least three points, without corners that are not numbers."""
    kept = [
        [(p[0], p[1]) for p in ring if math.isfinite(p[0]) and math.isfinite(p[1])]
        for ring in rings
    ]
    return [ring for ring in kept if len(ring) >= 3]


def bounds(rings: Iterable[Ring]) -> Box | None:
    """(min x, min y, max x, max y) in metres, or None when there is no ring."""
    points = [p for ring in rings for p in ring]
    if not points:
        return None
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True)
class Fit:
    """Metres (north up) to drawing units (down); `scale` is units per metre."""

    x0: float
    y1: float
    scale: float
    left: float
    top: float
    height: float

    def __call__(self, x: float, y: float) -> Point:
        return self.left + (x - self.x0) * self.scale, self.top + (self.y1 - y) * self.scale


def fit(box: Box, *, width: float = WIDE.width, tallest: float = 1.15, margin: float = 8) -> Fit:
    """The largest scale at which the box fits `width` and `tallest` times that in height."""
    x0, y0, x1, y1 = box
    across, up = max(x1 - x0, 1.0), max(y1 - y0, 1.0)
    scale = min((width - 2 * margin) / across, (tallest * width - 2 * margin) / up)
    left = (width - across * scale) / 2
    return Fit(x0, y1, scale, left, margin, up * scale + 2 * margin)


def outline(rings: Iterable[Ring], place: Fit) -> str:
    """Path data of the rings for a group with transform="scale(.5)"; holes by even-odd fill."""
    d: list[str] = []
    for ring in rings:
        corners = [(round(FINE * x), round(FINE * y)) for x, y in (place(*p) for p in ring)]
        if corners[0] == corners[-1]:
            corners.pop()
        thin = [c for i, c in enumerate(corners) if c != corners[i - 1]]
        if len(thin) < 3:
            continue
        (px, py), steps = thin[0], []
        for x, y in thin[1:]:
            dx, dy = x - px, y - py
            steps.append(f"{dx}{dy}" if dy < 0 else f"{dx} {dy}")
            px, py = x, y
        d.append(f"M{thin[0][0]} {thin[0][1]}l" + " ".join(steps) + "z")
    return "".join(d)


def _edge_distance(x: float, y: float, ring: Sequence[Point]) -> tuple[bool, float]:
    """Is (x, y) inside the ring, and how far is its nearest edge?"""
    inside, nearest = False, math.inf
    ax, ay = ring[-1]
    for bx, by in ring:
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        t = max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / length)) if length else 0.0
        nearest = min(nearest, math.hypot(x - ax - t * dx, y - ay - t * dy))
        ax, ay = bx, by
    return inside, nearest


def extent(ring: Sequence[Point]) -> float:
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def label_point(
    rings: Iterable[Ring], place: Fit, *, grid: int = 12, view: Box | None = None, clear: float = 0
) -> Point | None:
    """A point well inside the largest ring, in drawing units: where a label is the area's own.

    With `view` (drawing units) the point is also inside the view, at least `clear` from every
    edge, or None.
    """
    drawn = [[place(*p) for p in ring] for ring in rings]
    if not drawn:
        return None
    ring = max(drawn, key=extent)
    step = max(1, len(ring) // 80)
    ring = ring[::step] if len(ring) // step >= 3 else ring
    x0, y0, x1, y1 = bounds([ring]) or (0, 0, 0, 0)
    spot: Point | None = None
    if view:
        x0, y0, x1, y1 = max(x0, view[0]), max(y0, view[1]), min(x1, view[2]), min(y1, view[3])
        if x0 >= x1 or y0 >= y1:
            return None
    else:
        spot = ((x0 + x1) / 2, (y0 + y1) / 2)
    best = clear if view else -1.0
    for i in range(1, grid):
        for j in range(1, grid):
            x, y = x0 + (x1 - x0) * i / grid, y0 + (y1 - y0) * j / grid
            inside, far = _edge_distance(x, y, ring)
            if view:
                far = min(far, x - x0, x1 - x, y - y0, y1 - y)
            if inside and far > best:
                best, spot = far, (x, y)
    return spot


@dataclass(frozen=True)
class Label:
    """A short text that wants to stand at (x, y); `gap` keeps it clear of what stands there."""

    text: str
    x: float
    y: float
    style: str = "tb halo"
    gap: float = 0.0


@dataclass(frozen=True)
class Placed:
    label: Label
    x: float
    y: float
    moved: bool


def place_labels(
    labels: Sequence[Label],
    font: float,
    area: Box,
    occupied: Sequence[Box] = (),
    *,
    reach: float = 5.0,
) -> tuple[list[Placed], int]:
    """Places for labels, first come first served, none over another; and how many found none.

    Each tries its own point (unless it keeps a gap), then rings around it up to `reach` letters
    away. `area` is the drawing (x0, y0, x1, y1) that labels must stay inside, `occupied` what
    they must not cover.
    """
    taken: list[Box] = list(occupied)
    taken += [(p.x - p.gap, p.y - p.gap, p.x + p.gap, p.y + p.gap) for p in labels if p.gap]
    done: list[Placed] = []
    for label in labels:
        half = text_width(label.text, font) / 2 + 1
        tall = 0.5 * font
        for dx, dy in _offers(label, half, tall, font, reach):
            x, y = label.x + dx, label.y + dy
            box = (x - half, y - tall, x + half, y + tall)
            if _within(box, area) and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                done.append(Placed(label, x, y, bool(dx or dy)))
                break
    return done, len(labels) - len(done)


def _offers(label: Label, half: float, tall: float, font: float, reach: float) -> Iterable[Point]:
    if not label.gap:
        yield 0.0, 0.0
        near = 0.35 * font
    else:
        near = label.gap + 0.15 * font
    steps = [near + k * 0.7 * font for k in range(max(1, int(reach / 0.7)))]
    for r in steps:
        for turn in range(12):
            angle = math.tau * (turn / 12 - 0.25)
            ux, uy = math.cos(angle), math.sin(angle)
            yield ux * (r + (half if label.gap else 0)), uy * (r + (tall if label.gap else 0))


def _within(box: Box, area: Box) -> bool:
    return box[0] >= area[0] and box[1] >= area[1] and box[2] <= area[2] and box[3] <= area[3]


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def scale_length(scale: float, room: float) -> float:
    """The longest of 1, 2, 5 x 10^k metres that takes at most `room` drawing units."""
    longest = room / scale
    power: float = 10.0 ** math.floor(math.log10(longest))
    return next(f * power for f in (5, 2, 1) if f * power <= longest * (1 + 1e-9))


def length_words(metres: float, *, walk: str = "") -> str:
    """'500 m' or '2 km'; with `walk` ('%(minutes)s min walk') also as time on foot."""
    text = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    if walk:
        minutes = metres / WALK_M_PER_MIN
        shown = f"{minutes:.0f}" if minutes >= 1 else f"{minutes:.1f}"
        text += ", " + walk % {"minutes": shown}
    return text


def furniture(c: Canvas, place: Fit, top: float, *, walk: str = "") -> float:
    """Scale bar and north arrow in a strip of their own below the map; returns its end."""
    metres = scale_length(place.scale, 0.3 * c.width)
    length = metres * place.scale
    y = top + 0.8 * c.font
    c.path(f"M8 {y:.1f}v7h{length:.1f}v-7", "scale-bar")
    c.path(f"M{8 + length / 2:.1f} {y:.1f}v7", "scale-bar")
    c.text(16 + length, y + 7, length_words(metres, walk=walk), "halo")
    x, s = c.width - 1.1 * c.font, c.font
    c.path(
        f"M{x:.1f} {top:.1f}l{0.4 * s:.1f} {s:.1f}l{-0.4 * s:.1f}-{0.25 * s:.1f}"
        f"l{-0.4 * s:.1f} {0.25 * s:.1f}z",
        "north",
    )
    c.text(x - 0.7 * s, y + 7, _("N"), "tb", "end")
    return top + 1.9 * c.font


def squares(corners: Iterable[tuple[float, float, float]], place: Fit, smallest: float = 6) -> str:
    """Path data, in drawing units, of cells given as (lower-left x, y, size) in metres.

    On a map of a whole city a cell would be a speck: it is drawn `smallest` units wide.
    """
    d = []
    for x, y, size in corners:
        middle_x, middle_y = place(x + size / 2, y + size / 2)
        width = max(size * place.scale, smallest)
        left, top = number_of(middle_x - width / 2), number_of(middle_y - width / 2)
        side = number_of(width)
        d.append(f"M{left} {top}h{side}v{side}h-{side}z")
    return "".join(d)
