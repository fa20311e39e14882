"""Contrast of the tokens, computed from the style sheet: WCAG 2.1 AA in both themes."""

import re
from pathlib import Path

import pytest

from stoop.ui.queries import STYLESHEETS, styles

TEXT, GRAPHIC = 4.5, 3.0


def _tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", block))


def _themes() -> dict[str, dict[str, str]]:
    light, rest = styles().split("@media screen and (prefers-color-scheme: dark)", 1)
    dark, rest = rest.split("@media print", 1)
    paper = rest.split("/*", 1)[0]
    first = _tokens(light)
    return {
        "light": first,
        "dark": first | _tokens(dark),
        "print": first | _tokens(paper),
    }


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, as WCAG 2.1 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(params=["light", "dark", "print"])
def theme(request: pytest.FixtureRequest) -> dict[str, str]:
    return _themes()[request.param]


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_dark_theme_overrides_every_colour():
    themes = _themes()
    same = {k for k, v in themes["light"].items() if themes["dark"][k] == v}
    assert same <= {"on-seq-4", "on-seq-5"}


@pytest.mark.parametrize("name", ["ink", "ink-2", "accent", "due", "danger"])
@pytest.mark.parametrize("paper", ["paper", "paper-2"])
def test_text_on_paper(theme, name, paper):
    assert contrast(theme[name], theme[paper]) >= TEXT


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("on-accent", "accent"),
        ("on-bar", "bar"),
        *((f"on-seq-{i}", f"seq-{i}") for i in range(1, 6)),
    ],
)
def test_text_on_fills(theme, ink, ground):
    assert contrast(theme[ink], theme[ground]) >= TEXT


@pytest.mark.parametrize("name", ["line", "bar", "accent", "seq-4", "seq-5"])
@pytest.mark.parametrize("paper", ["paper", "paper-2"])
def test_graphics_on_paper(theme, name, paper):
    assert contrast(theme[name], theme[paper]) >= GRAPHIC


def test_scale_runs_one_way_and_its_steps_can_be_told_apart(theme):
    away = [contrast(theme[f"seq-{i}"], theme["paper"]) for i in range(1, 6)]
    assert away == sorted(away)
    steps = [contrast(theme[f"seq-{i}"], theme[f"seq-{i + 1}"]) for i in range(1, 5)]
    assert min(steps) >= 1.25


def test_scale_is_not_red(theme):
    for i in range(1, 6):
        red, green, blue = (int(theme[f"seq-{i}"][j : j + 2], 16) for j in (1, 3, 5))
        assert red < min(green, blue)


def test_every_token_that_is_used_is_declared():
    text = styles()
    used = set(re.findall(r"var\(--([\w-]+)\)", text))
    declared = set(re.findall(r"--([\w-]+):", text))
    assert used <= declared


def test_style_sheets_fetch_nothing():
    assert STYLESHEETS == ("tokens.css", "document.css", "charts.css", "maps.css")
    assert "url(" not in styles()
    assert "@import" not in styles()
    assert "</style" not in styles()


def test_colours_live_in_the_tokens_only():
    text = styles()
    outside = text[text.index("/* A document that reads") :]
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", outside)) <= {"#ffffff"}


def test_physical_sides_are_not_used():
    """Right-to-left pages: margins, paddings, borders and places are logical."""
    pattern = r"(?:margin|padding|border)-(?:left|right|top|bottom)|(?:^|\s)(?:left|right):"
    assert not re.findall(pattern, styles())


APP = (Path(__file__).parents[1] / "static" / "ui" / "app.css").read_text(encoding="utf-8")


def test_the_platforms_pages_use_tokens_and_logical_sides_too():
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b", APP)
    assert set(re.findall(r"var\(--([\w-]+)\)", APP)) <= set(_tokens_and_sizes())
    pattern = r"(?:margin|padding|border)-(?:left|right|top|bottom)|(?:^|\s)(?:left|right):"
    assert not re.findall(pattern, APP)
    assert "url(" not in APP


def _tokens_and_sizes() -> list[str]:
    return re.findall(r"--([\w-]+):", styles())


def test_every_class_that_app_css_names_at_its_head_is_there():
    head, rest = APP.split("*/", 1)
    known = rest + styles()
    for name in set(re.findall(r"\.([a-z][a-z-]+)", head)) - {"html", "css", "js"}:
        assert f".{name}" in known, name
