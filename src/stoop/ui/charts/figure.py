"""A picture with everything that must stand beside it: words, key, and its numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from stoop.ui.charts.svg import SHAPES, checked_id, clean, patterns, safe, text_of
from stoop.ui.charts.words import _

PATTERNS = ("hatch", "hatch-ink", "dots")
_NUMBER = re.compile(r"[<>≤≥~]?\s*[−+-]?\d[\d,.]*\s*(%|[kMBT])?(\s*\(.*\)|\s*(–|to)\s*[−]?\d.*)?")


@dataclass(frozen=True)
class Head:
    """What every chart is given by its caller, already translated.

    `title` names the picture (heading and accessible name), `desc` says in a sentence or two
    what it shows to someone who cannot see it, `caption` is read by everybody, `empty` stands
    in the place of a picture without numbers.
    """

    id: str
    title: str
    desc: str
    caption: str = ""
    empty: str = ""

    def __post_init__(self) -> None:
        checked_id(self.id)
        for name in ("title", "desc", "caption", "empty"):
            object.__setattr__(self, name, clean(getattr(self, name)))


@dataclass(frozen=True)
class Cell:
    """One cell of a table as the template draws it."""

    text: str
    header: str
    number: bool


@dataclass(frozen=True)
class Table:
    """Headers and rows of text. The first column names the row.

    `cards` turns each row into a card on a phone; otherwise the table scrolls sideways in a
    region that the keyboard can reach. Draw it with ui/table.html.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    cards: bool = False

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.headers):
                raise ValueError(f"a row of {len(row)} cells under {len(self.headers)} headers")
        # Codes come from files: what a template writes must be as clean as what we draw.
        object.__setattr__(self, "caption", clean(self.caption))
        object.__setattr__(self, "headers", tuple(clean(h) for h in self.headers))
        object.__setattr__(self, "rows", tuple(tuple(clean(c) for c in row) for row in self.rows))

    @property
    def numeric(self) -> tuple[bool, ...]:
        """For each column: does every cell hold a number (or say that there is none)?"""
        blank = {"", "–", "—", _("no data"), _("no interval")}
        columns = list(zip(*self.rows, strict=True)) or [()] * len(self.headers)
        numeric = tuple(
            any(c not in blank for c in column)
            and all(c in blank or _NUMBER.fullmatch(c) is not None for c in column)
            for column in columns
        )
        # The first column is the row's name, even when the name is a number.
        return (False, *numeric[1:])

    @property
    def head(self) -> tuple[Cell, ...]:
        return tuple(Cell(h, h, n) for h, n in zip(self.headers, self.numeric, strict=True))

    @property
    def lines(self) -> tuple[tuple[Cell, ...], ...]:
        numeric = self.numeric
        return tuple(
            tuple(Cell(t, h, n) for t, h, n in zip(row, self.headers, numeric, strict=True))
            for row in self.rows
        )


@dataclass(frozen=True)
class Figure:
    """A picture ready for ui/figure.html.

    `svg` is the picture (one or two <svg>, or an HTML table for a Knox table), `legend` its key
    as a list, `table` its numbers (None when the picture itself is a table, or is empty).
    """

    id: str
    title: str
    svg: SafeString
    legend: SafeString
    caption: str
    table: Table | None

    @property
    def headers(self) -> tuple[str, ...]:
        return self.table.headers if self.table else ()

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        return self.table.rows if self.table else ()


@dataclass(frozen=True)
class Key:
    """One entry of a legend. `mark` is box, line, whisker, ring, one of PATTERNS or SHAPES."""

    label: str
    style: str = ""
    mark: str = "box"


def _swatch(key: Key, prefix: str) -> str:
    style = text_of(key.style)
    if key.mark in SHAPES:
        inner = f'<path class="{style}" transform="translate(13 8)" d="{SHAPES[key.mark]}"/>'
    elif key.mark == "line":
        inner = f'<path class="{style}" d="M1 8H25"/>'
    elif key.mark == "whisker":
        inner = f'<path class="{style}" d="M2 8H24M2 4V12M24 4V12"/>'
    elif key.mark in PATTERNS:
        inner = (
            f'<rect class="{style}" x="1.5" y="1.5" width="23" height="13" '
            f'fill="url(#{prefix}-key-{key.mark})"/>'
        )
    elif key.mark == "ring":
        inner = f'<circle class="{style}" cx="13" cy="8" r="6"/>'
    else:
        inner = f'<rect class="{style}" x="1.5" y="1.5" width="23" height="13"/>'
    return f'<svg class="swatch" viewBox="0 0 26 16" aria-hidden="true">{inner}</svg>'


def legend(prefix: str, keys: Sequence[Key]) -> SafeString:
    """The key as a list of words with samples beside them; nothing for no keys."""
    if not keys:
        return safe("")
    items = "".join(
        f"<li>{_swatch(key, prefix)}<span>{text_of(key.label)}</span></li>" for key in keys
    )
    defs = ""
    if any(key.mark in PATTERNS for key in keys):
        # Not display: none, which would switch the patterns off in some browsers.
        defs = f'<svg class="defs" aria-hidden="true">{patterns(prefix + "-key")}</svg>'
    # Browsers drop list semantics with list-style: none unless the role is said.
    return safe(f'<div class="key">{defs}<ul class="legend" role="list">{items}</ul></div>')


def figure(head: Head, picture: SafeString, keys: Sequence[Key], table: Table | None) -> Figure:
    """The usual figure: picture, key, table."""
    key = legend(head.id, keys)
    return Figure(head.id, head.title, picture, key, head.caption, table)


def empty_figure(head: Head) -> Figure:
    """An honest empty place instead of axes without data."""
    words = head.empty or _("There are no numbers for this picture yet.")
    body = safe(f'<p class="empty">{text_of(words)}</p>')
    return Figure(head.id, head.title, body, safe(""), head.caption, None)
