"""Every screen on a phone by day and on a desk by night: accessible, legible, quick, still, and
there without script.

The screens are all addresses of the site that answer with a page, each as somebody who may see it;
see screens.py. The way through the menu on a desk is in test_screens_desk.py, forms that were
filled in wrongly and pages of errors in test_wrong.py, right to left in test_right_to_left.py.
"""

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.screens import PERSONAS, PHONE, SMALL, TINY, Screens, jumped, looked_at, settle
from tests.browser.slow import thin_line

pytestmark = [pytest.mark.browser, pytest.mark.both_engines]


@pytest.mark.parametrize("who", PERSONAS)
def test_every_screen_keeps_the_rules(screens: Screens, who: str) -> None:
    assert looked_at(screens, who) == []


def test_every_persona_looks_at_something(screens: Screens) -> None:
    assert {each.who for each in screens.all()} == set(PERSONAS)


def test_every_screen_reads_without_script(screens: Screens) -> None:
    silent = []
    for who in PERSONAS:
        sheet = screens.page(who, viewport=PHONE, java_script_enabled=False)
        for each in screens.of(who):
            sheet.goto(screens.world.url + each.path)
            words = sheet.locator("main").inner_text()
            if len(words) < 20 or sheet.locator("h1").count() != 1:
                silent.append(f"{each}: {words!r}")
        sheet.context.close()
    assert silent == []


def test_nothing_jumps_while_a_page_comes_in_pieces(screens: Screens) -> None:
    sheet = screens.page("alice", viewport=PHONE)
    with thin_line(screens.world.port) as slow:
        for path in ("/me", "/board/", "/incidents/"):
            sheet.goto(slow + path)
            settle(sheet)
            assert jumped(sheet) == [], path
        sheet.context.close()


def test_the_menu_works_by_keyboard(screens: Screens) -> None:
    sheet = screens.page("alice", viewport=PHONE)
    sheet.goto(f"{screens.world.url}/map/")
    sheet.keyboard.press("Tab")
    assert sheet.evaluate("document.activeElement.className") == "skip"
    sheet.keyboard.press("Enter")
    assert sheet.evaluate("document.activeElement.id") == "main"
    summary = sheet.locator(".more > summary")
    summary.focus()
    sheet.keyboard.press("Enter")
    assert sheet.locator(".more[open] button").is_visible()
    sheet.keyboard.press("Escape")
    assert not sheet.locator(".more[open]").count()
    assert sheet.evaluate("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.parametrize("who", PERSONAS)
def test_the_menu_fits_on_the_smallest_phone(screens: Screens, who: str) -> None:
    sheet = screens.page(who, viewport={"width": 320, "height": 560})
    sheet.goto(f"{screens.world.url}/me")
    places = sheet.locator(".places > ul > li, .places > .more")
    boxes = places.evaluate_all("all => all.map(e => [e.scrollWidth, e.clientWidth, e.offsetTop])")
    assert all(needs <= has for needs, has, _ in boxes), boxes
    assert len({top for _, _, top in boxes}) == 1, "in one line"
    assert sheet.evaluate("document.documentElement.scrollWidth") == 320
    sheet.locator(".more > summary").click()
    assert sheet.evaluate(TINY) == []
    assert sheet.evaluate(SMALL) == []


def test_signing_out_is_in_the_menu(screens: Screens) -> None:
    session = screens.world.do("session", who="ann")
    sheet = screens.page("", viewport=PHONE)
    cookie = screens.world.cookie("ann") | {"value": session}
    sheet.context.add_cookies([cookie])
    sheet.goto(f"{screens.world.url}/map/")
    sheet.locator(".more > summary").click()
    sheet.locator(".more button").click()
    sheet.wait_for_load_state()
    sheet.goto(f"{screens.world.url}/map/")
    assert "/sign-in" in sheet.url


def test_static_files_come_compressed(screens: Screens) -> None:
    import urllib.request

    for name in ("ui/vendor/leaflet/leaflet.js", "ui/app.css", "incidents/map.js"):
        asked = urllib.request.Request(
            f"{screens.world.url}/static/{name}", headers={"Accept-Encoding": "gzip"}
        )
        with urllib.request.urlopen(asked) as answer:
            assert answer.headers["Content-Encoding"] == "gzip", name
            assert re.search(rb"\w", gzip.decompress(answer.read()))


@pytest.mark.parametrize(
    ("html", "small"),
    [
        ("<button>a</button>", True),
        ("<p><a href=#>alone on its line</a></p>", True),
        ("<p>Open <a href=#>the shooting</a> first.</p>", False),
        ("<p><a href=#>one</a> · <a href=#>two</a></p>", True),
        ("<label>a <input type=checkbox></label>", True),
        ("<label style='display: block; height: 44px'>a <input type=checkbox></label>", False),
    ],
)
def test_tools_see_a_small_target(page: Callable[..., Any], html: str, small: bool) -> None:
    sheet = page()
    sheet.set_content(html)
    assert bool(sheet.evaluate(SMALL)) == small


def test_tools_see_small_letters(page: Callable[..., Any]) -> None:
    sheet = page()
    sheet.set_content("<p>good <small>bad</small> <svg><text font-size=9>chart</text></svg></p>")
    assert [each[-3:] for each in sheet.evaluate(TINY)] == ["bad"]
