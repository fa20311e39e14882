"""What goes wrong is told as well as the rest: forms sent back, pages not found, a broken server.

The forms are all those that the screens hold; each is sent empty, past the browser's own checks.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.screens import DESK, PERSONAS, PHONE, Screens, faults, heavy, jumped, settle
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.both_engines]

# Forms in which nothing can be missing, by where they are sent and what they hold.
NOTHING_MISSING = re.compile(r"channels/(quiet|wishes) |tasks/\* |clocks/\* .*owner")

# Empties the form and sends it with its own button, whatever the browser thinks of it.
SEND = """(form) => {
  form.noValidate = true;
  for (const field of form.elements) {
    if (field.type === 'radio' || field.type === 'checkbox') field.checked = false;
    else if (field.matches('input:not([type=hidden]), textarea')) field.value = '';
    else if (field.matches('select')) field.selectedIndex = -1;
  }
  form.requestSubmit(form.querySelector('button:not([type=button])'));
}"""
FORMS = "main form[method=post]"
TOLD = "main .error, main .errorlist, main .notice-danger, main [role=alert]:not([hidden])"
FILLABLE = "input:not([type=hidden]), select, textarea"


@pytest.fixture(scope="module")
def wrong_world(new_world: Any) -> Iterator[World]:
    """A platform of its own: what is sent here may change it."""
    with new_world() as made:
        yield made


@pytest.fixture
def wrong(page: Any, wrong_world: World) -> Screens:
    return Screens(page, wrong_world)


@pytest.mark.parametrize("who", PERSONAS)
def test_every_form_says_what_is_wrong_with_it(wrong: Screens, who: str) -> None:
    sheet = wrong.page(who, viewport=PHONE)
    found, sent = [], set()
    for each in wrong.of(who):
        address = wrong.world.url + each.path
        sheet.goto(address)
        for number, kind in enumerate(_kinds(sheet)):
            if not kind or kind in sent:
                continue
            sent.add(kind)
            if sheet.url != address:
                sheet.goto(address)
            with sheet.expect_navigation():
                sheet.locator(FORMS).nth(number).evaluate(SEND)
            settle(sheet)
            wrong_here = faults(sheet, PHONE)
            if not sheet.locator(TOLD).count() and not NOTHING_MISSING.search(kind):
                wrong_here.append("does not say what is wrong")
            if sheet.get_by_text("This field is required").count():
                wrong_here.append("speaks as Django does")
            found += [f"{each}, sent to {kind}: {fault}" for fault in wrong_here]
    assert found == []


def _kinds(sheet: Any) -> list[str]:
    """Of each form where it goes, without keys and numbers, and what it holds, for ten clocks have
    one form; an empty word for one in which nothing is filled in."""
    told = sheet.locator(FORMS).evaluate_all(
        """(all, fillable) => all.map((form) => form.querySelector(fillable) &&
          [new URL(form.action).pathname, [...new FormData(form).keys()].sort().join()])""",
        FILLABLE,
    )
    number = re.compile(r"[0-9a-f-]{36}|\d+|(?<=clocks/)\w+")
    return [f"{number.sub('*', each[0])} {each[1]}" if each else "" for each in told]


# Errors and their pages: what is asked for, by whom, what comes back.
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("who", ["", "alice"])
def test_a_page_that_is_not_there(wrong: Screens, who: str, viewport: dict[str, int]) -> None:
    sheet = wrong.page(who, viewport=viewport)
    answer = sheet.goto(f"{wrong.world.url}/no-such-page")
    assert answer.status == 404
    assert faults(sheet, viewport) == []
    assert sheet.locator(".places").count() == (1 if who else 0), "with the menu of who is in"


def test_a_form_that_was_open_too_long(wrong: Screens) -> None:
    sheet = wrong.page("alice", viewport=PHONE)
    sheet.goto(f"{wrong.world.url}/me")
    sheet.context.clear_cookies(name="csrftoken")
    with sheet.expect_navigation():
        sheet.locator("main form").first.evaluate("form => form.requestSubmit()")
    assert "no longer valid" in sheet.locator("h1").inner_text()
    assert faults(sheet, PHONE) == []


def test_too_many_tries(wrong: Screens) -> None:
    sheet = wrong.page("", viewport=PHONE)
    for _ in range(7):
        sheet.goto(f"{wrong.world.url}/sign-in")
        sheet.fill("#id_login", "nobody@example.org")
        sheet.fill("#id_password", "a wrong guess 123")
        with sheet.expect_navigation():
            sheet.locator("main form button[type=submit]").first.click()
        assert faults(sheet, PHONE) == []
        if sheet.locator("h1").inner_text() == "Too many tries":
            break
    assert sheet.locator("h1").inner_text() == "Too many tries"


# What a stranger may open, besides what the city publishes; how she comes in is in test_sign_in.py.
ENTRANCE = (
    "/sign-in",
    "/sign-in/password",
    "/sign-in/password/done",
    "/sign-in/closed",
    "/sign-in/called-off",
    "/sign-in/failed",
)


@pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "light"), (DESK, "dark")])
def test_before_one_is_in(wrong: Screens, viewport: dict[str, int], scheme: str) -> None:
    sheet = wrong.page("", viewport=viewport, color_scheme=scheme)
    found = []
    for path in (*ENTRANCE, *wrong.world.do("findings")):
        sheet.goto(wrong.world.url + path)
        settle(sheet)
        wrong_here = (*jumped(sheet), *heavy(sheet), *faults(sheet, viewport))
        found += [f"{path}: {fault}" for fault in wrong_here]
    sheet.goto(f"{wrong.world.url}/sign-in/password")
    sheet.fill("#id_email", "ann@example.org")
    with sheet.expect_navigation():
        sheet.locator("main form button[type=submit]").first.click()
    found += [f"{sheet.url}: {fault}" for fault in faults(sheet, viewport)]
    assert sheet.url.endswith("/sign-in/password/code")
    assert found == []


def test_a_server_that_broke(wrong: Screens) -> None:
    """Last in this file: the platform is broken afterwards."""
    wrong.world.do("lose", table="accounts_program")
    sheet = wrong.page("alice", viewport=PHONE)
    assert sheet.goto(f"{wrong.world.url}/sites").status == 500
    assert "broke on our side" in sheet.locator("h1").inner_text()
    assert sheet.locator(".places").count() == 1, "the menu was known before it broke"
    assert faults(sheet, PHONE) == []
    wrong.world.do("lose", table="django_session")
    assert sheet.goto(f"{wrong.world.url}/sites").status == 500
    assert sheet.locator(".places").count() == 0
    assert faults(sheet, PHONE) == []
