"""The map in a real browser: what it draws, what comes to it live, and all of it by keyboard."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.both_engines]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
PATIENCE_MS = 15_000


@pytest.fixture
def opened(page: Callable[..., Any], world: Any) -> Iterator[Callable[..., Any]]:
    """A function that opens the map for a persona and waits until it is drawn."""
    complaints: list[str] = []

    def begin(who: str, query: str = "", **choices: Any) -> Any:
        sheet = page(**({"viewport": DESK} | choices))
        sheet.context.add_cookies([world.cookie(who)])
        sheet.on("pageerror", lambda error: complaints.append(str(error)))
        sheet.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        sheet.goto(f"{world.url}/map/{query}")
        sheet.wait_for_selector("html[data-ready=map]", state="attached")
        sheet.wait_for_selector("#map[data-mode]")
        return sheet

    yield begin
    assert [each for each in complaints if "ERR_INTERNET_DISCONNECTED" not in each] == []


def total(sheet: Any) -> int:
    return int(sheet.locator("#map").get_attribute("data-total"))


def inked(sheet: Any) -> int:
    """How many pixels of the canvas of points are not empty, once it is painted."""
    sheet.wait_for_selector("canvas.dots[data-zoom]", state="attached")
    return int(
        sheet.evaluate(
            """() => { const c = document.querySelector('canvas.dots');
            const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            let n = 0; for (let i = 3; i < p.length; i += 4) n += p[i] > 0; return n; }"""
        )
    )


def test_points_are_drawn_and_say_what_they_are(opened, world) -> None:
    sheet = opened("carol")
    here = sheet.locator("#here")
    assert sheet.locator("#map").get_attribute("data-mode") == "points"
    assert inked(sheet) > 100
    sheet.locator("#list [data-go]").first.click()
    sheet.locator("#here:not([hidden])").wait_for()
    said = here.inner_text()
    assert "Elm St" in said
    assert sheet.evaluate("document.activeElement.matches('[data-close]')")
    sheet.keyboard.press("Escape")
    assert here.is_hidden()
    assert sheet.evaluate("document.activeElement.id") == "map"
    sheet.locator("#map").click()  # in its middle, once it stands still
    sheet.locator("#here:not([hidden])").wait_for()
    assert here.inner_text() == said
    sheet.keyboard.press("Escape")
    sheet.keyboard.press("Enter")  # the same without a mouse
    sheet.locator("#here:not([hidden])").wait_for()
    assert here.inner_text() == said


def on_world(row: Any, zoom: int) -> tuple[float, float]:
    """Where a row of the list lies, in pixels of the world at a zoom."""
    lon, lat = (float(row.get_attribute(f"data-{name}")) for name in ("lon", "lat"))
    y = math.asinh(math.tan(math.radians(lat))) / math.tau
    return (lon / 360 + 0.5) * 256 * 2**zoom, (0.5 - y) * 256 * 2**zoom


GLIDING = """() => { window.gliding = new Promise((done) => new MutationObserver(done).observe(
  document.querySelector('.leaflet-map-pane'), { attributeFilter: ['class'] })).then(() => 1); }"""


def test_a_click_while_the_map_glides_is_answered_when_it_stands(opened) -> None:
    """The place that is pressed is that of the map at rest, one zoom farther out."""
    sheet = opened("carol")
    rows = sheet.locator("#list [data-lon]").all()
    rows[0].locator("[data-go]").click()  # at zoom 15
    sheet.locator("#here:not([hidden])").wait_for()
    sheet.keyboard.press("Escape")
    sheet.locator("#map").click(trial=True)  # waits until the page has scrolled
    box = sheet.locator("#map").bounding_box()
    x0, y0 = on_world(rows[0], 14)
    away = {row: (x - x0, y - y0) for row in rows for x, y in [on_world(row, 14)]}
    row = max(away, key=lambda each: math.hypot(*away[each]))
    dx, dy = away[row]
    sheet.evaluate(GLIDING)
    sheet.keyboard.press("-")
    sheet.evaluate("window.gliding")
    sheet.mouse.click(box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy)
    sheet.locator("#here:not([hidden])").wait_for()
    assert row.locator("td a").first.inner_text() in sheet.locator("#here").inner_text()


def test_a_new_shooting_appears_without_reload_and_nothing_jumps(opened, world) -> None:
    sheet = opened("alice", viewport=PHONE)
    before = total(sheet)
    sheet.evaluate(
        """() => { window.shifts = 0; new PerformanceObserver((l) => l.getEntries().forEach(
        (e) => { window.shifts += e.value; })).observe({ type: 'layout-shift' }); }"""
    )
    world.do("report", n=2)
    sheet.wait_for_selector(f"#map[data-total='{before + 2}']", timeout=PATIENCE_MS)
    assert "New shooting" in sheet.locator("#live[role=status]").inner_text()
    sheet.wait_for_timeout(300)
    assert sheet.evaluate("window.shifts") < 0.01


def test_after_a_lost_connection_nothing_is_missing(opened, world) -> None:
    sheet = opened("carol")
    before = total(sheet)
    sheet.context.set_offline(True)
    sheet.evaluate("window.dispatchEvent(new Event('pagehide'))")  # what a sleeping phone does
    world.do("report", n=3)
    assert total(sheet) == before
    sheet.context.set_offline(False)
    sheet.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    sheet.wait_for_selector(f"#map[data-total='{before + 3}']", timeout=PATIENCE_MS)


def test_a_retracted_one_goes_away(opened, world) -> None:
    [key] = world.do("report")["keys"]
    sheet = opened("carol")
    before = total(sheet)
    world.do("correct", key=key)
    sheet.wait_for_selector(f"#map[data-total='{before - 1}']", timeout=PATIENCE_MS)


def test_the_keyboard_moves_and_zooms(opened) -> None:
    sheet = opened("carol")
    sheet.locator("#map").focus()
    place = "document.querySelector('.leaflet-map-pane').style.transform"
    at = sheet.evaluate(place)
    sheet.keyboard.press("ArrowRight")
    sheet.wait_for_function(f"(was) => {place} !== was", arg=at)
    drawn = inked(sheet)
    sheet.keyboard.press("+")
    sheet.wait_for_timeout(600)
    assert inked(sheet) != drawn


def test_who_sees_areas_gets_areas_and_no_point(opened) -> None:
    asked: list[str] = []
    sheet = opened("dan")
    sheet.on("request", lambda request: asked.append(request.url))
    assert sheet.locator("#map").get_attribute("data-mode") == "areas"
    assert sheet.locator(".swatch").count() >= 1
    assert sheet.locator("[data-lon]").count() == 0
    assert inked(sheet) > 20, "the counts are written on the areas"
    box = sheet.locator("#map").bounding_box()
    sheet.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    sheet.wait_for_timeout(200)
    assert not [url for url in asked if "/map/here" in url]


def test_filters_work_without_script(page, world) -> None:
    sheet = page(java_script_enabled=False, viewport=PHONE)
    sheet.context.add_cookies([world.cookie("carol")])
    sheet.goto(f"{world.url}/map/?span=7d")
    assert sheet.locator(".map-box").is_hidden()
    assert sheet.locator("tbody tr").count() > 5
    sheet.select_option("#id_kind", "shots")
    sheet.locator(".no-script button").click()
    assert "kind=shots" in sheet.url
    assert "0 shootings" in sheet.locator("#counts").inner_text()


MANY = """async () => {
  const { Dots, parse } = await import('/static/incidents/dots.js');
  const { Sheet } = await import('/static/incidents/sheet.js');
  const n = 100_000;
  const head = new TextEncoder().encode(JSON.stringify(
    { mode: 'points', n, box: [1265000000, 1613000000, 1269000000, 1617000000] }));
  const length = Math.ceil(head.length / 4) * 4;
  const buffer = new ArrayBuffer(4 + length + n * 5);
  new DataView(buffer).setUint32(0, length, true);
  new Uint8Array(buffer, 4, length).fill(32);
  new Uint8Array(buffer, 4).set(head);
  const at = 4 + length;
  const x = new Uint16Array(buffer, at, n), y = new Uint16Array(buffer, at + 2 * n, n);
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let i = 0; i < n; i += 1) { x[i] = random() * 65535; y[i] = random() * 65535; }
  new Uint8Array(buffer, at + 4 * n, n).fill(8);
  const box = document.createElement('div');
  box.style.height = '600px'; box.style.width = '360px';
  document.body.append(box);
  const map = window.L.map(box, { zoomAnimation: false }).setView([40.7, -73.8], 11);
  const dots = new Dots();
  dots.show(parse(buffer));
  const found = { stops: [], paintings: 0 };
  const sheet = new Sheet('dots', function* (pen, frame) {
    found.paintings += 1;
    let stops = 0;
    for (const stop of dots.paint(pen, frame)) { stops += 1; yield stop; }
    found.stops.push(stops);
  });
  const painted = () => new Promise((done) => sheet.once('painted', done));
  const first = painted();
  sheet.addTo(map);
  await first;
  for (let k = 0; k < 9; k += 1) map.panBy([4, 4], { animate: false });
  found.afterAShortWay = found.paintings;
  const second = painted();
  map.panBy([200, 0], { animate: false });
  await second;
  found.afterALongWay = found.paintings;
  box.remove();
  return found;
}"""


def test_a_hundred_thousand_points_never_hold_the_hand_up(opened) -> None:
    """Counted work, not time: a short way paints nothing, a long way paints in many small parts."""
    found = opened("carol").evaluate(MANY)
    assert found["afterAShortWay"] == 1
    assert found["afterALongWay"] == 2
    assert min(found["stops"]) >= 200, "at most 500 points between two looks at the hand"


def test_nothing_is_asked_of_anybody_else(opened, world) -> None:
    sheet = opened("carol")
    asked: list[str] = []
    sheet.on("request", lambda request: asked.append(request.url))
    sheet.reload()
    sheet.wait_for_selector("html[data-ready=map]", state="attached")
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith(world.url)] == []


def test_a_board_renews_itself_but_not_under_a_hand(page, world) -> None:
    sheet = page(viewport=PHONE)
    sheet.context.add_cookies([world.cookie("bob")])
    sheet.goto(f"{world.url}/board/")
    assert sheet.locator("main").get_attribute("data-live")
    sheet.keyboard.press("Tab")  # a hand is at work
    key = world.do("respond", where="other")["response"]
    link = f"main a[href*='{key}']"
    sheet.wait_for_timeout(1000)
    assert sheet.locator(link).count() == 0
    sheet.wait_for_selector(link, timeout=PATIENCE_MS, state="attached")
    assert sheet.locator("#news").inner_text() == "There is news on this page."
