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
