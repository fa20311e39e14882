"""Two who change one thing at once: told, merged or refused, never silently lost.

An incident's, a site's, a task's and a plan's stale edits are asked for beside their forms.
"""

import re
from typing import Any

import pytest
from django.test import Client

from stoop.accounts.models import Person
from stoop.accounts.permissions import actor_of
from stoop.incidents.models import Source
from stoop.incidents.tests.factories import make_source
from stoop.notifications.queries import preference

pytestmark = pytest.mark.django_db
FEED = {"minutes": "15", "cursor_column": ":updated_at", "columns": "", "timezone": ""}
URL = "http://127.0.0.1:9/{}.json"


def opened(client: Client, path: str, *names: str) -> dict[str, str]:
    """What a browser would send back of these fields, the unseen ones with them."""
    page = client.get(path).content.decode()
    found = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page))
    chosen = dict(re.findall(r'<select name="([^"]+)".*?value="([^"]*)" selected', page, re.DOTALL))
    said = found | chosen
    return {name: said.get(name, "") for name in names}


ME = ("name", "phone", "language", "initial-name", "initial-phone", "initial-language")


@pytest.fixture
def ann(personas: Any, client: Client) -> Client:
    client.force_login(personas.ann)
    return client


def test_what_one_changed_elsewhere_of_oneself_stays(ann: Client, personas: Any) -> None:
    here, there = opened(ann, "/me", *ME), opened(ann, "/me", *ME)
    assert ann.post("/me", {**there, "phone": "+1 212 555 0100"}).status_code == 302
    assert ann.post("/me", {**here, "name": "Ann Marie"}).status_code == 302
    held = Person.objects.get(pk=personas.ann.pk)
    assert (held.name, held.phone) == ("Ann Marie", "+12125550100")


def test_what_was_changed_in_both_places_is_told(ann: Client, personas: Any) -> None:
    here, there = opened(ann, "/me", *ME), opened(ann, "/me", *ME)
    ann.post("/me", {**there, "name": "Ann M."})
    told = ann.post("/me", {**here, "name": "Ann Marie"})
    page = told.content.decode()
    assert told.status_code == 400
    assert "Ann M." in page
    assert 'value="Ann Marie"' in page
    assert Person.objects.get(pk=personas.ann.pk).name == "Ann M."
    again = {**here, "name": "Ann Marie", "initial-name": "Ann M."}
    assert 'name="initial-name" value="Ann M."' in page
    assert ann.post("/me", again).status_code == 302
    assert Person.objects.get(pk=personas.ann.pk).name == "Ann Marie"


@pytest.fixture
def ada(personas: Any, client: Client) -> Client:
    client.force_login(personas.ada)
    make_source("open")
    return client


def test_a_feed_that_somebody_else_changed_is_told(ada: Client) -> None:
    seen = opened(ada, "/sources/open/", "seen")
    first = {**FEED, **seen, "url": URL.format("theirs")}
    mine = {**FEED, **seen, "url": URL.format("mine")}
    assert ada.post("/sources/open/", first).status_code == 302
    told = ada.post("/sources/open/", mine)
    page = told.content.decode()
    assert told.status_code == 422
    assert URL.format("theirs") in page
    assert f'value="{URL.format("mine")}"' in page
    assert Source.objects.get(code="open").feed["url"] == URL.format("theirs")
    [again] = re.findall(r'name="seen" value="([0-9a-f]{16})"', page)
    assert ada.post("/sources/open/", {**mine, "seen": again}).status_code == 302
    assert Source.objects.get(code="open").feed["url"] == URL.format("mine")


def test_a_limit_that_somebody_else_set_is_told(ada: Client) -> None:
    path = "/sources/open/limit/"
    assert ada.post(path, {"most_an_hour": "30", "seen": "20"}).status_code == 302
    told = ada.post(path, {"most_an_hour": "10", "seen": "20"})
    assert told.status_code == 422
    assert "Somebody else set it to 30" in told.content.decode()
    assert Source.objects.get(code="open").most_an_hour == 30
    assert 'name="seen" value="30"' in told.content.decode()
    assert ada.post(path, {"most_an_hour": "10", "seen": "30"}).status_code == 302


def test_the_same_by_two_is_no_quarrel(ada: Client) -> None:
    seen = opened(ada, "/sources/open/", "seen")
    for _ in range(2):
        sent = {**FEED, **seen, "url": URL.format("ours")}
        assert ada.post("/sources/open/", sent).status_code == 302
        assert ada.post("/sources/open/limit/", {"most_an_hour": "7", "seen": "20"}).url


HOURS = ("begins", "ends", "initial-begins", "initial-ends")
CHOSEN = ("initial-short_text", "initial-email")
QUIET, WISHES = "/me/channels/quiet", "/me/channels/wishes"


def test_quiet_hours_that_were_set_in_another_window_are_told(ann: Client, personas: Any) -> None:
    here, there = (opened(ann, "/me/channels/", *HOURS) for _ in range(2))
    assert ann.post(QUIET, {**there, "begins": "21:00", "ends": "06:00"}).status_code == 302
    told = ann.post(QUIET, {**here, "begins": "23:30", "ends": "08:00"})
    page = told.content.decode()
    assert told.status_code == 400
    assert "quiet from 21:00 until 06:00" in page
    assert 'value="23:30"' in page
    assert str(preference(actor_of(personas.ann)).quiet_from) == "21:00:00"
    again = dict(re.findall(r'name="(initial-(?:begins|ends))" value="([^"]*)"', page))
    assert ann.post(QUIET, {"begins": "23:30", "ends": "08:00", **again}).status_code == 302
    assert str(preference(actor_of(personas.ann)).quiet_from) == "23:30:00"
    none = opened(ann, "/me/channels/", *HOURS)
    ann.post(QUIET, {**none, "begins": "", "ends": ""})
    told = ann.post(QUIET, {**none, "begins": "20:00", "ends": "06:00"})
    assert "took the quiet hours away" in told.content.decode()


def test_quiet_hours_that_were_left_as_they_were_undo_nothing(ann: Client, personas: Any) -> None:
    here, there = (opened(ann, "/me/channels/", *HOURS) for _ in range(2))
    ann.post(QUIET, {**there, "begins": "21:00", "ends": "06:00"})
    assert ann.post(QUIET, here).status_code == 302
    same = {**here, "begins": "21:00", "ends": "06:00"}
    assert ann.post(QUIET, same).status_code == 302
    assert str(preference(actor_of(personas.ann)).quiet_until) == "06:00:00"


def test_what_others_may_read_is_merged(ann: Client, personas: Any) -> None:
    here, there = (opened(ann, "/me/channels/", *CHOSEN) for _ in range(2))
    ann.post(WISHES, {**there, "short_text": "on", "email": "on"})
    ann.post(WISHES, here)  # only e-mail is turned off here
    held = preference(actor_of(personas.ann))
    assert (held.short_text, held.email) == (True, False)
