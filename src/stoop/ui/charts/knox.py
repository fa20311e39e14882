"""After a shooting: the Knox table, as a table, because its numbers are what is read."""

from collections.abc import Sequence
from dataclasses import dataclass

from stoop.ui.charts.figure import Figure, Head, Key, empty_figure, figure
from stoop.ui.charts.numbers import Number, format_number, known, present
from stoop.ui.charts.svg import safe, text_of
from stoop.ui.charts.words import _

# Shading says how far above chance, not how significant: that is the mark's work.
RATIO_STEPS = (1.0, 1.1, 1.25, 1.5, 2.0)
# A p that three places would print as nought, which no p is.
LEAST_P = 0.001


@dataclass(frozen=True)
class KnoxCell:
    """Pairs seen over pairs expected by chance in one band of distance and time, and its p."""

    ratio: Number
    p: Number = None
    observed: Number = None
    expected: Number = None


def knox_table(
    head: Head,
    cells: Sequence[Sequence[KnoxCell]],
    *,
    distances: Sequence[str],
    times: Sequence[str],
    corner_label: str,
    alpha: float = 0.05,
    raised_label: str = "",
) -> Figure:
    """A table of ratios; `cells[i][j]` is distance band i, time band j.

    A cell whose p is at most `alpha` is bold, shaded by its ratio and carries a triangle; the
    others are plain, whatever their ratio, so that noise does not look like a finding.
    """
    if len(cells) != len(distances) or any(len(row) != len(times) for row in cells):
        raise ValueError("knox_table takes one row for each distance, one cell for each time")
    if not present([cell.ratio for row in cells for cell in row]):
        return empty_figure(head)
    header = "".join(f'<th scope="col" class="number">{text_of(t)}</th>' for t in times)
    body = []
    for name, row in zip(distances, cells, strict=True):
        inner = "".join(_cell(cell, alpha) for cell in row)
        body.append(f'<tr><th scope="row">{text_of(name)}</th>{inner}</tr>')
    table = (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{text_of(head.title)}">'
        f'<table class="knox"><caption class="visually-hidden">{text_of(head.desc)}</caption>'
        f'<thead><tr><th scope="col">{text_of(corner_label)}</th>{header}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )
    words = raised_label or _("more pairs than chance, p at most %(alpha)s") % {"alpha": alpha}
    levels = sorted({_level(cell, alpha) for row in cells for cell in row} - {0})
    keys = [Key(words, "mark", "triangle")]
    keys += [Key(_steps(level), f"q{level}") for level in levels]
    return figure(head, safe(table), keys, None)


def _steps(level: int) -> str:
    low = RATIO_STEPS[level - 1]
    if level == len(RATIO_STEPS):
        return _("ratio above %(low)s") % {"low": f"{low:g}"}
    return _("ratio %(range)s") % {"range": f"{low:g}–{RATIO_STEPS[level]:g}"}


def _level(cell: KnoxCell, alpha: float) -> int:
    """Class 1..5 of a cell raised above chance; 0 for every other cell."""
    if not (known(cell.ratio) and known(cell.p)) or cell.p > alpha:
        return 0
    return sum(cell.ratio > step for step in RATIO_STEPS)


def format_p(p: Number) -> str:
    """A p-value as '0.03', '0.001', 'below 0.001' or, when there is none, words."""
    if not known(p):
        return _("no p")
    if p < LEAST_P:
        return _("below 0.001")
    return f"{p:.3f}" if p < 0.01 else f"{p:.2f}"


def _cell(cell: KnoxCell, alpha: float) -> str:
    if not known(cell.ratio):
        return f'<td class="number doubt">{text_of(_("no data"))}</td>'
    level = _level(cell, alpha)
    look = f" k{level}" if level else ""
    ratio = format_number(cell.ratio, 2)
    shown = f'<b><span aria-hidden="true">▲</span> {ratio}</b>' if level else ratio
    small = [text_of(f"p {format_p(cell.p)}")]
    if known(cell.observed) and known(cell.expected):
        small.append(_worded(_("%(count)s seen"), format_number(cell.observed)))
        small.append(_worded(_("%(count)s expected"), format_number(cell.expected, 1)))
    lines = "".join(f'<span class="under">{line}</span>' for line in small)
    return f'<td class="number{look}">{shown}{lines}</td>'


def _worded(words: str, count: str) -> str:
    """A count among its words, which a phone has no room to show and a screen reader still says."""
    before, _mark, after = (words % {"count": "\0"}).partition("\0")
    around = [
        f'<span class="word">{text_of(w)}</span>' if w.strip() else "" for w in (before, after)
    ]
    return around[0] + text_of(count) + around[1]
