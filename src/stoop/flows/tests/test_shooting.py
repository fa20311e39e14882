"""Who is told of a shooting, and what starts and stops with it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.fieldwork import queries as field
from stoop.flows import shooting
from stoop.flows.tests import factories
from stoop.flows.tests.factories import AT_BORDER, FAR, IN_OTHER, IN_SITE, NIGHT, drain
from stoop.incidents import actions as incidents
from stoop.incidents import queries as known
from stoop.incidents.tests.factories import make_incident
from stoop.kernel import clock
from stoop.ledger import queries as ledger
from stoop.notifications import actions as notifications
from stoop.notifications import queries as told

ALERTING = shooting.WAKING | shooting.ENDING

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    with clock.held(NIGHT):
        yield factories.city()


def shot(at: tuple[float, float], **said):
    made = make_incident(lon=at[0], lat=at[1], occurred_at=NIGHT - timedelta(minutes=4), **said)
    drain()
    return made


def people_told(incident, kind: str | None = None) -> set[str]:
    alerts = told.visible_to(SYSTEM).filter(subject=f"incident:{incident.key}")
    if kind:
        alerts = alerts.filter(kind=kind)
    return {d.person.name for a in alerts for d in a.deliveries.select_related("person")}


def responses(incident) -> list:
    return field.responses_to(SYSTEM, incident)


def test_the_site_of_the_catchment_is_told_and_starts(city) -> None:
    incident = shot(IN_SITE)
    assert people_told(incident) == {"Ann"}
    assert [r.site for r in responses(incident)] == [city.site]


def test_a_report_that_waits_tells_nobody(city) -> None:
    incident = shot(IN_SITE, confirmed=False)
    assert people_told(incident) == set()
    assert responses(incident) == []


def test_a_neighbour_is_told_and_starts_nothing(city) -> None:
    incident = shot(AT_BORDER)
    assert people_told(incident, "shooting") == {"Ann"}
    assert people_told(incident, "nearby") == {"Bob"}
    assert [r.site for r in responses(incident)] == [city.site]


def test_a_shooting_in_no_catchment_goes_to_the_desk(city) -> None:
    incident = shot(FAR)
    assert people_told(incident) == {"Carol"}
    assert responses(incident) == []


def test_a_shooting_without_a_point_goes_to_the_desk(city) -> None:
    incident = make_incident(occurred_at=NIGHT)
    drain()
    assert people_told(incident) == {"Carol"}


def test_shots_that_hit_nobody_start_nothing(city) -> None:
    incident = shot(IN_SITE, kind="shots", hurt=None)
    assert people_told(incident, "nearby") == {"Ann"}
    assert people_told(incident, "shooting") == set()
    assert responses(incident) == []


def test_following_twice_is_following_once(city) -> None:
    incident = shot(IN_SITE)
    before = told.visible_to(SYSTEM).count(), len(responses(incident))
    shooting.alert(ledger.events_after(0, ALERTING))
    shooting.respond(ledger.events_after(0, shooting.RESPONSES))
    assert (told.visible_to(SYSTEM).count(), len(responses(incident))) == before


def test_many_at_once_ask_hardly_more_than_one(city, django_assert_max_num_queries) -> None:
    places = [IN_SITE, IN_OTHER, AT_BORDER, FAR, (None, None)]
    held = [
        make_incident(lon=lon, lat=lat, block=f"{n} St", occurred_at=NIGHT)
        for n in range(4)
        for lon, lat in places
    ]
    retracted = held[0]
    incidents.retract(incident=retracted, by=SYSTEM, version=1, why="It was a car")
    confirmed = ledger.events_after(0, {"incident.confirmed"})
    assert len(confirmed) == 20
    with django_assert_max_num_queries(30):
        shooting.alert(confirmed)
    assert people_told(retracted) == set()
    assert [people_told(each) for each in held[5:10]] == [people_told(each) for each in held[10:15]]
    assert [bool(people_told(each)) for each in held[5:10]] == [True] * 5
    assert people_told(held[5]) == {"Ann"}


def test_what_happens_together_is_told_together(city) -> None:
    """One is set right, one was wrong, one is new and set right at once."""
    moved, wrong = shot(IN_SITE, block="Elm St"), shot(IN_SITE, block="Oak St")
    seen = ledger.latest_seq()
    decided = {"by": SYSTEM, "why": "The officer was there", "version": 1}
    incidents.correct(incident=moved, block="Ash St", **decided)
    incidents.retract(incident=wrong, **decided)
    new = make_incident(lon=IN_SITE[0], lat=IN_SITE[1], block="Bay St", occurred_at=NIGHT)
    incidents.correct(incident=new, block="Fir St", **decided)
    with CaptureQueriesContext(connection) as asked:
        shooting.alert(ledger.events_after(seen, ALERTING))
    if connection.vendor == "postgresql":  # alerts are held before the ledger is, as by who takes
        asked_for = [each["sql"] for each in asked.captured_queries]
        held = [n for n, sql in enumerate(asked_for) if "FOR NO KEY UPDATE" in sql]
        written = next(n for n, sql in enumerate(asked_for) if "advisory" in sql)
        assert any("notifications_alert" in asked_for[n] for n in held)
        assert max(held) < written

    def said(incident) -> list[tuple[str, str]]:
        alerts = told.visible_to(SYSTEM).filter(subject=f"incident:{incident.key}")
        return [(each.kind, each.title) for each in alerts.order_by("pk")]

    assert [kind for kind, _title in said(moved)] == ["shooting", "correction"]
    assert [kind for kind, _title in said(wrong)] == ["shooting", "retraction"]
    assert said(new) == [("shooting", "Shooting, Fir St, 23:40")], "told once, as it is known now"
    open_ = {each.subject for each in told.visible_to(SYSTEM) if each.open}
    assert open_ == {f"incident:{moved.key}", f"incident:{new.key}"}


def test_the_next_step_hears_when_nobody_answers(city) -> None:
    incident = shot(IN_SITE)
    for minutes, heard in ((6, {"Ann", "Alice"}), (12, {"Ann", "Alice", "Carol"})):
        with clock.held(NIGHT + timedelta(minutes=minutes)):
            notifications.escalate_due()
        assert people_told(incident) == heard


def test_who_takes_it_leads_and_stops_the_first_clock(city) -> None:
    incident = shot(IN_SITE)
    alert = told.visible_to(SYSTEM).get()
    with clock.held(NIGHT + timedelta(minutes=2)):
        notifications.take(alert=alert, by=actor_of(city.ann))
        drain()
    [response] = responses(incident)
    assert response.lead == city.ann
    acknowledged = response.clocks.get(code="acknowledge")
    assert acknowledged.met_at == NIGHT + timedelta(minutes=2)
    assert acknowledged.met_by == city.ann


def test_who_takes_it_before_it_is_filed_leads_it_all_the_same(city) -> None:
    incident = make_incident(lon=IN_SITE[0], lat=IN_SITE[1], occurred_at=NIGHT)
    shooting.alert(ledger.events_after(0, ALERTING))
    assert people_told(incident) == {"Ann"}
    assert responses(incident) == [], "people first"
    notifications.take(alert=told.visible_to(SYSTEM).get(), by=actor_of(city.ann))
    drain()
    [response] = responses(incident)
    assert response.lead == city.ann
    assert response.clocks.get(code="acknowledge").met_by == city.ann


def test_a_correction_reaches_all_who_were_told(city) -> None:
    incident = shot(AT_BORDER)
    incidents.correct(
        incident=incident, by=actor_of(city.carol), why="Counted again", version=1, hurt=2
    )
    drain()
    assert people_told(incident, "correction") == {"Ann", "Bob"}


def test_a_corrected_place_starts_the_other_site_too(city) -> None:
    incident = shot(IN_SITE)
    incidents.correct(
        incident=incident,
        by=actor_of(city.carol),
        why="The wrong avenue",
        version=1,
        lon=IN_OTHER[0],
        lat=IN_OTHER[1],
    )
    drain()
    assert people_told(incident, "shooting") == {"Ann", "Bob"}
    assert people_told(incident, "correction") == {"Ann"}
    outcomes = {response.site: response.outcome for response in responses(incident)}
    assert outcomes == {city.site: "stood_down", city.other: ""}


def test_who_has_begun_goes_on_when_the_place_is_corrected(city) -> None:
    incident = shot(IN_SITE)
    notifications.take(alert=told.visible_to(SYSTEM).get(), by=actor_of(city.ann))
    drain()
    incidents.correct(
        incident=known.one(SYSTEM, incident.key),
        by=actor_of(city.carol),
        why="The wrong avenue",
        version=1,
        lon=IN_OTHER[0],
        lat=IN_OTHER[1],
    )
    drain()
    assert {response.outcome for response in responses(incident)} == {""}


def test_a_retraction_reaches_all_and_stands_down(city) -> None:
    incident = shot(IN_SITE)
    incidents.retract(incident=incident, by=actor_of(city.carol), why="Fireworks", version=1)
    drain()
    assert people_told(incident, "retraction") == {"Ann"}
    [response] = responses(incident)
    assert response.outcome == "stood_down"
    with clock.held(NIGHT + timedelta(minutes=10)):
        assert notifications.escalate_due() == 0


def test_what_was_retracted_before_anybody_heard_tells_nobody(city) -> None:
    incident = make_incident(lon=IN_SITE[0], lat=IN_SITE[1], occurred_at=NIGHT)
    incidents.retract(incident=incident, by=actor_of(city.carol), why="Fireworks", version=1)
    drain()
    assert people_told(incident) == set()
    assert responses(incident) == []


def test_a_merge_tells_and_stands_down(city) -> None:
    incident, other = shot(IN_SITE), shot(IN_SITE, block="The corner")
    incidents.merge(incident=other, into=incident, by=actor_of(city.carol), why="Same", version=1)
    drain()
    assert people_told(other, "retraction") == {"Ann"}
    assert responses(other)[0].outcome == "stood_down"
    assert known.one(SYSTEM, incident.key).status == "confirmed"


def test_a_site_that_another_covers_is_answered_by_that_one(city) -> None:
    city.site.covered_by = city.other
    city.site.save()
    incident = shot(IN_SITE)
    assert people_told(incident) == {"Bob"}
    assert [r.site for r in responses(incident)] == [city.other]
