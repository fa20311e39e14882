"""Every screen from right to left, as it will stand when somebody has translated it.

The words are English until then; Django's own (days, months, "minutes") are Arabic already, so the
pages are as mixed as they can get.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.screens import DESK, OPEN, PERSONAS, PHONE, Screens, settle, sideways

pytestmark = pytest.mark.browser

# The name of the site stands at the end of the bar where one begins to read: at the right.
TURNED = """() => ({
  dir: document.documentElement.dir,
  home: document.querySelector('.home').getBoundingClientRect().right > innerWidth / 2,
  heading: (() => {
    const words = document.createRange();
    words.selectNodeContents(document.querySelector('h1'));
    return innerWidth - words.getBoundingClientRect().right < innerWidth / 2;
  })(),
})"""


@pytest.fixture
def arabic(screens: Screens) -> Iterator[Screens]:
    screens.all()
    screens.world.do("speak", language="ar")
    yield screens
    screens.world.do("speak", language="en", known=False)


@pytest.mark.parametrize("who", PERSONAS)
def test_every_screen_runs_from_right_to_left(arabic: Screens, who: str) -> None:
    sheet = arabic.page(who, viewport=PHONE)
    found = []
    for each in arabic.of(who):
        sheet.goto(arabic.world.url + each.path)
        settle(sheet)
        sheet.evaluate(OPEN)
        found += [f"{each} {fault}" for fault in sideways(sheet, PHONE)]
        turned = sheet.evaluate(TURNED)
        if turned != {"dir": "rtl", "home": True, "heading": True}:
            found.append(f"{each} is not turned: {turned}")
    assert found == []


def test_the_menu_opens_at_the_other_side(arabic: Screens, axe: Any) -> None:
    sheet = arabic.page("alice", viewport=DESK)
    sheet.goto(f"{arabic.world.url}/board/")
    sheet.locator(".more > summary").click()
    box = sheet.locator(".more > .sheet").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= DESK["width"] / 2
    assert axe(sheet) == []
