"""Every screen as the personas who may see it meet it: accessible, quick, still, with no script.

The list is discovered: from the menu of each persona, and from FURTHER for what has a key in its
address. A screen that is new in the menu is tested without a word here; one that several personas
share is looked at with the first of them, the map with each.
"""

import gzip
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser import tools

pytestmark = [pytest.mark.browser, pytest.mark.both_engines]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
FIRST_SCREEN_BYTES = 150_000
# Who is sent through their whole menu, and further screens (name of the address, part of it).
WALKERS = ("alice", "ann", "carol", "cass", "ada", "dan", "eve", "rita")
FURTHER = {
    "alice": ("response", "incident", "alert"),
    "carol": ("incident",),
    "ada": ("plan-new", "site-add"),
}
BESIDE = {"response": "/responses/{response}/", "incident": "/incidents/{incident}/"}
BESIDE |= {"alert": "/alerts/{alert}/", "plan-new": "/plans/new/", "site-add": "/new-site"}
# Each screen once on a phone by day and once on a desk by night.
LOOKS = (("phone", PHONE, "light"), ("desk", DESK, "dark"))


class Screens:
    """A browser with a persona signed in."""

    def __init__(self, open_page: Callable[..., Any], world: Any) -> None:
        self._open, self.world = open_page, world
        self.complaints: list[str] = []
        if not hasattr(world, "menus"):
            world.menus = {}

    def page(self, who: str, **choices: Any) -> Any:
        sheet = self._open(**choices)
        if who:
            sheet.context.add_cookies([self.world.cookie(who)])
        sheet.on("console", self._said)
        sheet.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        sheet.on("response", self._answered)
        return sheet

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} for {response.url}")

    def paths(self, who: str) -> list[str]:
        """The menu of a persona and the further screens."""
        if who not in self.world.menus:
            self.world.menus[who] = self._paths(who)
        return list(self.world.menus[who])

    def new_paths(self, who: str) -> list[str]:
        """Those that no walker before this one has."""
        before = WALKERS[: WALKERS.index(who)]
        known = {path for other in before for path in self.paths(other)} - {"/map/"}
        return [path for path in self.paths(who) if path not in known]

    def _paths(self, who: str) -> list[str]:
        sheet = self.page(who, viewport=DESK, java_script_enabled=False)
        sheet.goto(f"{self.world.url}/map/" if who != "ada" else f"{self.world.url}/people")
        links = sheet.locator(".places a").evaluate_all("all => all.map(a => a.pathname)")
        sheet.context.close()
        further = [BESIDE[name].format(**self.world.keys) for name in FURTHER.get(who, ())]
        return [path for path in dict.fromkeys([*links, *further]) if path != "/brief/"]


@pytest.fixture
def screens(page: Callable[..., Any], world: Any) -> Iterator[Screens]:
    made = Screens(page, world)
    yield made
    assert made.complaints == []


SETTLE = """() => {
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
}"""


def settle(sheet: Any) -> None:
    """Until the page's own script has done its first work."""
    sheet.wait_for_selector("html[data-ready]", state="attached")
    if sheet.locator("#map").count():
        sheet.wait_for_selector("html[data-ready=map]", state="attached")
        sheet.wait_for_selector("#map[data-mode]")


@pytest.mark.parametrize("who", WALKERS)
def test_every_screen_keeps_the_rules(screens: Screens, axe: Any, who: str) -> None:
    found = []
    assert screens.paths(who), "the menu is empty"
    paths = screens.new_paths(who)
    for name, viewport, scheme in LOOKS:
        sheet = screens.page(who, viewport=viewport, color_scheme=scheme)
        for path in paths:
            sheet.goto(screens.world.url + path)
            settle(sheet)
            faults = [*_sideways(sheet, viewport), *_small_targets(sheet)]
            sheet.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
            faults += [*axe(sheet), *_sideways(sheet, viewport)]
            found += [f"{path} on {name}: {fault}" for fault in faults]
            found += [f"{path} on {name}: {each}" for each in screens.complaints]
            screens.complaints.clear()
    assert found == []


def _sideways(sheet: Any, viewport: dict[str, int]) -> list[str]:
    wide = sheet.evaluate("document.documentElement.scrollWidth")
    return [f"sticks out to {wide} px"] if wide > viewport["width"] else []


SMALL = """() => [...document.querySelectorAll(
    'button, select, summary, input:not([type=hidden]), .button, .button-quiet, .places a'
  )].filter((e) => {
    if (!e.checkVisibility({ visibilityProperty: true })) return false;
    const held = e.closest('label') || e;
    const box = held.getBoundingClientRect();
    return box.width > 1 && (box.height < 43.5 || box.width < 43.5);
  }).map((e) => e.outerHTML.slice(0, 90))"""


def _small_targets(sheet: Any) -> list[str]:
    return [f"smaller than a thumb: {each}" for each in sheet.evaluate(SMALL)]


@pytest.mark.parametrize("who", ["alice", "carol", "dan"])
def test_nothing_moves_while_a_screen_settles(screens: Screens, who: str) -> None:
    sheet = screens.page(who, viewport=PHONE)
    moved = []
    for path in screens.paths(who):
        sheet.goto(screens.world.url + path)
        sheet.evaluate(SETTLE)
        settle(sheet)
        sheet.wait_for_timeout(150)
        if (shift := sheet.evaluate("window.shifts")) > 0.01:
            moved.append(f"{path} moved by {shift:.3f}")
    assert moved == []


@pytest.mark.parametrize("who", ["alice", "carol"])
def test_the_first_screen_comes_over_a_thin_line(screens: Screens, who: str) -> None:
    heavy = []
    for path in screens.paths(who):
        sheet = screens.page(who, viewport=PHONE)
        sizes: list[int] = []
        sheet.on(
            "requestfinished",
            lambda request, sizes=sizes: sizes.append(request.sizes()["responseBodySize"]),
        )
        sheet.goto(screens.world.url + path)
        settle(sheet)
        if sum(sizes) > FIRST_SCREEN_BYTES:
            heavy.append(f"{path}: {sum(sizes):,} bytes")
        sheet.context.close()
    assert heavy == []


@pytest.mark.parametrize("who", WALKERS)
def test_every_screen_reads_without_script(screens: Screens, who: str) -> None:
    sheet = screens.page(who, viewport=PHONE, java_script_enabled=False)
    for path in screens.new_paths(who):
        sheet.goto(screens.world.url + path)
        assert len(sheet.locator("main").inner_text()) > 20, path
        assert sheet.locator("h1").count() == 1, path
        assert "!! missing" not in sheet.content(), path


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


def test_tools_see_a_small_target(page: Callable[..., Any]) -> None:
    sheet = page()
    sheet.set_content("<button>a</button>")
    assert _small_targets(sheet)
    assert tools.NEAR
