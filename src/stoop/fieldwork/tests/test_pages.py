"""Every page opens for whom it is, and for nobody else."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.urls import reverse

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.fieldwork import actions
from stoop.fieldwork.tests.factories import NIGHT, response, shift
from stoop.fieldwork.views import boards
from stoop.incidents import actions as incidents
from stoop.incidents.tests.factories import make_incident
from stoop.kernel import clock

pytestmark = pytest.mark.django_db
LATER = NIGHT + timedelta(minutes=20)


@pytest.fixture
def night(personas):
    with clock.held(LATER):
        yield personas


def opened(client, person, path):
    client.force_login(person)
    answer = client.get(path)
    text = answer.content.decode()
    assert "missing in template" not in text
    return answer.status_code, text


def test_board_says_what_is_next(client, night):
    response(night.site)
    status, text = opened(client, night.alice, "/board/")
    assert status == 200
    assert "Take it" in text
    assert "Elm St &amp; 3rd" in text


def test_empty_board_says_what_will_be_here(client, night):
    status, text = opened(client, night.alice, "/board/")
    assert status == 200
    assert "Nothing is due" in text


def test_page_of_a_response(client, night):
    made = response(night.site)
    shift(night.site, night.ann, NIGHT)
    status, text = opened(client, night.ann, reverse("response", args=[made.key]))
    assert status == 200
    assert "On the scene" in text
    assert "Not assessed" in text


@pytest.mark.parametrize("name", ["board", "responses", "rota", "home", "response-new"])
def test_pages_of_a_supervisor(client, night, name):
    actions.install_plans(by=SYSTEM)
    status, _text = opened(client, night.alice, reverse(name))
    assert status == 200


@pytest.mark.parametrize("name", ["city-board", "rota", "home"])
def test_pages_of_the_duty_officer(client, night, name):
    response(night.site)
    status, _text = opened(client, night.carol, reverse(name))
    assert status == 200


def test_pages_of_plans(client, night):
    actions.install_plans(by=SYSTEM)
    for path in ("/plans/", "/plans/shooting/", "/plans/shooting/change/", "/plans/new/"):
        status, _text = opened(client, night.ada, path)
        assert status == 200


def test_week(client, night):
    response(night.site)
    client.force_login(night.alice)
    answer = client.get("/week/", follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain == [("/week/riverside/2026-11-16/", 302)]
    assert "missing in template" not in answer.content.decode()
    file = client.get("/week/riverside/2026-11-16.csv")
    assert "riverside" in b"".join(file.streaming_content).decode()


def test_rota_and_shift(client, night):
    held = shift(night.site, night.ann, NIGHT)
    for path in ("/rota/", "/rota/at/riverside/", reverse("shift", args=[held.key])):
        status, text = opened(client, night.alice, path)
        assert status == 200
        assert "Ann" in text


def test_the_watch_zone_is_said_with_its_size(client, night):
    made = response(night.site, incident=make_incident(lon=-73.9, lat=40.7))
    path = reverse("response", args=[made.key])
    _status, text = opened(client, night.ann, path)
    assert "Watch zone" not in text
    apps.get_model("precision", "WatchRun").objects.create(
        found_at=LATER,
        seed=1,
        incidents=900,
        first_day=LATER.date(),
        last_day=LATER.date(),
        raised=True,
        radius_m=320,
        days=7,
        about_radius_m=320,
        about_days=7,
    )
    _status, text = opened(client, night.ann, path)
    assert "within 320 m of here until" in text


def test_the_city_board_is_made_anew_when_something_happened(
    client, night, django_assert_max_num_queries
):
    make_incident(block="Elm St & 3rd", occurred_at=NIGHT)
    _status, before = opened(client, night.carol, "/city/")
    assert "Elm St" in before
    with django_assert_max_num_queries(4):  # who asks, and whether anything happened
        assert client.get("/city/").content.decode().count("Elm St") == 1
    late = make_incident(block="Mill Lane", occurred_at=NIGHT)
    assert "Mill Lane" in client.get("/city/").content.decode()
    incidents.retract(incident=late, by=actor_of(night.carol), why="Fireworks", version=1)
    assert "Withdrawn" in client.get("/city/").content.decode()


def test_the_city_board_is_not_shared_with_who_may_do_other_things(client, night):
    make_incident(block="Elm St & 3rd", occurred_at=NIGHT)
    boards._kept.clear()
    opened(client, night.carol, "/city/")
    assert opened(client, night.dan, "/city/")[0] == 404
    assert len(boards._kept) == 1
    assert "Elm St" in opened(client, night.cass, "/city/")[1]
    assert len(boards._kept) == 2
