"""Fifteen seconds on a phone: what a person must do, from the menu to the report that is sent.

Counted, not timed: a stopwatch in a test measures the machine. By the keystroke-level model, as it
is used for touch screens: a tap 0.9 s with the finger's way there, a sign on the phone's keyboard
0.4 s, a swipe 0.7 s, a look with a decision 1.35 s, and 0.5 s each time the platform answers. The
shortest report, of a number and the beginning of a street, is then

    look + tap "Report"                      2.3 s
    page, look + tap "Where", ten signs      6.8 s
    the address is found, look               1.9 s
    swipe, tap "The police say so", answer   2.1 s

which is 13 seconds; with a person hit, and said so, one tap and one sign more: 14. At seven signs
there are two streets, and of those nobody but the reader can choose. Who says so is known before
the phone is taken up, as is how many were hit; its answers are the buttons that send, for a choice
of its own would be a tap more, and one more look to see that all is answered: 15.2 and 16.5.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.world import World

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
TYPED, FOUND, BLOCK = "450 elm st", "450 Elm Street", "400 block of Elm Street"
TAP_S, SIGN_S, SWIPE_S, LOOK_S, ANSWER_S = 0.9, 0.4, 0.7, 1.35, 0.5


@pytest.fixture(scope="module")
def platform(new_world: Callable[[], World], tmp_path_factory: Any) -> Iterator[World]:
    """A platform with the addresses of three streets, away from the shootings that it holds."""
    rows = ["number,street,lat,lon"]
    for west, street in ((-73.905, "Elm Street"), (-73.902, "Elmwood Avenue"), (-73.899, "Oak St")):
        rows += [f"{n},{street},{40.67 + n / 50_000:.6f},{west}" for n in range(400, 500, 2)]
    file = tmp_path_factory.mktemp("addresses") / "addresses.csv"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    with new_world() as made:
        words = [sys.executable, "-m", "stoop.config.cli", "load", "addresses", str(file)]
        subprocess.run(words, env=made.environment, check=True, capture_output=True)
        yield made


@pytest.fixture
def city(platform: World) -> Iterator[World]:
    """The platform; what is reported to it is taken back, so that nobody asks whether it is one."""
    yield platform
    platform.do("take_back", block=BLOCK)


class Hand:
    """A hand with a phone, and how often it had to do something."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.taps = self.signs = self.swipes = self.looks = self.answers = 0

    def tap(self, target: Any, *, look: bool = False) -> None:
        self.taps += 1
        self.looks += look
        if not self._seen(target):
            self.swipes += 1
        target.tap()

    def types(self, text: str) -> None:
        self.signs += len(text)
        self.sheet.keyboard.type(text)

    def waits_for(self, target: Any) -> None:
        self.answers += 1
        target.wait_for()

    def _seen(self, target: Any) -> bool:
        """Whether it is on the screen, above the menu at its foot."""
        box, menu = target.bounding_box(), self.sheet.locator(".places").bounding_box()
        inside = menu["y"] <= box["y"] <= menu["y"] + menu["height"]
        return bool(inside or (box["y"] >= 0 and box["y"] + box["height"] <= menu["y"]))

    @property
    def seconds(self) -> float:
        """By the keystroke-level model above."""
        return (
            self.taps * TAP_S
            + self.signs * SIGN_S
            + self.swipes * SWIPE_S
            + self.looks * LOOK_S
            + self.answers * ANSWER_S
        )


def begin(page: Any, city: World, who: str) -> Hand:
    """On the first page, with the form one tap away."""
    sheet = page(**PHONE)
    sheet.context.add_cookies([city.cookie(who)])
    sheet.goto(f"{city.url}/map/")
    sheet.wait_for_selector("html[data-ready]", state="attached")
    return Hand(sheet)


def says_where(hand: Hand) -> None:
    sheet = hand.sheet
    hand.tap(sheet.locator(".places").get_by_role("link", name="Report", exact=True), look=True)
    where = sheet.get_by_label("Where", exact=True)
    hand.waits_for(where)
    hand.tap(where, look=True)
    hand.types(TYPED)
    chosen = sheet.locator("#places label:has(input[name=place]:checked)")
    hand.waits_for(chosen)  # the likeliest address needs no tap
    assert FOUND in chosen.inner_text()


def sends(hand: Hand, button: str) -> None:
    sheet = hand.sheet
    hand.tap(sheet.get_by_role("button", name=button, exact=True), look=True)
    hand.waits_for(sheet.get_by_role("heading", level=1, name=BLOCK))


def test_a_report_is_three_taps_and_an_address(page, axe, city: World) -> None:
    hand = begin(page, city, "carol")
    says_where(hand)
    assert axe(hand.sheet) == []
    sends(hand, "The police say so")
    assert "Saved and confirmed" in hand.sheet.locator("body").inner_text()
    assert (hand.taps, hand.signs) == (3, len(TYPED))
    assert hand.swipes <= 1
    assert hand.seconds < 15


def test_with_one_person_hit_it_is_one_tap_and_one_sign_more(page, city: World) -> None:
    hand = begin(page, city, "carol")
    says_where(hand)
    hand.tap(hand.sheet.get_by_label("Hurt"))
    hand.types("1")
    sends(hand, "A hospital says so")
    assert (hand.taps, hand.signs) == (4, len(TYPED) + 1)
    assert hand.swipes <= 2
    assert hand.seconds < 15


def test_a_worker_on_the_street_needs_no_more(page, city: World) -> None:
    hand = begin(page, city, "ann")
    says_where(hand)
    sends(hand, "I saw or heard it")
    assert "duty officer looks at it next" in hand.sheet.locator("body").inner_text()
    assert hand.taps == 3
    assert hand.seconds < 15


def test_without_scripts_a_tap_says_why_and_the_enter_key_says_nothing(page, city: World) -> None:
    sheet = page(**PHONE, java_script_enabled=False)
    sheet.context.add_cookies([city.cookie("carol")])
    sheet.goto(f"{city.url}/report/")
    sheet.get_by_label("Where", exact=True).fill(TYPED)
    sheet.keyboard.press("Enter")
    error = sheet.get_by_role("group", name="Report and alert, because…").get_by_role("listitem")
    assert error.inner_text() == "Who says so? Tap the answer that is true: it sends."
    assert sheet.locator("#places input").count() > 1  # what was typed is looked up all the same
    sheet.goto(f"{city.url}/incidents/waiting/")
    sure = sheet.get_by_role("group", name="Confirm and alert, because…").first
    assert sure.get_by_role("button").count() == 4
    sure.get_by_role("button", name="Our worker is there").tap()
    sheet.wait_for_url("**/incidents/*-*/")
    assert "Our worker is there" in sheet.locator(".timeline").inner_text()
