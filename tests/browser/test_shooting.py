"""One shooting, played by the people whom it concerns, each at her own screen.

The duty officer sits at a desk, the supervisor on call holds a phone, and the city looks on. The
site, a worker and the browser are real; nobody reloads a page.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.both_engines]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}
BLOCK = "Elm St & 3 Av"


@pytest.fixture
def night(new_world: Callable[[], World]) -> Iterator[World]:
    """A platform of its own with a worker beside it, as `stoop serve` runs them."""
    with new_world() as made, _worker(made):
        yield made


@contextmanager
def _worker(world: World) -> Iterator[None]:
    command = [sys.executable, "-m", "stoop.config.cli", "work"]
    log = (Path(world.home) / "work.log").open("wb")
    with log, subprocess.Popen(command, env=world.environment, stdout=log, stderr=log) as worker:
        try:
            yield
        finally:
            worker.terminate()
            worker.wait(30)


def sheet_of(page: Any, night: World, who: str, **look: Any) -> Any:
    sheet = page(**look)
    sheet.context.add_cookies([night.cookie(who)])
    sheet.set_default_timeout(30_000)
    return sheet


def test_a_shooting_from_the_desk_to_the_street_and_back(page, axe, night: World) -> None:
    alice = sheet_of(page, night, "alice", **PHONE)
    city = sheet_of(page, night, "cass", **DESK)
    carol = sheet_of(page, night, "carol", **DESK)
    alice.goto(f"{night.url}/alerts/")
    city.goto(f"{night.url}/city/")

    # 23:40. Carol writes down when, where and how many; the one button that she presses says why.
    carol.goto(f"{night.url}/report/")
    carol.get_by_label("Where", exact=True).fill(BLOCK)
    carol.get_by_text("Coordinates instead").click()
    carol.get_by_label("Longitude").fill("-73.9405")
    carol.get_by_label("Latitude").fill("40.6805")
    carol.get_by_label("Hurt").fill("1")
    carol.get_by_role("button", name="The police say so").click()
    another = carol.get_by_role("button", name="No, it is another one")
    carol.wait_for_load_state()
    if another.count():  # the platform holds other shootings of this evening
        another.click()
    carol.wait_for_url("**/incidents/*/")
    incident = carol.url

    # Alice's phone shows it without a touch; she takes it.
    mine = alice.locator("li.card").filter(has_text=BLOCK)
    mine.wait_for()
    assert axe(alice) == []
    mine.get_by_role("button", name="Take it").click()
    alice.get_by_text("You have it").first.wait_for()

    # The city sees that it has somebody, and who leads it at the site is not the city's matter.
    card = city.locator("#main").get_by_text(BLOCK)
    card.wait_for()
    city.get_by_text("Taken").first.wait_for()
    assert "Alice" not in city.locator("#main").inner_text()

    # On the scene: one tap. A second thought: one more.
    alice.goto(f"{night.url}/board/")
    alice.get_by_text(BLOCK).first.click()
    alice.wait_for_url("**/responses/**")
    alice.get_by_role("button", name="Done now").first.click()
    assert axe(alice) == []

    # Far down the page, what was said of her tap stands where she looks.
    alice.get_by_role("button", name="+5").first.click()
    alice.wait_for_url("**/responses/**#count-*")
    assert 0 <= alice.get_by_text("Counted.", exact=True).bounding_box()["y"] < 100

    # It was a car. Everybody who was told hears of it.
    carol.goto(f"{incident}retract/")
    carol.get_by_label("Why").fill("It was a car")
    carol.get_by_role("button", name="Retract").click()
    alice.goto(f"{night.url}/alerts/")
    alice.get_by_text("It was wrong: no shooting").first.wait_for()
