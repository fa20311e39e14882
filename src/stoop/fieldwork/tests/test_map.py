"""Responses on the map: to each what may be seen of them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.fieldwork import actions
from stoop.fieldwork.queries import maps
from stoop.fieldwork.tests.factories import NIGHT, response
from stoop.incidents.tests.factories import make_incident
from stoop.kernel import clock

pytestmark = pytest.mark.django_db
LATER = NIGHT + timedelta(minutes=20)
MOST_QUERIES = 18


def shooting(block):
    return make_incident(block=block, lon=-73.92, lat=40.69)


@pytest.fixture
def night(personas):
    """A response of each site, Alice's taken; and one by hand, which has no point."""
    with clock.held(LATER):
        personas.mine = response(personas.site, incident=shooting("Elm St & 1"))
        actions.take_response(response=personas.mine, by=actor_of(personas.ann))
        personas.theirs = response(personas.other, incident=shooting("Oak Ave & 2"))
        yield personas


def said(client, person, name, **more):
    client.force_login(person)
    answer = client.get(reverse(name), **more)
    return answer.status_code, answer.content.decode()


def test_a_site_sees_its_own_with_their_state_and_a_way_to_them(client, night):
    status, page = said(client, night.alice, "map-responses")
    assert status == 200
    assert reverse("response", args=[night.mine.key]) in page
    assert "Elm St &amp; 1" in page
    assert "Taken" in page
    assert "Oak Ave" not in page
    assert str(night.theirs.key) not in page


def test_who_oversees_sees_that_there_is_one_and_no_story(client, night):
    status, page = said(client, night.carol, "map-city-responses")
    assert status == 200
    assert "Nobody has taken it" in page
    assert "Elm St &amp; 1" in page
    assert "Oak Ave &amp; 2" in page
    for secret in (night.mine.key, night.theirs.key, night.ann.name):
        assert str(secret) not in page
    assert said(client, night.carol, "map-responses")[0] == 404
    assert said(client, night.alice, "map-city-responses")[0] == 404


@pytest.mark.parametrize("who", ["ada", "dan", "eve", "rita", "nobody"])
def test_others_find_nothing(client, night, who):
    for name in ("map-responses", "map-city-responses"):
        assert said(client, getattr(night, who), name)[0] == 404


def test_what_needs_somebody_looks_so(night):
    carol = actor_of(night.carol)
    looks = {str(each.site): each.look for each in maps.responses_in_city(carol)}
    assert looks == {str(night.site): maps.TAKEN, str(night.other): maps.WAITING}
    with clock.held(NIGHT + timedelta(days=2)):
        looks = {str(each.site): each.look for each in maps.responses_in_city(carol)}
        assert looks[str(night.site)] == maps.LATE


def test_an_ended_one_is_gone_and_one_without_a_point_is_in_words_alone(client, night):
    actions.waive_clock(response=night.mine, code="debrief", reason="waived", by=SYSTEM)
    actions.close_response(response=night.mine, by=SYSTEM)
    assert maps.responses_on_map(actor_of(night.alice)) == []
    response(night.site, plan="takedown")
    _, page = said(client, night.alice, "map-responses")
    assert "Building 4" in page
    assert "data-lon" not in page


def test_the_map_takes_in_the_words_alone(client, night):
    _, part = said(client, night.alice, "map-responses", headers={"HX-Request": "true"})
    assert "<html" not in part
    assert 'data-look="taken"' in part
    assert "!! missing" not in part


def test_it_asks_as_much_for_many_as_for_one(client, night, django_assert_max_num_queries):
    for n in range(12):
        response(night.site, incident=make_incident(block=f"Ash St & {n}"))
    client.force_login(night.carol)
    with django_assert_max_num_queries(MOST_QUERIES):
        client.get(reverse("map-city-responses"))
