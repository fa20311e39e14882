"""Screens of shootings: reporting, deciding, looking."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.incidents import actions
from stoop.incidents.models import Incident, Source, Version
from stoop.incidents.tests.factories import EVENING, make_incident, make_source
from stoop.kernel import clock
from stoop.notifications import actions as notifications
from stoop.places import actions as places

pytestmark = pytest.mark.django_db
NOW = EVENING + timedelta(minutes=4)


@pytest.fixture(autouse=True)
def _now():
    with clock.held(NOW):
        yield


@pytest.fixture
def carol(client, personas):
    client.force_login(personas.carol)
    return client


def filled(**more):
    given = {"form_key": str(uuid4()), "kind": "shooting", "ago": "0", "where": "Elm & Oak"}
    return {**given, "place": "as-written", "hurt": "1", "why": "police", **more}


def send(client, **more):
    return client.post(reverse("incident-report"), filled(**more))


def text(response):
    return response.content.decode()


def test_the_duty_officer_reports_and_it_is_confirmed(carol):
    response = send(carol)
    made = Incident.objects.get()
    assert response.url == reverse("incident", args=[made.key])
    assert (made.status, made.block, made.hurt, made.killed) == ("confirmed", "Elm & Oak", 1, None)
    assert made.occurred_at == NOW
    assert made.versions.get().why == "The police say so"
    page = carol.get(response.url)
    assert "Saved and confirmed" in text(page)


def test_a_worker_reports_and_it_waits(client, personas):
    client.force_login(personas.ann)
    page = client.get(send(client).url)
    assert Incident.objects.get().status == "reported"
    assert "duty officer looks at it next" in text(page)
    assert "Confirm and alert" not in text(page)
    assert "The police say so" in text(page)


def test_the_same_form_twice_counts_once(carol):
    form = filled()
    first = carol.post(reverse("incident-report"), form)
    again = carol.post(reverse("incident-report"), {**form, "hurt": "5"})
    assert first.url == again.url
    assert (Incident.objects.count(), Incident.objects.get().hurt) == (1, 1)


def test_a_likely_repeat_is_shown_before_it_is_saved(carol):
    make_incident(lon=-73.9, lat=40.7)
    form = filled(lon="-73.9001", lat="40.7001", place="")
    response = carol.post(reverse("incident-report"), form)
    assert response.status_code == 422
    assert "Is it one of these?" in text(response)
    assert "Elm &amp; Oak" in text(response)
    assert Incident.objects.count() == 1
    answered = re.search(r'type="hidden" name="why" value="(\w+)"', text(response))[1]
    assert answered == form["why"]
    carol.post(reverse("incident-report"), {**form, "anyway": "1"})
    assert Incident.objects.count() == 2


def test_the_same_words_without_a_point_are_a_likely_repeat_too(carol):
    send(carol)
    assert "Is it one of these?" in text(send(carol))


def test_an_old_day_is_asked_about(carol):
    form = filled(ago="at", day="2026-09-01", hour="23:10")
    assert "80 days ago" in text(carol.post(reverse("incident-report"), form))
    assert carol.post(reverse("incident-report"), {**form, "anyway": "1"}).status_code == 302


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"ago": "at", "day": "2027-01-01", "hour": "10:00"}, "in the future"),
        ({"ago": "at", "day": "1900-01-01", "hour": "10:00"}, "before 1970"),
        ({"ago": "at", "day": "", "hour": ""}, "Give the day and the time."),
        ({"ago": "at", "day": "yesterday", "hour": "25:99"}, "Enter a valid"),
        ({"ago": "77"}, "Choose one of the list"),
        ({"kind": "murder"}, "Choose one of the list"),
        ({"why": ""}, "Who says so?"),
        ({"why": "The mayor"}, "Choose one of the list"),
        ({"hurt": "-1"}, "at least 0"),
        ({"hurt": "9999999999999999999999"}, "at most 1000"),
        ({"hurt": "two"}, "Enter a whole number"),
        ({"hurt": "0", "killed": "0"}, "If nobody was hit"),
        ({"kind": "shots", "hurt": "2"}, "it is a shooting"),
        ({"where": ""}, "Say where it was"),
        ({"where": "a" * 201}, "at most 200 letters"),
        ({"where": "Elm\u0000 Oak"}, "Null characters"),
        ({"where": "Elm \u202e Oak"}, "cannot be seen"),
        ({"lon": "-73.9"}, "Give both"),
        ({"lon": "nan", "lat": "40"}, "Enter a number"),
        ({"lon": "999", "lat": "40"}, "at most 180"),
        ({"form_key": "x"}, "marked below"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_stays(carol, more, told):
    response = send(carol, **{"where": "Corner of Oak", **more})
    assert response.status_code == 422
    assert told in text(response)
    if "where" not in more:
        assert "Corner of Oak" in text(response)
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("123 Main St", "100 block of Main St"),
        ("123 Main St, Apt 4B", "100 block of Main St"),
        ("1234 Broadway", "1200 block of Broadway"),
        ("88 Rue de Lyon", "0 block of Rue de Lyon"),
        ("123-45 Jamaica Ave", "123-00 block of Jamaica Ave"),
        ("in front of 512 Elm Street", "in front of 500 block of Elm Street"),
        ("Main Street 17", "Main Street"),
        ("1250 block of Elm Ave", "1200 block of Elm Ave"),
        ("East 86 Street & 5 Avenue", "East 86 Street & 5 Avenue"),
        ("5 Avenue", "5 Avenue"),
        ("🌳 شارع النيل", "🌳 شارع النيل"),
        ("  Elm   &  Oak ", "Elm & Oak"),
    ],
)
def test_a_block_has_no_house(typed, kept):
    assert actions.block_face(typed) == kept


def test_addresses_are_looked_up_by_post_alone(carol):
    assert carol.get(reverse("incident-places")).status_code == 405
    assert carol.post(reverse("incident-places"), filled(place="")).status_code == 200


def test_of_two_streets_that_begin_as_typed_none_is_chosen_beforehand(carol, tmp_path):
    path = tmp_path / "addresses.csv"
    rows = [f"240,Fiddler {kind},-73.9,40.{n}" for n, kind in enumerate(("Road", "Drive"), 1)]
    path.write_text("\n".join(["number,street,lon,lat", *rows]))
    places.load_addresses(files=[path], by=SYSTEM)
    for typed, chosen in (("240 fid", 0), ("240 Fiddler Dr", 1), ("240 fiddler drive", 1)):
        found = text(carol.post(reverse("incident-places"), filled(where=typed, place="")))
        assert (found.count("240 Fiddler"), found.count(" checked")) == (4, chosen), typed
        assert ("Which one is it?" in found) == (not chosen)


def test_the_page_says_that_the_desk_was_told_where_no_site_answers(carol, personas):
    response = carol.post(reverse("incident-report"), filled(lon="-73.9", lat="40.7"), follow=True)
    assert "No site at work answers for it: the duty officers are told" in text(response)
    made = Incident.objects.get()
    said = {"kind": "shooting", "subject": f"incident:{made.key}", "title": "Shooting"}
    notifications.tell(once="a", site=None, text="", path="/", steps=[[personas.carol.pk]], **said)
    page = text(carol.get(reverse("incident", args=[made.key])))
    assert "The city's duty officers" in page
    assert "missing in template" not in page


def test_an_hour_that_comes_twice_is_the_one_that_is_past(settings):
    from datetime import UTC, date, datetime, time

    from stoop.incidents.forms.moments import moment

    timezone.get_default_timezone.cache_clear()
    settings.TIME_ZONE = "America/New_York"
    twice, skipped = (date(2026, 11, 1), time(1, 30)), (date(2026, 3, 8), time(2, 30))
    with clock.held(datetime(2026, 11, 1, 5, 45, tzinfo=UTC)):
        assert moment(*twice) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    with clock.held(datetime(2026, 11, 1, 7, tzinfo=UTC)):
        assert moment(*twice) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert moment(*skipped) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    timezone.get_default_timezone.cache_clear()


def test_who_sees_what_of_a_page(client, personas):
    made = make_incident(lon=-73.9, lat=40.7)
    address = reverse("incident", args=[made.key])
    for who, status in (("alice", 200), ("eve", 200), ("dan", 200), ("ada", 404), ("nobody", 404)):
        client.force_login(getattr(personas, who))
        assert client.get(address).status_code == status, who
    client.force_login(personas.dan)
    page = text(client.get(address))
    assert "Sample Street" not in page
    assert "40.7" not in page
    assert "23:40" not in page
    client.force_login(personas.alice)
    assert "Sample Street" in text(client.get(address))


def test_what_waits_does_not_exist_for_an_agency(client, personas):
    made = make_incident(confirmed=False)
    client.force_login(personas.dan)
    assert client.get(reverse("incident", args=[made.key])).status_code == 404
    assert text(client.get(reverse("incidents"))).count("<tr") == 0


def test_nobody_is_asked_to_sign_in(client):
    for name in ("incident-report", "incidents", "incidents-waiting", "matches", "sources"):
        response = client.get(reverse(name))
        assert response.url.startswith(reverse("account_login")), name


def test_confirmed_from_the_inbox(carol):
    made = make_incident(confirmed=False)
    page = text(carol.get(reverse("incidents-waiting")))
    assert "Sample Street" in page
    assert "m away" not in page
    send = {"version": "1", "why": "hospital"}
    carol.post(reverse("incident-confirm", args=[made.key]), send)
    assert Incident.objects.get().status == "confirmed"
    assert made.versions.get(number=2).why == "A hospital says so"
    assert "No report waits" in text(carol.get(reverse("incidents-waiting")))


def test_the_inbox_says_what_stands_near(carol):
    make_incident(confirmed=False, lon=-73.9, lat=40.7)
    make_incident(block="Elm & Oak", lon=-73.9, lat=40.7009)
    make_incident(block="Far & Away", lon=-73.9, lat=40.71)
    before = EVENING - timedelta(hours=1)
    make_incident(block="Long & Ago", lon=-73.9, lat=40.7, occurred_at=before)
    page = text(carol.get(reverse("incidents-waiting")))
    assert "100 m away" in page
    assert page.count("m away") == 1


def test_a_form_that_is_too_large_is_refused(carol):
    response = carol.post(reverse("incident-report"), filled(where="a" * 3_000_000))
    assert response.status_code in (400, 413)


@pytest.mark.parametrize("version", ["", "0", "-1", "x", "٣", "9" * 40, "7"])
def test_a_version_that_never_was_confirms_nothing(carol, version):
    made = make_incident(confirmed=False)
    send = {"version": version, "why": "police"}
    response = carol.post(reverse("incident-confirm", args=[made.key]), send)
    assert response.status_code == 422
    assert Incident.objects.get().status == "reported"


def correction(made, **more):
    here = timezone.localtime(made.occurred_at)
    given = {"version": str(made.version), "kind": made.kind, "block": made.block, "why": "seen"}
    given |= {"day": f"{here:%Y-%m-%d}", "hour": f"{here:%H:%M}", "hurt": str(made.hurt)}
    return {**given, **more}


def test_corrected(carol):
    made = make_incident()
    address = reverse("incident-correct", args=[made.key])
    assert 'value="1"' in text(carol.get(address))
    response = carol.post(address, correction(made, hurt="3", why="hospital"))
    assert Incident.objects.get().hurt == 3
    page = text(carol.get(response.url))
    assert "hospital" in page
    assert re.search(r"Hurt: <del><bdi>1</bdi></del> <ins><bdi>3</bdi></ins>", page)


def test_a_correction_keeps_the_seconds_of_a_moment_nobody_touched(carol):
    made = make_incident(occurred_at=EVENING + timedelta(seconds=17))
    carol.post(reverse("incident-correct", args=[made.key]), correction(made, hurt="3"))
    assert Incident.objects.get().occurred_at == EVENING + timedelta(seconds=17)


def test_a_stale_correction_is_told_and_loses_nothing(carol, personas):
    made = make_incident()
    other = actor_of(personas.carol)
    actions.correct(incident=made, by=other, why="call", version=1, hurt=2, killed=1)
    address = reverse("incident-correct", args=[made.key])
    typed = correction(made, hurt="4", block="Elm & Oak", why="mine")
    response = carol.post(address, typed)
    assert response.status_code == 409
    page = text(response)
    assert "Somebody else changed this incident" in page
    assert "call" in page
    assert 'value="Elm &amp; Oak"' in page
    assert 'value="mine"' in page
    assert 'name="hurt" value="4"' in page
    assert 'name="killed" value="1"' in page
    assert 'name="version" value="2"' in page
    carol.post(address, {**typed, "version": "2", "killed": "1"})
    held = Incident.objects.get()
    assert (held.hurt, held.killed, held.block, held.version) == (4, 1, "Elm & Oak", 3)


def test_a_stale_correction_of_something_else_is_merged(carol, personas):
    made = make_incident()
    actions.correct(incident=made, by=actor_of(personas.carol), why="call", version=1, killed=1)
    carol.post(reverse("incident-correct", args=[made.key]), correction(made, block="Elm & Oak"))
    held = Incident.objects.get()
    assert (held.killed, held.block) == (1, "Elm & Oak")


def test_retracted_merged_and_taken_back(carol):
    one, other = make_incident(lon=-73.9, lat=40.7), make_incident(lon=-73.9, lat=40.7)
    why = {"version": "1", "why": "fireworks"}
    for name in ("incident-retract", "incident-merge", "incident-restore", "incident-correct"):
        assert carol.get(reverse(name, args=[one.key])).status_code == 200
    carol.post(reverse("incident-retract", args=[one.key]), why)
    assert "It was retracted" in text(carol.get(reverse("incident", args=[one.key])))
    carol.post(reverse("incident-restore", args=[one.key]), {**why, "version": "2"})
    response = carol.post(
        reverse("incident-merge", args=[one.key]),
        {"version": "3", "why": "same call", "into": f"https://x/incidents/{other.key}/"},
    )
    assert response.url == reverse("incident", args=[other.key])
    assert str(one.key) in text(carol.get(response.url))
    assert Version.objects.filter(incident=one).count() == 4


@pytest.mark.parametrize(
    "into", ["", "x", "5ae2b704-b504-434c-8ec8-773c439d69d4", "../../etc/passwd", "SELF"]
)
def test_merged_into_nothing_is_refused(carol, into):
    one = make_incident()
    into = str(one.key) if into == "SELF" else into
    response = carol.post(
        reverse("incident-merge", args=[one.key]), {"version": "1", "why": "w", "into": into}
    )
    assert response.status_code == 422
    assert Incident.objects.get().status == "confirmed"


def test_deciding_needs_the_desk(client, personas):
    made = make_incident(confirmed=False)
    client.force_login(personas.alice)
    for name in ("confirm", "correct", "merge", "retract", "restore"):
        response = client.post(reverse(f"incident-{name}", args=[made.key]), {"version": "1"})
        assert response.status_code == 404, name


def test_a_forged_form_is_refused(personas):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(personas.carol)
    assert send(strict).status_code == 403
    assert not Incident.objects.exists()


def test_the_list_is_filtered(carol):
    make_incident(block="Elm & Oak")
    make_incident(
        block="Fir & Ash", occurred_at=EVENING - timedelta(days=9), kind="shots", hurt=None
    )
    page = text(carol.get(reverse("incidents")))
    assert "Elm" in page
    assert "Fir" in page
    page = text(carol.get(reverse("incidents"), {"since": "2026-11-15", "until": "2026-11-20"}))
    assert "Fir" not in page
    assert "Elm" in page
    assert "Elm" not in text(carol.get(reverse("incidents"), {"street": "fir"}))
    assert "Elm" not in text(carol.get(reverse("incidents"), {"kind": "shots"}))
    assert "No shooting fits" in text(carol.get(reverse("incidents"), {"status": "retracted"}))


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "1-1-1"},
        {"since": "2026-11-20", "until": "2026-11-01"},
        {"kind": "' OR 1=1"},
        {"page": "99999999999999999999"},
        {"page": "-1"},
        {"area": "\x00"},
        {"street": "%" * 101},
        {"until": "9999-12-31"},
        {"since": "0001-01-01"},
    ],
)
def test_odd_filters_break_nothing(carol, asked):
    make_incident()
    assert carol.get(reverse("incidents"), asked).status_code in (200, 422)
    assert carol.get(reverse("incidents-csv"), asked).status_code in (200, 422)


def test_a_file_computes_nothing_and_is_as_precise_as_the_role(client, personas):
    make_incident(block="=HYPERLINK(1)", lon=-73.9, lat=40.7)
    client.force_login(personas.alice)
    sent = b"".join(client.get(reverse("incidents-csv")).streaming_content).decode()
    assert "'=HYPERLINK(1)" in sent
    assert ",-73.9," in sent
    client.force_login(personas.dan)
    sent = b"".join(client.get(reverse("incidents-csv")).streaming_content).decode()
    assert "HYPERLINK" not in sent
    assert "-73.9" not in sent
    assert "2026-11-20,no" in sent


def test_queries_of_a_screen_do_not_grow_with_its_rows(carol, django_assert_max_num_queries):
    for number in range(30):
        make_incident(confirmed=number % 2 == 0, lon=-73.9, lat=40.7)
    one = Incident.objects.first()
    carol.get(reverse("incidents"))
    for name, args, most in (
        ("incidents", [], 10),
        ("incidents-waiting", [], 12),
        ("incident-report", [], 5),
        ("incident", [one.key], 12),
        ("incident-correct", [one.key], 9),
        ("incident-merge", [one.key], 9),
        ("incidents-csv", [], 7),
    ):
        with django_assert_max_num_queries(most):
            response = carol.get(reverse(name, args=args))
            assert response.status_code == 200
            if response.streaming:
                b"".join(response.streaming_content)


def test_pages_are_light(carol):
    for _ in range(50):
        make_incident()
    assert len(carol.get(reverse("incidents")).content) < 60_000


def test_a_source_and_its_key(client, personas):
    client.force_login(personas.ada)
    response = client.post(reverse("source-add"), {"name": "Police feed", "code": "police"})
    assert response.url == reverse("source", args=["police"])
    page = text(client.post(reverse("source-key", args=["police"])))
    key = re.search(r'class="key">([^<]+)<', page)[1]
    assert key.startswith("police.")
    held = Source.objects.get(code="police")
    assert key.partition(".")[2] not in held.key_hash
    assert key not in text(client.get(reverse("source", args=["police"])))
    from stoop.incidents import queries

    assert queries.source_by_key(key) == held
    client.post(reverse("source-key", args=["police"]))
    assert queries.source_by_key(key) is None


@pytest.mark.parametrize(
    "key", ["", ".", "police", "police.", "police.x", "x.y", "\x00.", "police.\udcff", "a" * 9999]
)
def test_a_wrong_key_opens_nothing(key):
    from stoop.incidents import queries

    make_source("police")
    assert queries.source_by_key(key) is None


def test_a_source_that_is_off_has_no_key(client, personas):
    from stoop.incidents import queries

    client.force_login(personas.ada)
    held = make_source("police")
    key = actions.issue_key(source=held, by=actor_of(personas.ada))
    client.post(reverse("source-switch", args=["police"]), {"active": "no"})
    assert queries.source_by_key(key) is None
    client.post(reverse("source-switch", args=["police"]), {"active": "yes"})
    assert queries.source_by_key(key) == held


def test_a_feed_is_set_and_a_bad_address_refused(client, personas):
    client.force_login(personas.ada)
    make_source("open")
    address = reverse("source", args=["open"])
    form = {"minutes": "10", "cursor_column": ":updated_at", "columns": "date=day"}
    for url, told in (
        ("http://data.example/x.json", "Only https"),
        ("ftp://data.example/x.json", "begins with https"),
        ("https://10.0.0.7/x.json", "private network"),
        ("https://169.254.169.254/latest", "private network"),
        ("https://[::ffff:10.0.0.7]/x", "private network"),
        ("https://u:p@127.0.0.1/x.json", "name and password"),
        ("https://127.0.0.1/x.json?a=b", "follows a ?"),
        ("nonsense", "begins with https"),
        ("https://[::1", "begins with https"),
    ):
        response = client.post(address, {**form, "url": url})
        assert (response.status_code, told in text(response)) == (422, True), url
    client.post(address, {**form, "url": "http://127.0.0.1:9/rows.json"})
    held = Source.objects.get(code="open")
    assert held.feed["columns"] == {"date": "day"}
    assert "http://127.0.0.1:9/rows.json" in text(client.get(address))
    assert "not asked yet" in text(client.get(reverse("sources")))


def test_sources_are_the_administrators(client, personas):
    make_source("open")
    client.force_login(personas.carol)
    for name, args in (("sources", []), ("source-add", []), ("source", ["open"])):
        assert client.get(reverse(name, args=args)).status_code == 404
    client.force_login(personas.ada)
    assert client.get(reverse("source", args=["none"])).status_code == 404
