"""A small pen for SVG: escaped, rounded, drawn once for a wide column and once for a phone.

Every drawing function gets a `Canvas` and returns the height it used. Colours and line styles
are classes in static/ui/charts.css, so that dark mode and print need no second drawing.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

# XML 1.0 cannot hold these at all, not even escaped; codes come from files and may.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")

Point = tuple[float, float]


@dataclass(frozen=True)
class Size:
    """One of the two layouts of a chart; `width` and `font` in drawing units."""

    name: str
    width: float
    font: float


WIDE = Size("wide", 720, 14)
NARROW = Size("narrow", 328, 13)


def clean(value: object) -> str:
    """Any text from outside, without the characters that no XML can hold."""
    return _NOT_XML.sub("\ufffd", str(value))


def text_of(value: object) -> str:
    """Any text from outside, safe in XML and HTML."""
    return str(escape(clean(value)))


def number_of(value: float) -> str:
    """A coordinate, short: at most one decimal, no minus zero."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def checked_id(value: str) -> str:
    """An id we may write into an attribute and a url(#...); ValueError otherwise."""
    if not _ID.fullmatch(value):
        raise ValueError(f"a chart's id is letters, digits and hyphens, not {value!r}")
    return value


def safe(markup: str) -> SafeString:
    """Markup this package made itself, of numbers, class names and `text_of`."""
    return mark_safe(markup)  # noqa: S308


def text_width(text: object, font: float) -> float:
    """About how wide a text is, on the safe side: layouts must hold in any font, bold too."""
    letters = str(text)
    wide = sum(ord(c) > 0x2E7F for c in letters)
    thin = sum(c in " ,.:;'|" for c in letters)
    return font * (wide + 0.35 * thin + 0.62 * (len(letters) - wide - thin))


def shorten(text: str, room: float, font: float) -> str:
    """The text, or as much of it as fits with an ellipsis."""
    if text_width(text, font) <= room:
        return text
    kept = text
    while kept and text_width(kept + "…", font) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def patterns(prefix: str, scale: float = 1) -> str:
    """Hatching (a part), strong hatching (a forecast) and dots (no data), as url(#prefix-...)."""
    s, t = 7 * scale, 6 * scale
    hatches = "".join(
        f'<pattern id="{prefix}-{name}" width="{s:g}" height="{s:g}" '
        f'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<path class="{name}" stroke-width="{2 * scale:g}" d="M0 0V{s:g}"/></pattern>'
        for name in ("hatch", "hatch-ink")
    )
    return (
        f"<defs>{hatches}"
        f'<pattern id="{prefix}-dots" width="{t:g}" height="{t:g}" patternUnits="userSpaceOnUse">'
        f'<circle class="dots" cx="{t / 2:g}" cy="{t / 2:g}" r="{scale:g}"/></pattern></defs>'
    )


class Canvas:
    """Collects marks in drawing units, origin at the top left."""

    def __init__(self, size: Size, prefix: str) -> None:
        self.size = size
        self.width = size.width
        self.font = size.font
        self.narrow = size.name == "narrow"
        self.prefix = prefix
        self.parts: list[str] = []

    def fill(self, pattern: str) -> str:
        """The url of this canvas's 'hatch' or 'dots' pattern."""
        return f"url(#{self.prefix}-{pattern})"

    def line(self, x1: float, y1: float, x2: float, y2: float, style: str) -> None:
        n = number_of
        self.parts.append(f'<path class="{style}" d="M{n(x1)} {n(y1)}L{n(x2)} {n(y2)}"/>')

    def path(self, d: str, style: str, fill: str = "") -> None:
        if d:
            paint = f' fill="{fill}"' if fill else ""
            self.parts.append(f'<path class="{style}"{paint} d="{d}"/>')

    def rect(
        self, x: float, y: float, width: float, height: float, style: str, fill: str = ""
    ) -> None:
        n = number_of
        paint = f' fill="{fill}"' if fill else ""
        self.parts.append(
            f'<rect class="{style}"{paint} x="{n(x)}" y="{n(y)}" '
            f'width="{n(max(width, 0))}" height="{n(max(height, 0))}"/>'
        )

    def circle(self, x: float, y: float, radius: float, style: str) -> None:
        n = number_of
        self.parts.append(f'<circle class="{style}" cx="{n(x)}" cy="{n(y)}" r="{n(radius)}"/>')

    def text(
        self, x: float, y: float, text: object, style: str = "", anchor: str = "start"
    ) -> None:
        """Text whose baseline is at y; anchor start, middle or end (left to right always)."""
        n = number_of
        look = f' class="{style}"' if style else ""
        place = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.parts.append(f'<text{look}{place} x="{n(x)}" y="{n(y)}">{text_of(text)}</text>')

    def raw(self, markup: str) -> None:
        """Markup made by this package."""
        self.parts.append(markup)


def polyline(points: Sequence[Point | None]) -> str:
    """Path data through the points; None breaks the line, a lone point becomes a short dash."""
    d: list[str] = []
    pen_down = False
    for i, point in enumerate(points):
        if point is None:
            pen_down = False
            continue
        place = f"{number_of(point[0])} {number_of(point[1])}"
        if pen_down:
            d.append(f"L{place}")
        else:
            alone = i + 1 >= len(points) or points[i + 1] is None
            d.append(f"M{place}h.1" if alone else f"M{place}")
        pen_down = True
    return "".join(d)


SHAPES = {
    "circle": "M0-5.5A5.5 5.5 0 1 1 0 5.5A5.5 5.5 0 1 1 0-5.5Z",
    "square": "M-5-5H5V5H-5Z",
    "triangle": "M0-6.5L6 4.5H-6Z",
    "diamond": "M0-6.5L6.5 0L0 6.5L-6.5 0Z",
    "cross": "M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
}


def shape(kind: str, x: float, y: float, style: str, scale: float = 1) -> str:
    """One of SHAPES centred at (x, y)."""
    size = "" if scale == 1 else f" scale({scale:.3g})"
    place = f"translate({number_of(x)} {number_of(y)}){size}"
    return f'<path class="{style}" transform="{place}" d="{SHAPES[kind]}"/>'


def svg(prefix: str, size: Size, height: float, inner: str, words: tuple[str, str]) -> str:
    """One <svg> with its title and description, ids made of `prefix`."""
    title, desc = words
    box = f"0 0 {number_of(size.width)} {number_of(height)}"
    return (
        f'<svg class="chart chart-{size.name}" viewBox="{box}" font-size="{size.font:g}" '
        f'role="img" aria-labelledby="{prefix}-t" aria-describedby="{prefix}-d">'
        f'<title id="{prefix}-t">{text_of(title)}</title>'
        f'<desc id="{prefix}-d">{text_of(desc)}</desc>{patterns(prefix)}{inner}</svg>'
    )


def picture(id_: str, title: str, desc: str, draw: Callable[[Canvas], float]) -> SafeString:
    """The drawing twice, wide and narrow; the style sheet shows the one that fits.

    Two layouts, because a chart that is only shrunk to a phone has letters of six pixels.
    The hidden one is `display: none`, so that it is not read aloud either.
    """
    out = []
    for size in (WIDE, NARROW):
        canvas = Canvas(size, f"{checked_id(id_)}-{size.name}")
        height = draw(canvas)
        out.append(svg(canvas.prefix, size, height, "".join(canvas.parts), (title, desc)))
    return safe('<div class="picture">' + "".join(out) + "</div>")
