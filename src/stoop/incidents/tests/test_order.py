"""Who may know the day alone does not learn it from the order of a list either."""

import csv
import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from stoop.accounts.permissions import actor_of
from stoop.incidents import queries
from stoop.incidents.tests.factories import EVENING, make_incident

pytestmark = pytest.mark.django_db
DAYS, EACH = 3, 12


@pytest.fixture
def told(personas) -> list[list[str]]:
    """Keys of some days, the latest first; within a day in the order of time, the latest first."""
    noon = EVENING.replace(hour=12)
    days = []
    for day in range(DAYS):
        made = [
            make_incident(occurred_at=noon - timedelta(days=day, minutes=10 * each))
            for each in range(EACH)
        ]
        days.append([str(each.key) for each in made])
    return days


def in_list(client) -> list[str]:
    page = client.get(reverse("incidents")).content.decode()
    return re.findall(r"/incidents/([0-9a-f-]{36})", page)


def in_file(client) -> list[str]:
    lines = b"".join(client.get(reverse("incidents-csv")).streaming_content).decode()
    return [row["key"] for row in csv.DictReader(lines.lstrip("\ufeff").splitlines())]


def by_program(client) -> list[str]:
    answer = json.loads(client.get(reverse("api-incidents")).content)
    assert len({each["seq"] for each in answer["incidents"]} - {answer["next"]}) == 0
    return [each["key"] for each in answer["incidents"]][::-1]


@pytest.mark.parametrize("seen", [in_list, in_file, by_program])
def test_within_a_day_the_order_tells_nothing(client, personas, told, seen) -> None:
    client.force_login(personas.dan)
    keys = seen(client)
    for at, day in enumerate(told):
        stretch = keys[at * EACH : (at + 1) * EACH]
        assert set(stretch) == set(day), "the days stand in their order"
        assert stretch not in (day, day[::-1])
    assert seen(client) == keys, "the same each time"


def test_pages_fit_together(personas, told) -> None:
    dan = actor_of(personas.dan)
    found = queries.filtered(dan)
    whole = [each.pk for each in queries.rows(dan, found, 0, 100)]
    parts = [each.pk for n in range(0, 36, 5) for each in queries.rows(dan, found, n, n + 5)]
    assert parts == whole
    assert sorted(whole) == sorted(found.values_list("pk", flat=True))


def test_who_sees_the_block_sees_the_order_of_time(client, personas, told) -> None:
    client.force_login(personas.carol)
    assert in_list(client) == in_file(client) == [key for day in told for key in day]
