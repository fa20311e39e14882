"""Telling people until somebody takes it."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.http import Http404

from stoop.accounts import actions as accounts
from stoop.accounts.permissions import NOBODY, SYSTEM, actor_of
from stoop.accounts.tests.factories import Membership
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger.tests.factories import Event
from stoop.notifications import actions, queries
from stoop.notifications.models import Alert
from stoop.notifications.tests import factories

pytestmark = pytest.mark.django_db
START = datetime(2026, 7, 4, 3, 40, tzinfo=UTC)


def told(alert: Alert) -> list[tuple[str, int]]:
    rows = alert.deliveries.order_by("turn", "step", "pk")
    return [(each.person.name, each.step) for each in rows]


def events(alert: Alert) -> list[str]:
    found = Event.objects.filter(subject=f"alert:{alert.key}").order_by("seq")
    return [each.kind for each in found]


def after(minutes: float):
    return clock.held(START + timedelta(minutes=minutes))


def test_the_first_step_is_told_at_once(personas) -> None:
    alert = factories.alert(personas.site, [personas.alice], [personas.ann])
    assert actions.deliver_due() == 1
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]
    assert told(alert) == [("Alice", 0)]
    assert events(alert) == ["alert.told", "alert.delivered"]


def test_told_once_for_each_once(personas) -> None:
    first = factories.alert(personas.site, [personas.alice], once="shooting:1")
    again = factories.alert(personas.site, [personas.ann], once="shooting:1")
    assert again.pk == first.pk
    assert told(first) == [("Alice", 0)]
    assert events(first) == ["alert.told"]


def test_later_steps_hear_the_new_words(personas) -> None:
    steps = [personas.alice], [personas.ann]
    with after(0):
        factories.alert(personas.site, *steps, once="shooting:1")
        factories.alert(personas.site, *steps, once="shooting:1", title="Shooting, Oak St, 23:40")
    with after(5):
        assert actions.escalate_due() == 1
        actions.deliver_due()
    assert [message.subject for message in mail.outbox if message.to == ["ann@example.org"]] == [
        "Shooting, Oak St, 23:40"
    ]


def test_steps_follow_until_nobody_is_left(personas) -> None:
    with after(0):
        alert = factories.alert(
            personas.site, [personas.alice], [], [personas.ann, personas.alice], [personas.carol]
        )
    with after(4.99):
        assert actions.escalate_due() == 0
    with after(5):
        assert actions.escalate_due() == 1
        assert actions.escalate_due() == 0
    assert told(alert) == [("Alice", 0), ("Ann", 2)]
    with after(10):
        actions.escalate_due()
    assert told(alert) == [("Alice", 0), ("Ann", 2), ("Carol", 3)]
    with after(15):
        assert actions.escalate_due() == 1
        assert actions.escalate_due() == 0
        alert.refresh_from_db()
        assert alert.unanswered_at == clock.now()
    assert alert.open
    assert events(alert)[-2:] == ["alert.escalated", "alert.unanswered"]
    assert alert in queries.inbox(actor_of(personas.carol)).open


def test_a_worker_that_slept_tells_every_step_once(personas) -> None:
    with after(0):
        alert = factories.alert(personas.site, [personas.alice], [personas.ann], [personas.carol])
    with after(600):
        assert [actions.escalate_due() for _ in range(3)] == [1, 0, 0]
    assert told(alert) == [("Alice", 0), ("Ann", 1)]


def test_a_step_of_those_who_know_already_is_passed_over(personas) -> None:
    with after(0):
        alert = factories.alert(personas.site, [personas.alice], [personas.alice], [personas.ann])
    with after(5):
        actions.escalate_due()
    assert told(alert) == [("Alice", 0), ("Ann", 2)]


def test_nobody_on_call_is_said_at_once(personas) -> None:
    personas.ann.is_active = False
    personas.ann.save()
    alert = factories.alert(personas.site, [], [personas.ann])
    assert alert.unanswered_at is not None
    assert told(alert) == []
    assert events(alert) == ["alert.told", "alert.unanswered"]


def test_whose_work_here_has_ended_hears_of_nothing(personas, client) -> None:
    """A role that ends takes with it the next step, the message on its way, and the old alerts."""
    with after(0):
        here = factories.alert(personas.site, [personas.ann], [personas.alice])
        later = factories.alert(personas.site, [personas.alice], [personas.ann])
        held = Membership.objects.get(person=personas.ann)
        accounts.end_membership(membership=held, by=actor_of(personas.alice))
        actions.deliver_due()
    with after(5):
        actions.escalate_due()
        actions.deliver_due()
    assert [message.to for message in mail.outbox if message.to == ["ann@example.org"]] == []
    assert told(later) == [("Alice", 0)]
    assert not queries.inbox(actor_of(personas.ann)).open
    client.force_login(personas.ann)
    assert client.get(f"/alerts/{here.key}/").status_code == 404
    assert b"Main St" not in client.get("/alerts/").content
    test = actions.test_alert(by=actor_of(personas.ann))
    actions.deliver_due()
    assert client.get(f"/alerts/{test.key}/").status_code == 200
    assert [message.to for message in mail.outbox][-1] == ["ann@example.org"]


def test_taking_ends_it(personas) -> None:
    with after(0):
        alert = factories.alert(personas.site, [personas.alice, personas.ann], [personas.carol])
        taken = actions.take(alert=alert, by=actor_of(personas.alice))
    assert (taken.mine, taken.sentence) == (True, "You have it.")
    with after(30):
        assert actions.escalate_due() == 0
        assert actions.deliver_due() == 0
    assert {each.state for each in alert.deliveries.all()} == {"dropped"}
    event = Event.objects.get(kind="alert.taken")
    assert event.actor == personas.alice.ref
    assert event.site == personas.site.code
    assert event.data == {"about": alert.subject, "step": 0}


def test_the_second_is_told_who_has_it(personas) -> None:
    alert = factories.alert(personas.site, [personas.alice, personas.ann])
    actions.take(alert=alert, by=actor_of(personas.alice))
    second = actions.take(alert=alert, by=actor_of(personas.ann))
    again = actions.take(alert=alert, by=actor_of(personas.alice))
    assert (second.mine, second.sentence) == (False, "Alice has it already.")
    assert (again.mine, again.sentence) == (True, "You have it already.")
    assert events(alert).count("alert.taken") == 1


@pytest.mark.parametrize("who", ["bob", "carol", "cass", "ada", "dan", "eve", "rita", "nobody"])
def test_outsiders_cannot_take(personas, who: str) -> None:
    alert = factories.alert(personas.site, [personas.alice])
    with pytest.raises(Http404):
        actions.take(alert=alert, by=actor_of(getattr(personas, who)))
    with pytest.raises(Http404):
        actions.take(alert=alert, by=NOBODY)


def test_who_covers_from_another_site_may_take_what_was_told(personas) -> None:
    alert = factories.alert(personas.site, [personas.bob])
    assert queries.one(actor_of(personas.bob), alert.key) == alert
    assert actions.take(alert=alert, by=actor_of(personas.bob)).mine


def test_what_no_site_answers_for_is_taken_at_the_desk(personas) -> None:
    alert = factories.alert(None, [personas.carol])
    assert not actions.may_take(actor_of(personas.alice), alert)
    taken = actions.take(alert=alert, by=actor_of(personas.carol))
    assert (taken.mine, taken.alert.taken_by) == (True, personas.carol)
    untold = factories.alert(None, [personas.ann], once="shooting:untold")
    assert not actions.may_take(actor_of(personas.carol), untold)
    assert not actions.may_take(actor_of(personas.ann), untold), "no desk of hers"


def test_only_a_shooting_is_to_be_taken(personas) -> None:
    nearby = factories.alert(personas.site, [personas.alice], [personas.ann], kind="nearby")
    assert nearby.next_step_at is None
    assert told(nearby) == [("Alice", 0)]
    with pytest.raises(Http404):
        actions.take(alert=nearby, by=actor_of(personas.alice))


def test_given_back_it_begins_anew_without_oneself(personas) -> None:
    with after(0):
        alert = factories.alert(personas.site, [personas.alice, personas.ann], [personas.carol])
        actions.deliver_due()
        actions.take(alert=alert, by=actor_of(personas.alice))
    with after(3):
        actions.give_back(alert=alert, by=actor_of(personas.alice))
        actions.deliver_due()
    assert told(alert) == [("Alice", 0), ("Ann", 0), ("Ann", 0)]
    assert [message.to[0][:3] for message in mail.outbox] == ["ali", "ann", "ann"]
    with after(8):
        assert actions.escalate_due() == 1
    assert told(alert)[-1] == ("Carol", 1)
    assert events(alert)[-1] == "alert.escalated"


def test_what_another_has_cannot_be_given_back(personas) -> None:
    alert = factories.alert(personas.site, [personas.alice, personas.ann])
    actions.take(alert=alert, by=actor_of(personas.alice))
    with pytest.raises(Refusal):
        actions.give_back(alert=alert, by=actor_of(personas.ann))


def test_of_several_at_once_one_that_was_told_before_holds_up_no_other(personas) -> None:
    said = {"subject": "incident:1", "site": personas.site, "text": "", "path": "/"}
    said |= {"kind": "shooting", "steps": [[personas.alice.pk], [personas.ann.pk]]}
    before = actions.tell(once="a", title="Shooting, Main St", **said)
    again = [
        actions.Telling(once=once, title="Shooting, Oak St", **said) for once in ("b", "a", "b")
    ]
    found = actions.tell_all(again)
    assert [alert.once for alert in found] == ["b", "a", "b"]
    assert found[1].pk == before.pk
    assert found[1].title == "Shooting, Oak St", "it is still open: later steps hear the new words"
    assert [told(alert) for alert in found] == [[("Alice", 0)]] * 3
    assert actions.tell_all([]) == []


def test_who_took_it_on_the_screen_before_any_message_counts_as_told(personas) -> None:
    alert = factories.alert(personas.site, [personas.alice], [personas.ann])
    assert actions.take(alert=alert, by=actor_of(personas.ann)).mine
    actions.deliver_due()  # nothing is sent: it is taken
    assert queries.told(alert.subject) == {personas.site.pk: [personas.ann.pk]}


def test_who_took_it_and_gave_it_back_hears_what_is_known_later(personas) -> None:
    """Ann saw it on the screen before her turn came, and never had a message of it."""
    actions.set_quiet(by=actor_of(personas.ann), begins=time(22), ends=time(7))
    with clock.held(datetime(2026, 7, 4, 3, 40, tzinfo=UTC)):
        alert = factories.alert(personas.site, [personas.alice], [personas.ann])
        actions.take(alert=alert, by=actor_of(personas.ann))
        actions.give_back(alert=alert, by=actor_of(personas.ann))
        assert told(alert) == [("Alice", 0), ("Alice", 0)]
        found = queries.told(alert.subject)
        assert found == {personas.site.pk: [personas.alice.pk, personas.ann.pk]}
        factories.alert(personas.site, [personas.ann], kind="retraction", subject=alert.subject)
        mail.outbox.clear()
        actions.deliver_due()
        assert "ann@example.org" in [message.to[0] for message in mail.outbox], "quiet or not"


def test_a_correction_goes_to_all_who_were_told_and_is_not_taken(personas) -> None:
    with after(0):
        alert = factories.alert(personas.site, [personas.alice], [personas.ann])
        nearby = factories.alert(
            personas.other, [personas.bob], kind="nearby", subject=alert.subject
        )
    with after(5):
        actions.escalate_due()
        found = queries.told(alert.subject)
        assert found == {
            personas.site.pk: [personas.alice.pk, personas.ann.pk],
            personas.other.pk: [personas.bob.pk],
        }
        correction = factories.alert(
            personas.site,
            [personas.alice],
            [personas.ann],
            kind="correction",
            subject=alert.subject,
            title="Correction",
            text="It was Main St. It is Oak St.",
        )
    assert told(correction) == [("Alice", 0), ("Ann", 0)]
    assert correction.next_step_at is None
    assert not correction.open
    assert nearby.subject == alert.subject


def test_closing_ends_it_for_all(personas) -> None:
    with after(0):
        alert = factories.alert(personas.site, [personas.alice], [personas.ann])
        assert actions.close_alerts(alert.subject, by=SYSTEM) == 1
        assert actions.close_alerts(alert.subject, by=SYSTEM) == 0
        assert actions.deliver_due() == 0
    with after(10):
        assert actions.escalate_due() == 0
    late = actions.take(alert=alert, by=actor_of(personas.alice))
    assert (late.mine, late.sentence) == (
        False,
        "Nobody needs to take this any more: it was closed.",
    )
    with pytest.raises(Http404):
        actions.close_alerts(
            factories.alert(personas.site, [personas.alice]).subject,
            by=actor_of(personas.alice),
        )


def test_the_ledger_holds_no_words(personas) -> None:
    alert = factories.alert(personas.site, [personas.alice], title="Shooting, Elm St, 23:40")
    actions.deliver_due()
    actions.take(alert=alert, by=actor_of(personas.alice))
    said = str(list(Event.objects.values_list("kind", "subject", "actor", "site", "data")))
    for word in ("Elm", "Alice", "example.org"):
        assert word not in said


def test_a_test_reaches_oneself_once_for_two_taps(personas) -> None:
    actor = actor_of(personas.dan)
    one, two = actions.test_alert(by=actor), actions.test_alert(by=actor)
    assert one == two
    actions.deliver_due()
    assert [message.to for message in mail.outbox] == [["dan@example.org"]]


def test_whom_an_alert_concerns(personas) -> None:
    alert = factories.alert(personas.site, [personas.alice])
    can_see = {
        name
        for name in ("alice", "ann", "bob", "carol", "cass", "ada", "dan", "eve", "rita", "nobody")
        if queries.one(actor_of(getattr(personas, name)), alert.key)
    }
    assert can_see == {"alice", "ann", "carol"}
    assert queries.one(NOBODY, alert.key) is None
    assert queries.one(SYSTEM, str(alert.key)) == alert
    assert queries.one(SYSTEM, "no key") is None
    assert [each.alert for each in queries.story(actor_of(personas.carol), alert.subject)] == [
        alert
    ]
    assert queries.story(actor_of(personas.bob), alert.subject) == []


def test_a_worker_reads_of_her_own_messages_alone(personas) -> None:
    alert = factories.alert(personas.site, [personas.alice, personas.ann])
    for who, people in (("ann", {"Ann"}), ("alice", {"Alice", "Ann"}), ("carol", {"Alice", "Ann"})):
        story = queries.story_of(actor_of(getattr(personas, who)), alert)
        assert {word.person for word in story.words} == people
