"""No style sheet knows left or right: a page in Arabic or Urdu is the same page turned round."""

import re
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2]
SHEETS = sorted(path for path in SRC.glob("*/static/**/*.css") if "vendor" not in path.parts)
PHYSICAL = re.compile(
    r"(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)"
    r"|(?<![\w-])(?:left|right)\s*:"
    r"|(?:text-align|float|clear|justify-\w+)\s*:\s*(?:left|right)"
    r"|border-(?:top|bottom)-(?:left|right)"
    r"|(?<![\w-])(?:margin|padding|inset|border-width)\s*:\s*[^;\s]+\s+(?P<right>[^;\s]+)\s+"
    r"[^;\s]+\s+(?!(?P=right)\s*;)[^;\s]+\s*;"
    r"|translateX|background-position\s*:[^;]*(?:left|right)"
)
# Each with its reason.
ALLOWED = {
    ("document.css", "text-align: right"): "numbers line up at their last digit in every script",
}


def _physical(css: str) -> list[str]:
    return [
        found.group().strip()
        for found in PHYSICAL.finditer(re.sub(r"/\*.*?\*/", "", css, flags=re.S))
    ]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_no_style_sheet_knows_left_or_right(sheet: Path) -> None:
    found = _physical(sheet.read_text(encoding="utf-8"))
    assert [each for each in found if (sheet.name, each) not in ALLOWED] == []


def test_all_style_sheets_are_looked_at() -> None:
    assert {"app.css", "document.css", "map.css", "fieldwork.css"} <= {s.name for s in SHEETS}


@pytest.mark.parametrize(
    "css",
    [
        "a { margin-left: 1px }",
        "a { left: 0 }",
        "a { text-align: left; }",
        "a { margin: 0 1px 0 2px; }",
        "a { border-top-left-radius: 1px }",
        "a { transform: translateX(1px) }",
    ],
)
def test_a_physical_side_is_seen(css: str) -> None:
    assert _physical(css)


@pytest.mark.parametrize(
    "css", ["a { margin-inline: 1px }", "a { margin: 0 1px 0 1px; }", "a { inset-inline-start: 0 }"]
)
def test_a_logical_side_is_not(css: str) -> None:
    assert not _physical(css)
