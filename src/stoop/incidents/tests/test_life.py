"""The life of an incident: reported, confirmed, corrected, merged, retracted, taken back."""

from datetime import timedelta

import pytest
from django.http import Http404

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.incidents import actions, queries
from stoop.incidents.models import Incident, Version
from stoop.incidents.tests.factories import EVENING, make_incident, make_source
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger.queries import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _later():
    with clock.held(EVENING + timedelta(minutes=4)):
        yield


def kinds(incident):
    return list(
        Event.objects.filter(subject=f"incident:{incident.key}")
        .order_by("seq")
        .values_list("kind", flat=True)
    )


def test_a_report_is_a_version_and_an_event():
    made = make_incident(confirmed=False)
    assert (made.status, made.version) == ("reported", 1)
    assert kinds(made) == ["incident.reported"]
    version = made.versions.get()
    assert (version.number, version.action, version.by) == (1, "report", "system")
    assert version.known["block"] == "Sample Street & 5 Avenue"
    assert Incident.objects.get().seq == Event.objects.latest("seq").seq


def test_said_again_is_nothing_and_said_otherwise_a_correction():
    source = make_source()
    first = make_incident(source=source, source_ref="7", confirmed=False)
    again = make_incident(source=source, source_ref="7", confirmed=False)
    assert (again.pk, again.version) == (first.pk, 1)
    other = make_incident(source=source, source_ref="7", hurt=2, confirmed=False)
    assert (other.pk, other.version, other.hurt) == (first.pk, 2, 2)
    assert kinds(other) == ["incident.reported", "incident.corrected"]
    assert Incident.objects.count() == 1


def test_a_source_corrects_what_it_changed_and_leaves_what_people_set_right(personas):
    source, carol = make_source(), actor_of(personas.carol)
    held = make_incident(source=source, source_ref="7", hurt=1)
    actions.correct(incident=held, by=carol, why="seen", version=1, block="2 Avenue & C Street")
    repeated = make_incident(source=source, source_ref="7", hurt=1)
    assert (repeated.version, repeated.block) == (2, "2 Avenue & C Street")
    changed = make_incident(source=source, source_ref="7", hurt=3)
    assert (changed.version, changed.block, changed.hurt) == (3, "2 Avenue & C Street", 3)


def test_what_a_source_says_and_changes_says_why_too():
    source, said = make_source(), {"occurred_at": EVENING, "lon": None, "lat": None}
    said |= {"source": source, "source_ref": "1", "by": SYSTEM, "block": "Elm & Oak"}
    held = actions.report(**said, hurt=1)
    actions.report(**said, hurt=2)
    actions.withdraw(source=source, source_ref="1", by=SYSTEM)
    changes = [(each.action, each.why) for each in held.versions.order_by("number")]
    itself = "The source said so itself."
    assert changes == [("report", itself), ("correct", itself), ("retract", itself)]


def test_a_source_that_confirms_needs_nobody():
    made = make_incident(source=make_source("trusted", confirms=True), confirmed=False)
    assert made.status == "confirmed"
    assert kinds(made) == ["incident.reported", "incident.confirmed"]


def test_rows_of_record_disturb_nobody():
    source = make_source("open-data", official=True)
    made = make_incident(source=source, source_ref="1", confirmed=False, block="")
    make_incident(source=source, source_ref="1", confirmed=False, block="", hurt=2)
    actions.withdraw(source=source, source_ref="1", by=SYSTEM)
    assert kinds(made) == ["incident.published", "incident.revised", "incident.withdrawn"]


def test_a_worker_reports_and_may_not_confirm(personas):
    ann = actor_of(personas.ann)
    made = make_incident(by=ann, confirmed=False)
    with pytest.raises(Http404):
        make_incident(by=ann, confirmed=True)
    with pytest.raises(Http404):
        actions.confirm(incident=made, by=ann, why="seen", version=1)
    with pytest.raises(Http404):
        make_incident(by=actor_of(personas.dan), confirmed=False)


def test_confirming_twice_counts_once(personas):
    carol = actor_of(personas.carol)
    made = make_incident(confirmed=False)
    actions.confirm(incident=made, by=carol, why="seen", version=1)
    held = actions.confirm(incident=made, by=carol, why="seen", version=1)
    assert (held.status, held.version) == ("confirmed", 2)
    assert kinds(made) == ["incident.reported", "incident.confirmed"]


def test_a_correction_needs_a_reason_and_says_what_changed(personas):
    carol = actor_of(personas.carol)
    made = make_incident()
    with pytest.raises(Refusal, match="Say why"):
        actions.correct(incident=made, by=carol, why=" ", version=1, hurt=2)
    held = actions.correct(incident=made, by=carol, why="hospital", version=1, hurt=2)
    assert Event.objects.latest("seq").data == {"version": 2, "changed": ["hurt"]}
    assert queries.change_in_words(held, 2) == "Hurt: 2."
    assert "hospital" not in str(Event.objects.latest("seq").data)


def test_a_correction_that_changes_nothing_is_no_version(personas):
    made = make_incident()
    carol = actor_of(personas.carol)
    assert actions.correct(incident=made, by=carol, why="x", version=1, hurt=1).version == 1


def test_two_who_correct_different_facts_both_stand(personas):
    carol = actor_of(personas.carol)
    made = make_incident()
    actions.correct(incident=made, by=carol, why="one", version=1, hurt=2)
    held = actions.correct(incident=made, by=carol, why="two", version=1, killed=1)
    assert (held.hurt, held.killed, held.version) == (2, 1, 3)


def test_two_who_correct_the_same_fact_are_told_and_nothing_is_written(personas):
    carol = actor_of(personas.carol)
    made = make_incident()
    actions.correct(incident=made, by=carol, why="one", version=1, hurt=2)
    with pytest.raises(actions.Stale) as told:
        actions.correct(incident=made, by=carol, why="two", version=1, hurt=3)
    assert told.value.version == 2
    assert told.value.by == carol.ref
    assert told.value.differences == (actions.Difference("hurt", 1, 2, 3),)
    assert Version.objects.filter(incident=made).count() == 2


def test_a_correction_of_what_somebody_confirmed_meanwhile_stands(personas):
    carol = actor_of(personas.carol)
    made = make_incident(confirmed=False)
    actions.confirm(incident=made, by=carol, why="seen", version=1)
    held = actions.correct(incident=made, by=carol, why="one", version=1, hurt=2)
    assert (held.status, held.hurt, held.version) == ("confirmed", 2, 3)


def test_the_same_correction_twice_counts_once(personas):
    carol = actor_of(personas.carol)
    made = make_incident()
    for _ in range(2):
        held = actions.correct(incident=made, by=carol, why="one", version=1, hurt=2)
    assert held.version == 2


def test_who_confirms_what_has_changed_is_told(personas):
    carol = actor_of(personas.carol)
    source = make_source()
    made = make_incident(source=source, source_ref="9", confirmed=False)
    make_incident(source=source, source_ref="9", confirmed=False, hurt=4)
    with pytest.raises(actions.Stale):
        actions.confirm(incident=made, by=carol, why="seen", version=1)
    assert actions.confirm(incident=made, by=carol, why="seen", version=2).status == "confirmed"


def test_retracted_and_taken_back(personas):
    carol = actor_of(personas.carol)
    made = make_incident()
    held = actions.retract(incident=made, by=carol, why="fireworks", version=1)
    assert held.status == "retracted"
    with pytest.raises(Refusal, match="take that back"):
        actions.correct(incident=made, by=carol, why="x", version=2, hurt=2)
    back = actions.restore(incident=made, by=carol, why="it was one", version=2)
    assert (back.status, back.version) == ("confirmed", 3)
    assert kinds(made)[-2:] == ["incident.retracted", "incident.corrected"]


def test_what_a_source_took_back_and_says_again_waits_for_a_person(personas):
    source, carol = make_source(), actor_of(personas.carol)
    report = {"source": source, "source_ref": "7"}
    held = make_incident(**report)
    actions.withdraw(**report, by=SYSTEM)
    again = make_incident(**report, hurt=3, confirmed=False)
    assert (again.status, again.hurt, again.version) == ("reported", 3, 3)
    assert queries.waiting(carol).get() == again
    assert make_incident(**report, hurt=3, confirmed=False).version == 3, "said again is nothing"
    back = actions.confirm(incident=again, by=carol, why="The police say so", version=3)
    assert back.status == "confirmed"
    assert kinds(held) == [
        "incident.reported", "incident.confirmed", "incident.retracted", "incident.reported",
        "incident.corrected",
    ]  # fmt: skip
    assert "stands again" in queries.change_in_words(back, back.version)


def test_what_a_person_retracted_stays_so_whatever_its_source_says(personas):
    source, carol = make_source(), actor_of(personas.carol)
    held = make_incident(source=source, source_ref="7")
    actions.retract(incident=held, by=carol, why="fireworks", version=1)
    assert make_incident(source=source, source_ref="7").status == "retracted"


def test_a_row_of_record_that_comes_back_stands_again_in_silence():
    source = make_source(official=True)
    held = make_incident(source=source, source_ref="1")
    actions.withdraw(source=source, source_ref="1", by=SYSTEM)
    assert make_incident(source=source, source_ref="1").status == "confirmed"
    assert kinds(held)[-1] == "incident.revised"


def test_merged_into_another_and_never_into_itself(personas):
    carol = actor_of(personas.carol)
    one, other = make_incident(), make_incident()
    with pytest.raises(Refusal, match="into itself"):
        actions.merge(incident=one, into=one, by=carol, why="x", version=1)
    held = actions.merge(incident=one, into=other, by=carol, why="same call", version=1)
    assert (held.status, held.merged_into_id) == ("merged", other.pk)
    with pytest.raises(Refusal, match="itself retracted or merged"):
        actions.merge(incident=other, into=one, by=carol, why="x", version=1)
    assert actions.merge(incident=one, into=other, by=carol, why="x", version=1).version == 2
    back = actions.restore(incident=one, by=carol, why="two calls", version=2)
    assert (back.status, back.merged_into) == ("confirmed", None)


def test_what_people_were_told_of_is_not_merged_into_what_nobody_confirmed(personas):
    carol = actor_of(personas.carol)
    told, waits = make_incident(), make_incident(confirmed=False)
    with pytest.raises(Refusal, match="confirm the other first"):
        actions.merge(incident=told, into=waits, by=carol, why="same call", version=1)
    assert actions.merge(incident=waits, into=told, by=carol, why="same call", version=1)


def test_a_retracted_incident_stays_so_when_its_source_corrects_it(personas):
    carol = actor_of(personas.carol)
    source = make_source()
    made = make_incident(source=source, source_ref="3")
    actions.retract(incident=made, by=carol, why="no", version=1)
    held = make_incident(source=source, source_ref="3", hurt=5)
    assert (held.status, held.hurt) == ("retracted", 5)
    assert kinds(made)[-1] == "incident.revised"


def test_a_loaded_row_gets_its_first_version_when_it_changes(personas):
    made = make_incident()
    made.versions.all().delete()
    actions.correct(incident=made, by=actor_of(personas.carol), why="x", version=1, hurt=2)
    first, second = made.versions.order_by("number")
    assert (first.number, first.known["hurt"], first.by) == (1, 1, "source:police-feed")
    assert (second.number, second.known["hurt"]) == (2, 2)


def test_a_source_speaks_for_itself_alone():
    mine, other = make_source("mine"), make_source("other")
    actor = queries.actor_of_source(mine)
    make_incident(source=mine, by=actor, confirmed=False)
    with pytest.raises(Refusal, match="own name"):
        make_incident(source=other, by=actor, confirmed=False)


def test_precision_is_by_role_and_never_the_reverse(personas):
    made = make_incident(lon=-73.9, lat=40.7)
    seen = queries.shown(actor_of(personas.alice), made)
    assert (seen.precise, seen.block, seen.hurt) == (True, "Sample Street & 5 Avenue", 1)
    coarse = queries.shown(actor_of(personas.dan), made)
    assert not coarse.precise
    assert (coarse.block, coarse.lon, coarse.lat, coarse.hurt) == ("", None, None, None)
    assert (coarse.occurred_at.hour, coarse.time_known) == (0, False)
    with pytest.raises(Http404):
        queries.shown(actor_of(personas.ada), made)
    assert not queries.incidents(actor_of(personas.ada))


def test_what_waits_is_unknown_to_those_who_see_areas_only(personas):
    made = make_incident(confirmed=False)
    assert not queries.incidents(actor_of(personas.dan))
    assert queries.changed_after(actor_of(personas.dan), 0).shown == ()
    (seen,) = queries.changed_after(actor_of(personas.alice), 0).shown
    assert seen.key == made.key
