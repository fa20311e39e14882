"""A menu shows what exists and may be opened, and nothing else."""

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from stoop.accounts.permissions import NOBODY, Permission, actor_of, page
from stoop.config import navigation


@page(Permission.INCIDENTS_VIEW)
def _map(request):
    return HttpResponse("map")


@page(Permission.PEOPLE_EDIT)
def _people(request):
    return HttpResponse("people")


urlpatterns = [path("map/", _map, name="map"), path("people/", _people, name="people")]
pytestmark = pytest.mark.django_db


def labels(person) -> list[str]:
    with override_settings(ROOT_URLCONF=__name__):
        return [item.label for item in navigation.places(actor_of(person), "/map/area/")]


def test_items_follow_permissions_and_addresses_that_exist(personas):
    assert labels(personas.alice) == ["Map", "People"]
    assert labels(personas.ann) == ["Map"]
    assert labels(personas.ada) == ["People"]
    assert labels(personas.nobody) == []


def test_the_place_one_is_in_is_marked(personas):
    with override_settings(ROOT_URLCONF=__name__):
        items = navigation.places(actor_of(personas.alice), "/map/area/")
    assert [(i.path, i.here) for i in items] == [("/map/", True), ("/people/", False)]


@override_settings(ROOT_URLCONF=__name__)
def test_nobody_has_no_menu(rf):
    request = rf.get("/")
    request.actor = NOBODY
    assert navigation.of_the_page(request)["navigation"] is None


def test_a_lost_page_keeps_the_menu_and_the_notice(client, personas):
    client.force_login(personas.alice)
    with override_settings(STOOP_NOTICE="Training: nothing here is real."):
        text = client.get("/no-such-page").content.decode()
        assert 'class="places"' in text
        assert "Training: nothing here is real." in text
        client.logout()
        text = client.get("/no-such-page").content.decode()
    assert 'class="places"' not in text
    assert "Training: nothing here is real." in text


def test_further_lines_of_the_notice_stand_where_one_signs_in_alone(client):
    with override_settings(STOOP_NOTICE="Training.\nSign in as <anybody>."):
        at_door = client.get("/sign-in").content.decode()
        assert "Sign in as &lt;anybody&gt;." in at_door
        for path in ("/findings/", "/no-such-page"):
            text = client.get(path).content.decode()
            assert "Training." in text
            assert "anybody" not in text


@pytest.mark.parametrize(
    ("who", "asked", "comes"),
    [
        ("alice", "/board", "/board/"),
        ("alice", "/board?day=1", "/board/?day=1"),
        ("alice", "/people/", "/people"),
        ("ann", "/people/", None),  # no door of hers: not even told that it is one
        ("dan", "/board", None),
        (None, "/board", "/board/"),  # which asks her to sign in
        ("alice", "/board/x", None),
        ("alice", "/brief/no-such-file.html", None),
        ("alice", "/api/v1/incidents/", None),
    ],
)
def test_a_slash_too_few_or_too_many_leads_on(client, personas, who, asked, comes):
    if who:
        client.force_login(getattr(personas, who))
    answer = client.get(asked)
    assert answer.status_code == (302 if comes else 404)
    assert answer.get("Location") == comes
    assert client.post(asked).status_code in (404, 405)


def test_the_picture_that_browsers_ask_for_is_there(client, db):
    assert client.get("/favicon.ico")["Location"].startswith("/static/ui/icon-192.png")
