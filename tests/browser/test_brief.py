"""The brief of Sample City in a real browser: phone and desk, light and dark, without script."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}

pytestmark = pytest.mark.browser


@pytest.fixture
def address(sample_city: Path) -> str:
    return (sample_city / "brief" / "index.html").as_uri()


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone-light", "desk-dark"]
)
def test_no_accessibility_rule_is_broken(
    page: Callable[..., Any],
    axe: Callable[[Any], list[str]],
    address: str,
    viewport: dict[str, int],
    scheme: str,
) -> None:
    sheet = page(viewport=viewport, color_scheme=scheme)
    sheet.goto(address)
    assert axe(sheet) == []
    # What is folded away must be as good as what is open.
    sheet.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert axe(sheet) == []


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_nothing_sticks_out_sideways(page: Callable[..., Any], address: str, width: int) -> None:
    sheet = page(viewport={"width": width, "height": 800})
    sheet.goto(address)
    sheet.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert sheet.evaluate("document.documentElement.scrollWidth") <= width


def test_reads_without_script(page: Callable[..., Any], address: str) -> None:
    sheet = page(java_script_enabled=False, viewport=PHONE)
    sheet.goto(address)
    assert "Sample City, a made-up city" in sheet.locator("h1").inner_text()
    assert sheet.locator("main h2").count() == 9
    assert sheet.locator("main svg").count() > 10
    sheet.locator("summary").first.click()
    assert sheet.locator("details[open] table").first.is_visible()


def test_contents_lead_to_sections_by_keyboard(page: Callable[..., Any], address: str) -> None:
    sheet = page(viewport=DESK)
    sheet.goto(address)
    sheet.keyboard.press("Tab")
    assert sheet.evaluate("document.activeElement.getAttribute('href')") == "#main"
    links = sheet.locator("nav a")
    for i in range(links.count()):
        target = str(links.nth(i).get_attribute("href"))
        links.nth(i).focus()
        sheet.keyboard.press("Enter")
        assert sheet.evaluate("location.hash") == target
        assert sheet.locator(target).is_visible()


def test_prints_on_paper(page: Callable[..., Any], address: str) -> None:
    sheet = page(viewport=DESK, color_scheme="dark")
    sheet.goto(address)
    sheet.emulate_media(media="print", color_scheme="dark")
    background = sheet.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"), "dark paper wastes ink"
    assert len(sheet.pdf()) > 10_000
