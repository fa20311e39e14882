"""Reports by machine: new, repeated, corrected, taken back, and all that may not be."""

import json
import threading
from datetime import timedelta

import pytest
import shapely
from django.db import connections
from django.test import Client

from stoop.accounts.permissions import SYSTEM
from stoop.incidents import actions, queries
from stoop.incidents.tests.factories import EVENING, make_incident, make_source
from stoop.kernel import clock
from stoop.ledger import queries as ledger
from stoop.places.tests.factories import make_area

pytestmark = pytest.mark.django_db
REPORTS = "/api/v1/reports"


@pytest.fixture(autouse=True)
def _now():
    with clock.held(EVENING + timedelta(minutes=4)):
        yield


@pytest.fixture
def key():
    return actions.issue_key(source=make_source("police"), by=SYSTEM)


@pytest.fixture
def ask(client, key):
    def ask(method, path, body=None, **more):
        headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}
        if method == "get":
            return client.get(path, body, headers=headers)
        sent = body if isinstance(body, str | bytes) else json.dumps(body)
        kind = more.pop("content_type", "application/json")
        return getattr(client, method)(path, sent, content_type=kind, headers=headers, **more)

    return ask


def said(**more):
    given = {"ref": "26-117", "occurred_at": "2026-11-20T18:40:00-05:00", "block": "Elm & Oak"}
    return {**given, "hurt": 1, **more}


def test_a_number_that_no_database_can_hold_is_nobody_s(ask):
    assert ask("get", REPORTS, {"ref": "a\x00"}).status_code == 404
    assert ask("patch", REPORTS, {"ref": "a\x00", "hurt": 2}).status_code == 404
    assert ask("post", f"{REPORTS}/withdraw", {"ref": "a\x00"}).status_code == 404


def test_new_the_same_and_corrected(ask):
    first = ask("post", REPORTS, said())
    assert first.status_code == 201
    assert first.json() | {"key": ""} == {
        "key": "", "ref": "26-117", "status": "reported", "version": 1, "note": "",
    }  # fmt: skip
    again = ask("post", REPORTS, said())
    assert (again.status_code, again.json()["version"]) == (200, 1)
    other = ask("post", REPORTS, said(hurt=2))
    assert (other.status_code, other.json()["version"]) == (200, 2)
    assert other.json()["key"] == first.json()["key"]
    held = queries.incidents(SYSTEM).get()
    assert held.occurred_at == EVENING
    assert held.versions.latest("number").by == "source:police"


@pytest.mark.parametrize("ref", ["26-117 ", "26  117", "e\u0301-1"])
def test_a_number_means_the_same_report_in_every_operation(ask, ref):
    assert ask("post", REPORTS, said(ref=ref)).status_code == 201
    assert ask("post", REPORTS, said(ref=ref)).status_code == 200
    assert ask("get", REPORTS, {"ref": ref}).status_code == 200
    assert ask("patch", REPORTS, {"ref": ref, "hurt": 2}).status_code == 200
    taken = ask("post", f"{REPORTS}/withdraw", {"ref": ref})
    assert (taken.status_code, taken.json().get("status")) == (200, "retracted")


def test_some_facts_set_right(ask):
    ask("post", REPORTS, said(lon=-73.9, lat=40.7))
    done = ask("patch", REPORTS, {"ref": "26-117", "killed": 1, "hurt": None})
    assert (done.status_code, done.json()["version"]) == (200, 2)
    held = queries.incidents(SYSTEM).get()
    assert (held.killed, held.hurt, held.lon, held.block) == (1, None, -73.9, "Elm & Oak")


def test_taken_back_once(ask):
    ask("post", REPORTS, said())
    for _ in range(2):
        done = ask("post", f"{REPORTS}/withdraw", {"ref": "26-117", "why": "fireworks"})
        assert (done.status_code, done.json()["status"]) == (200, "retracted")
        assert done.json()["version"] == 2
    assert ask("get", REPORTS, {"ref": "26-117"}).json()["status"] == "retracted"


def test_what_is_not_ones_own_does_not_exist(ask):
    make_incident(source=make_source("other"), source_ref="9")
    assert ask("get", REPORTS, {"ref": "9"}).status_code == 404
    assert ask("patch", REPORTS, {"ref": "9", "hurt": 2}).status_code == 404
    assert ask("post", f"{REPORTS}/withdraw", {"ref": "9"}).status_code == 404


@pytest.mark.parametrize("key", ["", "police.x", "x", "police", "\x7f.y"])
def test_without_the_right_key_nothing(client, key):
    make_source("police")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    response = client.post(REPORTS, said(), content_type="application/json", headers=headers)
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_cannot_report(client, personas):
    client.force_login(personas.carol)
    response = client.post(REPORTS, said(), content_type="application/json")
    assert response.status_code == 401


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"occurred_at": "2026-11-20T18:40:00"}, "no time zone"),
        ({"occurred_at": "2026-11-21T18:40:00Z"}, "future"),
        ({"occurred_at": "1900-01-01T00:00:00Z"}, "before 1970"),
        ({"occurred_at": "1969-12-31T19:00:00-05:00"}, "before 1970"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "before 1970"),
        ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "future"),
        ({"occurred_at": "yesterday"}, "is no time"),
        ({"occurred_at": "1795646400"}, "is no time"),
        ({"occurred_at": 1795646400}, "valid string"),
        ({"occurred_at": None}, "valid string"),
        ({"hurt": "1"}, "valid integer"),
        ({"hurt": True}, "valid integer"),
        ({"hurt": 1.5}, "valid integer"),
        ({"hurt": -1}, "greater than or equal to 0"),
        ({"killed": 10**30}, "less than or equal to 1000"),
        ({"hurt": 0, "killed": 0}, "If nobody was hit"),
        ({"lon": -73.9}, "both or neither"),
        ({"lon": "-73.9", "lat": "40.7"}, "valid number"),
        ({"lon": 181, "lat": 0}, "less than or equal to 180"),
        ({"kind": "murder"}, "'shooting' or 'shots'"),
        ({"block": "a" * 201}, "at most 200"),
        ({"block": "Elm\u0000"}, "cannot be seen"),
        ({"block": "Elm\nOak"}, "cannot be seen"),
        ({"block": "\u202eElm"}, "cannot be seen"),
        ({"ref": ""}, "at least 1"),
        ({"ref": "x" * 81}, "at most 80"),
        ({"ref": "\u0007"}, "cannot be seen"),
        ({"ref": "   "}, "own number"),
        ({"time_known": "yes"}, "valid boolean"),
        ({"victim_name": "Jo Doe"}, "a field is not known"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(ask, more, told):
    response = ask("post", REPORTS, said(**more))
    assert response.status_code == 422
    problem = response.json()
    assert told.lower() in problem["detail"].lower()
    assert problem["detail"].endswith(".")
    assert "Jo Doe" not in response.content.decode()
    assert "victim_name" not in response.content.decode()
    assert not queries.incidents(SYSTEM).exists()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        (" ", "application/json", 400),
        ("\ufeff{}", "application/json", 422),
        (b"\xff\xfe", "application/json", 400),
        ("[" * 60_000, "application/json", 400),
        ("[]", "application/json", 422),
        ("null", "application/json", 422),
        ('"text"', "application/json", 422),
        ('{"ref": "\\ud800", "occurred_at": "2026-11-20T18:40:00Z"}', "application/json", 422),
        ('{"ref": "1", "occurred_at": "2026-11-20T18:40:00Z", "lon": NaN, "lat": 1}',
         "application/json", 422),
        ('{"ref": "1", "occurred_at": "2026-11-20T18:40:00Z", "lon": 1e999, "lat": 1}',
         "application/json", 422),
        ("{}", "text/plain", 415),
        ("{}", "", 415),
        ("{}", "application/json; charset=utf-16", 415),
        ("ref=1", "application/x-www-form-urlencoded", 415),
        ("<a/>", "application/xml", 415),
        (" " * 64_001, "application/json", 413),
        ('{"block": "' + "a" * 70_000 + '"}', "application/json", 413),
        ("9" * 5_000, "application/json", 400),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read(ask, body, kind, status):
    response = ask("post", REPORTS, body, content_type=kind)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status


@pytest.fixture
def city():
    make_area("city", "1", shapely.box(-74.3, 40.4, -73.6, 41.0))


def kinds(subject):
    return [event.kind for event in ledger.timeline(subject)]


@pytest.mark.parametrize("confirms", [False, True])
@pytest.mark.parametrize("block", ["Elm & Oak", ""])
@pytest.mark.parametrize(
    ("lon", "lat", "told"), [(2.35, 48.85, "outside the city"), (40.68, -73.95, "exchanged")]
)
def test_a_point_outside_the_city_loses_no_shooting(ask, city, lon, lat, told, block, confirms):
    """Kept without a place, for a person to decide; a source never confirms it by itself."""
    queries.sources(SYSTEM).update(confirms=confirms)
    made = ask("post", REPORTS, said(lon=lon, lat=lat, block=block))
    assert (made.status_code, made.json()["status"]) == (201, "reported")
    assert told in made.json()["note"]
    held = queries.incidents(SYSTEM).get()
    assert (held.lon, held.lat, held.area, held.block) == (None, None, "", block)
    assert str(lat) in held.versions.get().why
    # Whom the source alone would have woken does not know of it: the desk hears.
    astray = ["source.astray"] if confirms else []
    assert kinds(f"incident:{held.key}") == ["incident.reported", *astray]
    # Said again it is a repeat; with the right point it is mended, and still waits.
    again = ask("post", REPORTS, said(lon=lon, lat=lat, block=block))
    assert (again.status_code, again.json()) == (200, made.json())
    mended = ask("patch", REPORTS, {"ref": "26-117", "lon": -73.95, "lat": 40.68}).json()
    assert (mended["status"], mended["version"], mended["note"]) == ("reported", 2, "")
    held.refresh_from_db()
    assert (held.lon, held.lat) == (-73.95, 40.68)


def test_a_report_without_a_place_is_no_reason_to_lose_it(ask):
    made = ask("post", REPORTS, said(block=""))
    assert (made.status_code, made.json()["status"]) == (201, "reported")
    assert "no place" in made.json()["note"]
    mended = ask("patch", REPORTS, {"ref": "26-117", "block": "Elm & Oak"}).json()
    assert (mended["version"], mended["note"]) == (2, "")


@pytest.mark.parametrize("official", [False, True])
def test_a_correction_to_a_point_outside_moves_nothing(ask, city, official):
    queries.sources(SYSTEM).update(confirms=True, official=official)
    ask("post", REPORTS, said(lon=-73.95, lat=40.68))
    told = ask("post", REPORTS, said(lon=40.68, lat=-73.95, hurt=2)).json()
    assert (told["status"], told["version"]) == ("confirmed", 2)
    assert "exchanged" in told["note"]
    held = queries.incidents(SYSTEM).get()
    assert (held.lon, held.lat, held.hurt) == (-73.95, 40.68, 2)
    said_of_it = kinds(f"incident:{held.key}")
    assert "incident.corrected" not in said_of_it
    assert ("source.astray" in said_of_it) is not official
    assert held.versions.get(number=2).untold is not official
    # Another fact set right later: the point is the one already spoken of.
    again = ask("patch", REPORTS, {"ref": "26-117", "hurt": 3}).json()
    assert again["version"] == 3
    held.refresh_from_db()
    assert (held.lon, held.lat, held.hurt) == (-73.95, 40.68, 3)


def test_another_method_is_told_which(ask):
    response = ask("delete", REPORTS)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, PATCH, POST")


def test_emoji_and_right_to_left_text_pass(ask):
    assert ask("post", REPORTS, said(block="🌳 شارع النيل", ref="رقم-7")).status_code == 201
    assert queries.incidents(SYSTEM).get().block == "🌳 شارع النيل"


def test_a_house_number_is_not_kept(ask):
    ask("post", REPORTS, said(block="123 Main St, Apt 4"))
    assert queries.incidents(SYSTEM).get().block == "100 block of Main St"


def test_a_source_that_is_off_is_nobody(ask):
    actions.switch_source(source=make_source("police"), active=False, by=SYSTEM)
    assert ask("post", REPORTS, said()).status_code == 401


def test_a_report_is_a_few_queries(ask, django_assert_max_num_queries):
    ask("post", REPORTS, said(ref="0"))
    with django_assert_max_num_queries(24):
        ask("post", REPORTS, said())


def _send(client, key, method, body):
    headers = {"Authorization": f"Bearer {key}"}
    sent = json.dumps(body)
    return getattr(client, method)(REPORTS, sent, "application/json", headers=headers)


@pytest.mark.only_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_neither_takes_back_what_the_other_set_right(key):
    """Each names its own fact; the other's stays, whoever comes first."""

    def patch(begin, fact):
        with clock.held(EVENING + timedelta(minutes=4)):
            begin.wait(20)
            _send(Client(), key, "patch", {"ref": "26-117", **fact})
        connections.close_all()

    for number in range(1, 6):
        begin = threading.Barrier(2)
        facts = {"killed": number}, {"hurt": number}
        _send(Client(), key, "post", said(hurt=0, killed=number + 9))
        threads = [threading.Thread(target=patch, args=(begin, fact)) for fact in facts]
        for each in threads:
            each.start()
        for each in threads:
            each.join(30)
        held = queries.incidents(SYSTEM).get()
        assert (held.killed, held.hurt) == (number, number)
