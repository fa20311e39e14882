"""The watch zones in words, from which the map draws them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from stoop.incidents.tests.factories import EVENING, make_incident
from stoop.kernel import clock
from stoop.precision.models import WatchRun

pytestmark = pytest.mark.django_db
POINT = {"lon": -73.92, "lat": 40.69}


@pytest.fixture
def night(personas):
    """A search found 322 m and 14 days; of four shootings one is fresh, confirmed and placed."""
    now = EVENING + timedelta(hours=1)
    with clock.held(now):
        WatchRun.objects.create(
            found_at=now,
            digest="0" * 64,
            seed=1,
            incidents=900,
            first_day=date(2020, 1, 1),
            last_day=date(2026, 1, 1),
            raised=True,
            radius_m=322.0,
            days=14,
            about_radius_m=320.0,
            about_days=14,
            ratio=1.4,
            ratio_low=1.2,
            ratio_high=1.6,
        )
        personas.shooting = make_incident(block="900 block of Secret St", **POINT)
        make_incident(confirmed=False, block="Ash St & 1", **POINT)
        make_incident(occurred_at=EVENING - timedelta(days=15), block="Oak Ave & 1", **POINT)
        make_incident(block="Elm St & 1", lon=None, lat=None)
        yield personas


def test_each_says_where_how_far_and_until_when(client, night):
    client.force_login(night.alice)
    page = client.get(reverse("map-zones")).content.decode()
    assert "1 watch zone" in page
    assert "322 m around" in page
    assert "900 block of Secret St" in page
    until = EVENING + timedelta(days=14)
    assert f'<time class="when" datetime="{until.isoformat()}"' in page
    assert "A reason to be present with the people there, not a forecast." in page
    assert "!! missing" not in page


def test_the_map_takes_in_the_words_alone(client, night):
    client.force_login(night.alice)
    part = client.get(reverse("map-zones"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'data-radius="322.0"' in part


def test_an_end_that_is_past_is_an_end(client, night):
    with clock.held(EVENING + timedelta(days=14, minutes=1)):
        client.force_login(night.alice)
        page = client.get(reverse("map-zones")).content.decode()
    assert "0 watch zones" in page
    assert "data-radius" not in page


@pytest.mark.parametrize("who", ["ada", "dan", "rita", "nobody"])
def test_who_sees_no_block_sees_no_zone(client, night, who):
    client.force_login(getattr(night, who))
    assert client.get(reverse("map-zones")).status_code == 404
