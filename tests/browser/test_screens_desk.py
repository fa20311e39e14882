"""The way through the menu of each persona, loaded on a desk by night: nothing moves."""

import pytest

from tests.browser.screens import DESK, PERSONAS, Screens, heavy, jumped, settle, sideways

pytestmark = [pytest.mark.browser, pytest.mark.both_engines]


@pytest.mark.parametrize("who", PERSONAS)
def test_nothing_moves_and_nothing_weighs_on_the_way_through_the_menu(
    screens: Screens, who: str
) -> None:
    sheet = screens.page(who, viewport=DESK, color_scheme="dark")
    sheet.goto(f"{screens.world.url}/me")
    links = sheet.locator(".places a").evaluate_all("all => all.map(a => a.pathname)")
    assert links
    found = []
    for path in links:
        if path != "/brief/":
            sheet.goto(screens.world.url + path)
            settle(sheet)
            wrong = (*jumped(sheet), *heavy(sheet), *sideways(sheet, DESK))
            found += [f"{path} {fault}" for fault in wrong]
    assert found == []
