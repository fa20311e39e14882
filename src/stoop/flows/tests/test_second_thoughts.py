"""Who is asked, and who is let go, when a shooting turns out to be otherwise than it was told."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from stoop.accounts.permissions import SYSTEM, actor_of, within
from stoop.accounts.tests.factories import person
from stoop.fieldwork import actions as fieldwork
from stoop.fieldwork import queries as field
from stoop.fieldwork.tests.factories import shift
from stoop.flows import shooting, worker
from stoop.flows.tests import factories
from stoop.flows.tests.factories import FAR, IN_OTHER, IN_SITE, NIGHT, drain
from stoop.incidents import actions as incidents
from stoop.incidents import queries as known
from stoop.incidents.tests.factories import make_incident
from stoop.kernel import clock
from stoop.ledger import queries as ledger
from stoop.notifications import actions as notifications
from stoop.notifications import queries as told

pytestmark = pytest.mark.django_db
LATER = NIGHT + timedelta(minutes=6)


@pytest.fixture
def city() -> Iterator[SimpleNamespace]:
    with clock.held(NIGHT):
        yield factories.city()


def shot(at: tuple[float, float], **said: Any) -> Any:
    made = make_incident(**_place(at), occurred_at=NIGHT - timedelta(minutes=4), **said)
    drain()
    return made


def _place(at: tuple[float, float]) -> dict[str, float]:
    return {"lon": at[0], "lat": at[1]}


def decided(city: SimpleNamespace, what: str, incident: Any, **changes: Any) -> Any:
    """The desk decides something of the incident as it is; the event that this leaves."""
    now = known.one(SYSTEM, incident.key)
    by, seen = actor_of(city.carol), ledger.latest_seq()
    getattr(incidents, what)(incident=now, by=by, why="Asked again", version=now.version, **changes)
    return ledger.events_after(seen)[0]


def moved(city: SimpleNamespace, incident: Any, to: tuple[float, float]) -> Any:
    return decided(city, "correct", incident, **_place(to))


def alerts(incident: Any, **which: Any) -> Any:
    about = told.visible_to(SYSTEM).filter(subject=f"incident:{incident.key}")
    return about.filter(**which).order_by("pk")


def asked(incident: Any) -> list[Any]:
    """Sites that are asked to take it now; None is the desk."""
    return [each.site for each in alerts(incident) if each.open]


def outcomes(incident: Any) -> dict[Any, str]:
    return {each.site: each.outcome for each in field.responses_to(SYSTEM, incident)}


def follow(*events: Any) -> None:
    """Follow events in this order, each by itself, as several workers may."""
    for event in events:
        if event.kind in shooting.WAKING | shooting.ENDING:
            shooting.alert([event])
        shooting.respond([event])


def test_what_stands_again_is_to_be_taken_again(city) -> None:
    incident = shot(IN_SITE)
    decided(city, "retract", incident)
    drain()
    assert asked(incident) == []
    decided(city, "restore", incident)
    drain()
    assert asked(incident) == [city.site]
    assert outcomes(incident) == {city.site: ""}
    follow(*ledger.events_after(0, shooting.RESPONSES))
    assert alerts(incident, kind="shooting").count() == 2, "once more, however often it is followed"
    with clock.held(LATER):
        assert notifications.escalate_due() == 1


def test_who_had_taken_what_stands_again_is_not_asked_again(city) -> None:
    incident = shot(IN_SITE)
    notifications.take(alert=alerts(incident).get(), by=actor_of(city.ann))
    drain()
    for what in ("retract", "restore"):
        decided(city, what, incident)
        drain()
    assert asked(incident) == []
    [response] = field.responses_to(SYSTEM, incident)
    assert (response.lead, response.outcome) == (city.ann, "")


def test_a_retraction_that_was_taken_back_takes_nothing_from_anybody(city) -> None:
    """The worker comes after both, or another follows the later one first."""
    incident = shot(IN_SITE)
    retracted, restored = (decided(city, what, incident) for what in ("retract", "restore"))
    follow(restored, retracted)
    assert asked(incident) == [city.site]
    assert outcomes(incident) == {city.site: ""}
    assert not alerts(incident, kind="retraction").exists()
    drain()
    assert asked(incident) == [city.site]


def test_a_correction_that_comes_after_the_retraction_says_nothing(city) -> None:
    incident = shot(IN_SITE)
    events = decided(city, "correct", incident, hurt=2), decided(city, "retract", incident)
    follow(*reversed(events))
    assert [each.kind for each in alerts(incident)] == ["shooting", "retraction"]
    [response] = field.responses_to(SYSTEM, incident)
    assert response.notice == "retracted"


def test_a_place_set_right_twice_is_answered_by_the_site_that_it_is_in(city) -> None:
    incident = shot(IN_SITE)
    for place, site in ((IN_OTHER, city.other), (IN_SITE, city.site), (IN_OTHER, city.other)):
        moved(city, incident, place)
        drain()
        assert asked(incident) == [site]
        assert [each for each, outcome in outcomes(incident).items() if not outcome] == [site]


def test_a_place_set_right_before_the_papers_lets_the_first_site_go(city) -> None:
    incident = make_incident(**_place(IN_SITE), occurred_at=NIGHT)
    shooting.alert(ledger.events_after(0, shooting.WAKING))
    moved(city, incident, IN_OTHER)
    drain()
    assert asked(incident) == [city.other]
    assert outcomes(incident) == {city.other: ""}


def test_the_desk_is_let_go_when_a_site_answers(city) -> None:
    incident = shot(FAR)
    assert asked(incident) == [None]
    moved(city, incident, IN_SITE)
    drain()
    assert asked(incident) == [city.site]


def test_nobody_takes_what_hit_nobody(city) -> None:
    incident = shot(IN_SITE)
    decided(city, "correct", incident, kind="shots", hurt=None)
    drain()
    assert asked(incident) == []
    assert outcomes(incident) == {city.site: "stood_down"}
    decided(city, "correct", incident, kind="shooting", hurt=1)
    drain()
    assert asked(incident) == [city.site]
    assert outcomes(incident) == {city.site: ""}


def test_who_took_it_goes_on_though_another_worker_was_quicker(city) -> None:
    """The place is set right after it was taken, and followed before."""
    incident = shot(IN_SITE)
    seen = ledger.latest_seq()
    notifications.take(alert=alerts(incident).get(), by=actor_of(city.ann))
    [taken] = ledger.events_after(seen, {"alert.taken"})
    follow(moved(city, incident, IN_OTHER), taken)
    leads = {each.site: (each.lead, each.outcome) for each in field.responses_to(SYSTEM, incident)}
    assert leads == {city.site: (city.ann, ""), city.other: (None, "")}


def test_who_took_what_was_wrong_leads_nothing(city) -> None:
    incident = shot(IN_SITE)
    seen = ledger.latest_seq()
    notifications.take(alert=alerts(incident).get(), by=actor_of(city.ann))
    [taken] = ledger.events_after(seen, {"alert.taken"})
    follow(decided(city, "retract", incident), taken)
    assert outcomes(incident) == {city.site: "stood_down"}


def test_a_correction_leaves_the_lead_to_who_has_it(city) -> None:
    incident = shot(IN_SITE)
    notifications.take(alert=alerts(incident).get(), by=actor_of(city.ann))
    drain()
    [response] = field.responses_to(SYSTEM, incident)
    fieldwork.take_response(response=response, by=actor_of(city.alice))
    decided(city, "correct", incident, hurt=2)
    drain()
    assert [each.lead for each in field.responses_to(SYSTEM, incident)] == [city.alice]


def test_who_gives_back_leads_no_more(city) -> None:
    incident = shot(IN_SITE)
    for who, back in ((city.ann, True), (city.alice, False)):
        [alert] = alerts(incident)
        notifications.take(alert=alert, by=actor_of(who))
        drain()
        [response] = field.responses_to(SYSTEM, incident)
        assert response.lead == who
        assert response.clocks.get(code="acknowledge").met_by == who
        if back:
            notifications.give_back(alert=alerts(incident).get(), by=actor_of(who))
            drain()
            [response] = field.responses_to(SYSTEM, incident)
            assert (response.lead, response.outcome) == (None, "")
            assert response.clocks.get(code="acknowledge").met_at is None


def test_what_is_given_back_hours_later_is_asked_of_who_is_on_call_then(city) -> None:
    incident = shot(IN_SITE)
    notifications.take(alert=alerts(incident).get(), by=actor_of(city.alice))
    drain()
    morning = NIGHT + timedelta(hours=12)
    early = person("Early", "outreach_worker", city.site)
    shift(city.site, early, morning - timedelta(hours=1), rank=1)
    with clock.held(morning):
        notifications.give_back(alert=alerts(incident).get(), by=actor_of(city.alice))
        drain()
        told_now = alerts(incident).get().deliveries.filter(turn=2)
        assert {each.person for each in told_now} == {city.ann, early}
        follow(*ledger.events_after(0, {"alert.given_back"}))
        assert told_now.count() == 2, "nobody twice"


def test_a_lead_that_was_handed_on_stays(city) -> None:
    incident = shot(IN_SITE)
    notifications.take(alert=alerts(incident).get(), by=actor_of(city.ann))
    drain()
    [response] = field.responses_to(SYSTEM, incident)
    fieldwork.take_response(response=response, by=actor_of(city.alice))
    notifications.give_back(alert=alerts(incident).get(), by=actor_of(city.ann))
    drain()
    assert [each.lead for each in field.responses_to(SYSTEM, incident)] == [city.alice]


def test_who_was_quicker_than_what_was_given_back_leads(city) -> None:
    incident = shot(IN_SITE)
    notifications.take(alert=alerts(incident).get(), by=actor_of(city.ann))
    drain()
    seen = ledger.latest_seq()
    notifications.give_back(alert=alerts(incident).get(), by=actor_of(city.ann))
    notifications.take(alert=alerts(incident).get(), by=actor_of(city.alice))
    events = ledger.events_after(seen, {"alert.given_back", "alert.taken"})
    follow(*reversed(events))
    assert [each.lead for each in field.responses_to(SYSTEM, incident)] == [city.alice]


@pytest.mark.only_postgresql
def test_responses_are_held_before_the_ledger(city) -> None:
    """Whoever works on one holds it in the same order; else the two would wait for each other."""
    incident = shot(IN_SITE)
    notifications.take(alert=alerts(incident).get(), by=actor_of(city.ann))
    drain()
    moved(city, incident, IN_OTHER)
    drain()
    assert len(outcomes(incident)) == 2
    event = decided(city, "correct", incident, hurt=2)
    with CaptureQueriesContext(connection) as asked_for:
        shooting.respond([event])
    said = [each["sql"] for each in asked_for.captured_queries]
    written = next(n for n, sql in enumerate(said) if "advisory" in sql)
    both = '"fieldwork_response"."incident_id" ='
    assert any(both in sql and "FOR NO KEY UPDATE" in sql for sql in said[:written])
    assert not any('UPDATE "notifications_alert"' in sql for sql in said[written:])


@pytest.mark.only_postgresql
@pytest.mark.django_db(transaction=True)
def test_what_flew_when_a_worker_ended_is_written_though_the_database_restarted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The thread that begins a worker asks the database again only when it ends."""
    asked_again: list[int] = []
    monkeypatch.setattr(worker.loops, "run", lambda *_: _cut_off())
    monkeypatch.setattr(worker.notifications, "drain", lambda: asked_again.append(_pid()))

    def main() -> None:
        begun = _pid()
        worker.work(threading.Event())
        asked_again.append(begun)
        connections.close_all()

    thread = threading.Thread(target=main)
    thread.start()
    thread.join()
    assert len(set(asked_again)) == 2


def _pid() -> int:
    with within(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _cut_off() -> None:
    """As a restart of the database cuts this thread's connection."""
    pid = _pid()

    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        connections.close_all()

    thread = threading.Thread(target=cut)
    thread.start()
    thread.join()
