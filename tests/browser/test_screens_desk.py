"""Every screen on a desk by night, and the menu of each persona on a phone: nothing moves."""

import pytest

from tests.browser.screens import DESK, PERSONAS, PHONE, Screens, heavy, jumped, looked_at, settle

pytestmark = [pytest.mark.browser, pytest.mark.both_engines]


@pytest.mark.parametrize("who", PERSONAS)
def test_every_screen_keeps_the_rules_on_a_desk(screens: Screens, who: str) -> None:
    assert looked_at(screens, who, DESK, "dark") == []


@pytest.mark.parametrize("who", PERSONAS)
def test_nothing_moves_and_nothing_weighs_on_the_way_through_the_menu(
    screens: Screens, who: str
) -> None:
    sheet = screens.page(who, viewport=PHONE)
    sheet.goto(f"{screens.world.url}/me")
    links = sheet.locator(".places a").evaluate_all("all => all.map(a => a.pathname)")
    assert links
    found = []
    for path in links:
        if path != "/brief/":
            sheet.goto(screens.world.url + path)
            settle(sheet)
            found += [f"{path} {fault}" for fault in (*jumped(sheet), *heavy(sheet))]
    assert found == []
