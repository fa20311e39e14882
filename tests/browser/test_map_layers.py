"""Layers of the map, a city's own tiles, and a server that goes away and comes back."""

import math
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.stories.running import Platform

pytestmark = [pytest.mark.browser, pytest.mark.both_engines]
DESK = {"width": 1280, "height": 800}
PATIENCE_MS = 90_000
RADIUS_M = 322.0
WATCH = f"""
import django
django.setup()
from datetime import date
from stoop.accounts.permissions import SYSTEM, within
from stoop.kernel import clock
from stoop.precision.models import WatchRun
with within(SYSTEM):
    WatchRun.objects.create(
        found_at=clock.now(), digest="0" * 64, seed=1, incidents=900, first_day=date(2020, 1, 1),
        last_day=date(2026, 1, 1), raised=True, radius_m={RADIUS_M}, days=14, about_radius_m=320,
        about_days=14, ratio=1.4, ratio_low=1.2, ratio_high=1.6)
"""


def _png() -> bytes:
    """One grey pixel, which the map stretches over a tile."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\xc0")) + chunk(b"IEND", b"")
    )


class _Tiles(ThreadingHTTPServer):
    """A tile server on loopback; `paths` are those that were asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Tile)
        self.paths: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Tile(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.paths.append(self.path)  # type: ignore[attr-defined]
        body = _png()
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def tiles() -> Iterator[_Tiles]:
    with _Tiles() as server:
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def town(new_world: Callable[..., Any], tiles: _Tiles) -> Iterator[Any]:
    """A platform of its own in New York's time, with tiles, a watch zone, a lonely shooting."""
    settings = {
        "STOOP_TILES": tiles.url + "/{z}/{x}/{y}.png",
        "STOOP_TILES_CREDIT": "Grey ground by the tests",
        "STOOP_TIMEZONE": "America/New_York",
    }
    with new_world(**settings) as made:
        subprocess.run([sys.executable, "-c", WATCH], env=made.environment, check=True)
        made.lonely = made.do("report", area=3)["keys"][0]
        yield made


@pytest.fixture
def opened(page: Callable[..., Any], town: Any) -> Callable[..., Any]:
    """A function that opens the map of the town for a persona and waits until it is drawn."""

    def begin(who: str, url: str = "", **choices: Any) -> Any:
        sheet = page(**({"viewport": DESK} | choices))
        sheet.context.add_cookies([town.cookie(who)])
        sheet.goto(f"{url or town.url}/map/")
        sheet.wait_for_selector("html[data-ready=map]", state="attached", timeout=PATIENCE_MS)
        sheet.wait_for_selector("canvas.ground[data-zoom]", state="attached")
        return sheet

    return begin


def test_tiles_come_from_the_citys_own_server_and_from_nobody_else(opened, town, tiles) -> None:
    sheet = opened("carol")
    asked: list[str] = []
    sheet.on("request", lambda request: asked.append(request.url))
    answer = sheet.reload()
    sheet.locator("img.leaflet-tile-loaded").first.wait_for(state="attached")
    images = re.search(r"img-src ([^;]+)", answer.headers["content-security-policy"])[1]
    assert images.split() == ["'self'", "data:", tiles.url]
    assert tiles.url not in answer.headers["content-security-policy"].replace(images, "")
    assert re.fullmatch(r"/\d+/\d+/\d+\.png", tiles.paths[0])
    assert sheet.locator(".leaflet-control-attribution").inner_text() == "Grey ground by the tests"
    assert {url[: len(town.url)] for url in asked} <= {town.url, tiles.url[: len(town.url)]}
    assert any(url.startswith(tiles.url) for url in asked)
    with _Tiles() as stranger:
        blocked = sheet.evaluate(
            """(url) => new Promise((done) => {
            document.addEventListener('securitypolicyviolation', (e) => done(e.effectiveDirective));
            const image = new Image(); image.onload = () => done('shown'); image.src = url; })""",
            f"{stranger.url}/1/1/1.png",
        )
        stranger.shutdown()
        assert blocked == "img-src"
        assert stranger.paths == []


def shown_of(sheet: Any, town: Any, layer: str) -> Any:
    """The row in words of the lonely shooting's zone."""
    part = sheet.locator(f"[data-layer={layer}]")
    part.locator("summary").click()
    return part.locator(f"[data-lon]:has(a[href*='{town.lonely}'])")


DUE = """() => { // how many pixels of the page the ink of the zones spans, and its middle
  const c = document.querySelector('canvas.ground');
  const due = getComputedStyle(document.documentElement).getPropertyValue('--due').trim();
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(due.slice(at, at + 2), 16));
  const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  const xs = [], ys = [];
  for (let i = 0; i < p.length; i += 4)
    if (p[i] === r && p[i + 1] === g && p[i + 2] === b && p[i + 3] === 255) {
      xs.push((i / 4) % c.width); ys.push(Math.floor(i / 4 / c.width)); }
  const span = (all) => all.reduce((a, e) => Math.max(a, e), 0) - all.reduce((a, e) => Math.min(a, e), 1e9) + 1;
  const fine = c.width / parseFloat(c.style.width);
  return [span(xs) / fine, span(ys) / fine]; }"""  # noqa: E501


def test_a_watch_zone_has_its_size_on_the_ground_and_says_its_end(opened, town) -> None:
    sheet = opened("carol")
    row = shown_of(sheet, town, "zones")
    lat = float(row.get_attribute("data-lat"))
    assert float(row.get_attribute("data-radius")) == RADIUS_M
    row.locator("[data-go]").click()
    sheet.locator("#here:not([hidden])").wait_for()
    sheet.wait_for_selector("canvas.ground[data-zoom='15']", state="attached")
    degrees = 2 * RADIUS_M / (111_319.5 * math.cos(math.radians(lat)))
    diameter = degrees / 360 * 256 * 2**15
    for span in sheet.evaluate(DUE):
        assert span == pytest.approx(diameter + 2.5, abs=2), "and the pen is 2.5 pixels wide"
    zone = r"Watch zone, 322 m around\s+\d+00 block of Elm St\s+until \w{3} \d+ \w{3}, \d\d:\d\d"
    assert re.search(zone, sheet.locator("#here").inner_text())


def test_layers_are_switched_by_the_keyboard(opened, town) -> None:
    sheet = opened("carol")
    box = sheet.locator("[data-show=zones]")
    sheet.wait_for_function(f"() => ({DUE})()[0] > 1")
    sheet.locator("[data-show=responses]").uncheck()
    before = sheet.locator("canvas.ground").element_handle()
    box.focus()
    sheet.keyboard.press("Space")
    sheet.wait_for_function("(was) => document.querySelector('canvas.ground') !== was", arg=before)
    assert sheet.evaluate(DUE)[0] < 0, "no ink of that colour is left"


@pytest.mark.parametrize(("who", "story"), [("alice", True), ("carol", False)])
def test_responses_stand_on_the_map_and_in_words(opened, town, who, story) -> None:
    sheet = opened(who)
    part = sheet.locator("[data-layer=responses]")
    assert int(sheet.locator("#map").get_attribute("data-responses")) >= 1
    part.locator("summary").click()
    said = part.inner_text()
    assert "Nobody has taken it" in said
    assert part.locator("a[href^='/responses/']").count() == (1 if story else 0)
    part.locator("[data-go]").first.click()
    here = sheet.locator("#here:not([hidden])")
    here.wait_for()
    assert "Response of" in here.inner_text()


def test_the_words_are_pages_without_script(page, town) -> None:
    sheet = page(java_script_enabled=False)
    sheet.context.add_cookies([town.cookie("carol")])
    for name, said in (("Watch zones", "322 m around"), ("Open responses", "Response of")):
        sheet.goto(f"{town.url}/map/")
        sheet.get_by_role("link", name=name).click()
        assert sheet.locator("h1").inner_text() == name
        assert said in sheet.locator("main").inner_text()


def test_while_the_server_is_away_nothing_is_missed(opened, town) -> None:
    """Killed without a word, started again at the same port; a shooting happens in between."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ("web", "--port", str(port))
    environment = {key: value for key, value in town.environment.items() if key.startswith("STOOP")}
    with Platform(town.home, words, environment) as first:
        first.answering()
        sheet = opened("carol", f"http://127.0.0.1:{port}")
        sheet.evaluate("() => { window.sameDocument = true; }")
        before = int(sheet.locator("#map").get_attribute("data-total"))
        first.stop(signal.SIGKILL)
        sheet.locator("#live", has_text="The connection is lost").wait_for(timeout=PATIENCE_MS)
        town.do("report", area=2)
        assert int(sheet.locator("#map").get_attribute("data-total")) == before
    with Platform(town.home, words, environment) as second:
        second.answering()
        sheet.wait_for_selector(f"#map[data-total='{before + 1}']", timeout=120_000)
        assert sheet.evaluate("window.sameDocument")
        assert "is lost" not in sheet.locator("#live").inner_text()


def test_the_hour_is_the_citys_and_written_as_everywhere(opened, town) -> None:
    """The city keeps New York's time; the telephone stands in Tokyo and likes a.m. and p.m."""
    sheet = opened("carol", timezone_id="Asia/Tokyo", locale="en-US")
    town.do("report")
    sheet.locator("#live", has_text="New shooting").wait_for()
    now = datetime.now(ZoneInfo("America/New_York"))
    said = {(now - timedelta(minutes=k)).strftime("%H:%M · New shooting.") for k in range(3)}
    assert sheet.locator("#live").inner_text() in said
