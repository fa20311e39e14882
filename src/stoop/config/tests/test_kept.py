"""What browsers and proxies may keep of what they were shown."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
PAGES = ("incidents", "incidents-csv", "city-board", "me", "alerts", "map", "api-incidents")


@pytest.mark.parametrize("name", PAGES)
def test_nobody_keeps_what_was_for_one(client, personas, name) -> None:
    """On a phone that is lent, "back" after signing out shows nothing; no proxy holds a page."""
    client.force_login(personas.carol)
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"


def test_what_was_refused_is_not_kept_either(client, personas) -> None:
    client.force_login(personas.dan)
    assert client.get(reverse("people"))["Cache-Control"] == "private, no-store"
