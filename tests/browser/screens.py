"""Every screen of the platform, found by asking all addresses, and what each must keep to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.browser import tools

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
PERSONAS = ("alice", "ann", "bob", "carol", "cass", "ada", "dan", "eve", "rita", "nobody")
FIRST_SCREEN_BYTES = 150_000

# Addresses that answer a GET and are no screen, each with what they are instead. Any other address
# of the site is a screen, and walked through: a new one without a word here.
NO_SCREEN = {
    "week": "leads on",
    "incident-responses": "leads on",
    "alert-short": "leads on",
    "incidents-csv": "a file",
    "week-csv": "a file",
    "mfa_download_recovery_codes": "a file",
    "brief": "a document with tests of its own; there is none in this world",
    "brief-file": "the same",
    "study-file": "a document; there is none in this world",
    "study-bundle": "a file; there is none in this world",
    "map-incidents": "data of the map",
    "map-areas": "data of the map",
    "map-here": "a part of the map's page",
    "incident-places": "a part of the report's page",
    "stream": "events",
}
# A screen is looked at with the first persona who may see it, these with others too: they differ.
FIRST = {
    "account_change_password": "ann",  # who has a password
    "account_reauthenticate": "ann",
    "mfa_activate_totp": "nobody",  # who has no app yet
}
ALSO = {
    "map": PERSONAS[:-1],
    "incident": ("carol", "dan"),
    "response": ("carol",),
    "responses": ("carol",),
    "alert": ("carol",),
    "rota": ("carol",),
    "me": ("nobody",),
}
# What an address answers with, by its name: the same in every world. Events do not end.
_kinds = {"stream": "stream"}


@dataclass(frozen=True)
class Screen:
    """A page as one persona sees it."""

    name: str
    path: str
    who: str

    def __str__(self) -> str:
        return f"{self.name} of {self.who or 'a stranger'}"


class Screens:
    """A browser, and the world whose screens it opens; it hears what a page complains of."""

    def __init__(self, open_page: Callable[..., Any], world: Any) -> None:
        self._open, self.world = open_page, world
        self.complaints: list[str] = []

    def page(self, who: str, **choices: Any) -> Any:
        """A page with that persona signed in; nobody with an empty name."""
        sheet = self._open(**choices)
        if who:
            sheet.context.add_cookies([self.world.cookie(who)])
        sheet.add_init_script(SHIFTS)
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

    def heard(self) -> list[str]:
        """What pages complained of since this was last asked."""
        heard, self.complaints[:] = list(self.complaints), []
        return heard

    def all(self) -> list[Screen]:
        """All screens that need somebody signed in, each with who looks at it."""
        if not hasattr(self.world, "screens"):
            self.world.screens = self._find()
        return list(self.world.screens)

    def of(self, who: str) -> list[Screen]:
        """The screens that this persona looks at."""
        return [each for each in self.all() if each.who == who]

    def _find(self) -> list[Screen]:
        found, wrong = [], []
        asking = self._open()
        for door in self.world.do("doors"):
            if door["api"] or not door["who"]:
                continue
            first = FIRST.get(door["name"], door["who"][0])
            asking.context.clear_cookies()
            asking.context.add_cookies([self.world.cookie(first)])
            if door["name"] not in _kinds:
                _kinds[door["name"]] = self._kind(asking, door["path"])
            kind = _kinds[door["name"]]
            if (kind != "screen") != (door["name"] in NO_SCREEN) and kind != "405":
                wrong.append(f"{door['name']} ({door['path']}) of {first} is {kind}: see NO_SCREEN")
            if kind == "screen":
                others = [w for w in ALSO.get(door["name"], ()) if w in door["who"] and w != first]
                found += [Screen(door["name"], door["path"], who) for who in (first, *others)]
        asking.context.close()
        assert not wrong, "\n".join(wrong)
        return found

    def _kind(self, asking: Any, path: str) -> str:
        answer = asking.context.request.get(self.world.url + path, max_redirects=0)
        html = answer.headers.get("content-type", "").startswith("text/html")
        whole = html and "<!doctype" in answer.text()[:50].lower()
        return "screen" if answer.status == 200 and whole else str(answer.status)


# Counts what jumps from the first moment on.
SHIFTS = """(() => {
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
})()"""
STILL = """() => new Promise((done) => {
  const frames = (left) => left ? requestAnimationFrame(() => frames(left - 1)) : done();
  frames(4);
})"""
# What came over the line, also for a file that this browser had from an earlier page.
WEIGHT = """() => ['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
OPEN = """() => document.querySelectorAll('main details:not([open])').forEach((each) => {
  each.open = each.dataset.unfolded = true; })"""
FOLD = """() => document.querySelectorAll('[data-unfolded]').forEach((each) => {
  each.open = false; delete each.dataset.unfolded; })"""

# Text under 16 px. Letters in a drawing grow and shrink with it and all stand in its table too;
# what is hidden from the eye is a pixel wide.
TINY = """() => {
  const found = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const holder = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || holder.closest('svg, script, noscript, option')) continue;
    if (!holder.checkVisibility({ visibilityProperty: true })) continue;
    if (holder.closest('.visually-hidden, .skip')) continue;
    const size = parseFloat(getComputedStyle(holder).fontSize);
    if (size < 15.99) found.add(`${size} px: ${walk.currentNode.data.trim().slice(0, 40)}`);
  }
  return [...found];
}"""
# What a thumb should hit: 44 px high, and as wide; a link among other words of a sentence may be
# as low as its line.
SMALL = """() => [...document.querySelectorAll(
    'a[href], button, select, textarea, summary, input:not([type=hidden]), [tabindex="0"]'
  )].filter((e) => {
    if (e.matches('.skip, .scroll, #map')) return false;
    if (!e.checkVisibility({ visibilityProperty: true })) return false;
    const held = e.closest('label') || e, box = held.getBoundingClientRect();
    if (box.width <= 1 || (box.height >= 43.5 && box.width >= 43.5)) return false;
    if (getComputedStyle(e).display !== 'inline') return true;
    let line = e.parentElement;
    while (getComputedStyle(line).display.startsWith('inline')) line = line.parentElement;
    const beside = line.cloneNode(true);
    beside.querySelectorAll('a, button, .visually-hidden').forEach((each) => each.remove());
    return !/\\p{L}{2}/u.test(beside.textContent);
  }).map((e) => `${Math.round(e.getBoundingClientRect().width)} x ` +
    `${Math.round(e.getBoundingClientRect().height)}: ${e.outerHTML.slice(0, 110)}`)"""


def settle(sheet: Any) -> None:
    """Until the page's own script has done its first work."""
    sheet.wait_for_selector("html[data-ready]", state="attached")
    if sheet.locator("#map").count():
        sheet.wait_for_selector("html[data-ready=map]", state="attached")
        sheet.wait_for_selector("#map[data-mode]")
    sheet.evaluate(STILL)


def jumped(sheet: Any) -> list[str]:
    """Whether anything that an eye could see moved while the page settled."""
    shift = sheet.evaluate("window.shifts")
    return [f"moved by {shift:.4f}"] if shift > 0.0005 else []


def heavy(sheet: Any) -> list[str]:
    """Whether the page is too much for a thin line."""
    weight = sheet.evaluate(WEIGHT)
    return [f"weighs {weight:,} bytes"] if weight > FIRST_SCREEN_BYTES else []


def faults(sheet: Any, viewport: dict[str, int]) -> list[str]:
    """What the page breaks of the rules of look and access, folded and unfolded."""
    found = sideways(sheet, viewport)
    sheet.evaluate(OPEN)
    found += sideways(sheet, viewport)
    found += [f"too small to read: {each}" for each in sheet.evaluate(TINY)]
    found += [f"smaller than a thumb: {each}" for each in sheet.evaluate(SMALL)]
    if sheet.locator("h1").count() != 1:
        found.append("has not one heading h1")
    if "!! missing" in sheet.content():
        found.append("misses something in its template")
    return found + tools.violations(sheet)


def sideways(sheet: Any, viewport: dict[str, int]) -> list[str]:
    """Whether the page is wider than the window."""
    wide = sheet.evaluate("document.documentElement.scrollWidth")
    return [f"sticks out to {wide} px"] if wide > viewport["width"] else []


def looked_at(screens: Screens, who: str) -> list[str]:
    """What each screen of a persona does wrong, as it comes on a phone by day, and as it then
    stands on a desk by night."""
    sheet = screens.page(who, viewport=PHONE, color_scheme="light")
    found = []
    for each in screens.of(who):
        sheet.goto(screens.world.url + each.path)
        settle(sheet)
        wrong = [*jumped(sheet), *heavy(sheet), *faults(sheet, PHONE)]
        sheet.evaluate(FOLD)
        sheet.set_viewport_size(DESK)
        sheet.emulate_media(color_scheme="dark")
        sheet.evaluate(STILL)
        wrong += [f"on a desk by night: {fault}" for fault in faults(sheet, DESK)]
        sheet.set_viewport_size(PHONE)
        sheet.emulate_media(color_scheme="light")
        found += [f"{each}: {fault}" for fault in (*wrong, *screens.heard())]
    return found
