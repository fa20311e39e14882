"""What a phone shows of what is pushed to it: once, with no second sound."""

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

SHOWN = """async () => {
  const worker = await navigator.serviceWorker.ready;
  const all = await worker.getNotifications();
  return all.map((n) => [n.title, n.body, n.tag, n.silent, n.data.link]);
}"""
REGISTER = """async () => {
  await navigator.serviceWorker.register('/worker.js');
  await navigator.serviceWorker.ready;
}"""
CLOSE = """async () => {
  const worker = await navigator.serviceWorker.ready;
  for (const each of await worker.getNotifications()) each.close();
}"""


class Phone:
    """A page whose browser has the script that stands by, and can be pushed to."""

    def __init__(self, sheet: Any, url: str) -> None:
        self.sheet, self.url = sheet, url
        self.devtools = sheet.context.new_cdp_session(sheet)
        self.numbers: list[str] = []
        self.devtools.on("ServiceWorker.workerRegistrationUpdated", self._seen)
        self.devtools.send("ServiceWorker.enable")
        sheet.evaluate(REGISTER)
        sheet.wait_for_timeout(300)

    def _seen(self, event: dict[str, Any]) -> None:
        self.numbers += [each["registrationId"] for each in event["registrations"]]

    def push(self, text: str) -> list[list[Any]]:
        """Push a message; what is shown afterwards."""
        self.devtools.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self.url, "registrationId": self.numbers[-1], "data": text},
        )
        self.sheet.wait_for_timeout(400)
        shown: list[list[Any]] = self.sheet.evaluate(SHOWN)
        return shown


@pytest.fixture
def phone(page: Callable[..., Any], world: Any) -> Phone:
    sheet = page(viewport={"width": 360, "height": 740})
    sheet.context.add_cookies([world.cookie("alice")])
    sheet.context.grant_permissions(["notifications"], origin=world.url)
    sheet.goto(f"{world.url}/me/channels/")
    sheet.wait_for_selector("#push[data-ready]")
    return Phone(sheet, world.url)


def message(**other: Any) -> str:
    said = {
        "title": "Shooting, 100 block of Main St, 23:40",
        "body": "Open it to take it.",
        "tag": "one-1",
        "key": "abc",
        "link": "/alerts/",
        "urgent": True,
    }
    return json.dumps(said | other)


def test_the_same_message_is_shown_once(phone: Phone) -> None:
    [first] = phone.push(message())
    assert first[:3] == ["Shooting, 100 block of Main St, 23:40", "Open it to take it.", "one-1"]
    assert first[3] is False
    [again] = phone.push(message())
    assert again[3] is True  # no second sound
    phone.sheet.evaluate(CLOSE)
    assert phone.push(message()) == []  # nor does it come back once it was put away
    assert len(phone.push(message(key="other", tag="two-1"))) == 1


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "null", '{"title": 3}', '{"title": null}'])
def test_whatever_comes_something_calm_is_shown(phone: Phone, text: str) -> None:
    [shown] = phone.push(text)
    assert shown[0] == "Stoop"


def test_the_switch_can_be_used_and_says_what_went_wrong(phone: Phone) -> None:
    button = phone.sheet.locator("#push-switch")
    assert button.is_enabled()
    assert button.text_content() == "Turn on alerts on this phone"
    phone.sheet.context.clear_permissions()
    button.click()
    phone.sheet.wait_for_function("() => document.getElementById('push-said').textContent")
    assert phone.sheet.locator("#push-said").text_content()
