"""Who may add, see, change and close whom; and what of it stands in the ledger."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connections
from django.http import Http404

from stoop.accounts import actions, queries
from stoop.accounts.models import Membership, Person
from stoop.accounts.permissions import NOBODY, ROLES, SYSTEM, Permission, actor_of, today
from stoop.accounts.tests import factories
from stoop.kernel.errors import Refusal
from stoop.ledger import queries as ledger


def add(by, role="outreach_worker", site=None, name="Noor", email="noor@example.org"):
    organization = site.organization if site else factories.organization()
    return actions.add_person(
        email=email, name=name, role=role, site=site, organization=organization, by=actor_of(by)
    )


def test_a_supervisor_adds_people_to_her_own_site_alone(personas) -> None:
    assert add(personas.alice, site=personas.site).name == "Noor"
    for by, role, site in (
        (personas.alice, "outreach_worker", personas.other),
        (personas.alice, "duty_officer", None),
        (personas.alice, "administrator", None),
        (personas.ann, "outreach_worker", personas.site),
        (personas.carol, "outreach_worker", personas.site),
        (personas.eve, "police_liaison", None),
        (personas.nobody, "researcher", None),
    ):
        with pytest.raises(Http404):
            add(by, role, site, email="other@example.org")
    assert not Person.objects.filter(email="other@example.org").exists()


def test_a_role_stands_in_its_place(personas) -> None:
    for role, site, why in (
        ("duty_officer", personas.site, "whole city"),
        ("outreach_worker", None, "at a site"),
        ("prosecutor", None, "no such role"),
        ("Administrator", None, "no such role"),
    ):
        with pytest.raises(Refusal, match=why):
            add(personas.ada, role, site)


def test_no_role_is_for_prosecutors() -> None:
    said = " ".join(f"{r.code} {r.label} {r.sentence}" for r in ROLES.values()).lower()
    assert "prosecut" not in said
    assert "district attorney" not in said


def test_an_e_mail_is_one_persons(personas) -> None:
    with pytest.raises(Refusal, match="in Stoop already"):
        add(personas.ada, site=personas.site, email="ALICE@example.org ")


def test_giving_a_role_twice_and_ending_it_twice_count_once(personas) -> None:
    by = actor_of(personas.ada)
    given = {
        "person": personas.nobody, "role": "outreach_worker", "site": personas.site,
        "organization": personas.site.organization, "by": by,
    }  # fmt: skip
    first = actions.add_membership(**given)
    assert actions.add_membership(**given) == first
    assert queries.people_at(personas.site.pk).filter(pk=personas.nobody.pk).exists()
    for _ in range(2):
        ended = actions.end_membership(membership=first, by=by)
    assert ended.until == today() - timedelta(days=1)
    assert not queries.people_at(personas.site.pk).filter(pk=personas.nobody.pk).exists()
    kinds = [event.kind for event in ledger.timeline(personas.nobody.ref)]
    assert kinds == ["membership.began", "membership.ended"]


def test_a_role_ends_at_once_and_only_for_who_may(personas) -> None:
    ann = Membership.objects.get(person=personas.ann)
    for by in (personas.bob, personas.carol, personas.ann):
        with pytest.raises(Http404):
            actions.end_membership(membership=ann, by=actor_of(by))
    actions.end_membership(membership=ann, by=actor_of(personas.alice))
    assert actor_of(personas.ann).grants == frozenset({(Permission.SELF, None)})


def test_who_sees_whom(personas) -> None:
    def names(person, **choices) -> set[str]:
        return {each.person.name for each in queries.colleagues(actor_of(person), **choices)}

    assert names(personas.alice) == {"Alice", "Ann"}
    assert names(personas.bob) == {"Bob"}
    assert {"Alice", "Bob", "Carol", "Nobody"} < names(personas.ada)
    for outsider in (personas.ann, personas.carol, personas.cass, personas.dan, personas.eve):
        assert names(outsider) == set()
    assert names(personas.ada, words="ALI") == {"Alice"}
    assert names(personas.ada, words="example eve") == {"Eve"}
    assert names(personas.ada, site=personas.site.pk) == {"Alice", "Ann"}


def test_a_supervisor_sees_no_role_elsewhere(personas) -> None:
    actions.add_membership(
        person=personas.ann, role="duty_officer", organization=factories.organization(), by=SYSTEM
    )
    seen = queries.colleague(actor_of(personas.alice), personas.ann.key)
    assert [held.membership.role for held in seen.held] == ["outreach_worker"]
    everything = queries.colleague(actor_of(personas.ada), personas.ann.key)
    assert len(everything.held) == 2


def test_closing_and_opening_an_account(personas) -> None:
    by = actor_of(personas.ada)
    for outsider in (personas.alice, personas.carol, personas.nobody):
        with pytest.raises(Http404):
            actions.deactivate(person=personas.ann, by=actor_of(outsider))
    for _ in range(2):
        actions.deactivate(person=personas.ann, by=by)
    assert actor_of(Person.objects.get(pk=personas.ann.pk)) == NOBODY
    assert personas.ann not in queries.people_at(personas.site.pk)
    with pytest.raises(Refusal, match="closed"):
        actions.add_membership(
            person=Person.objects.get(pk=personas.ann.pk), role="outreach_worker",
            site=personas.site, organization=personas.site.organization, by=by,
        )  # fmt: skip
    actions.reactivate(person=personas.ann, by=by)
    assert actor_of(Person.objects.get(pk=personas.ann.pk)).grants == {(Permission.SELF, None)}
    kinds = [event.kind for event in ledger.timeline(personas.ann.ref)]
    assert kinds == ["membership.ended", "person.deactivated", "person.reactivated"]


@pytest.mark.only_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_end_each_other_one_stays(personas) -> None:
    """Two who do so at one moment, each with a connection of her own."""
    first = Membership.objects.get(person=personas.ada)
    last = Membership.objects.create(
        person=personas.cass, role=first.role, organization=first.organization, since=first.since
    )

    def end(begin: threading.Barrier, held: Membership) -> None:
        begin.wait(20)
        with suppress(Refusal):
            actions.end_membership(membership=held, by=SYSTEM)
        connections.close_all()

    for _ in range(5):
        Membership.objects.filter(pk__in=[first.pk, last.pk]).update(until=None)
        begin = threading.Barrier(2)
        both = [threading.Thread(target=end, args=(begin, each)) for each in (first, last)]
        for each in both:
            each.start()
        for each in both:
            each.join(30)
        assert Membership.objects.filter(role=first.role, until=None).count() == 1


def test_the_city_keeps_an_administrator(personas) -> None:
    by, last = actor_of(personas.ada), Membership.objects.get(person=personas.ada)
    with pytest.raises(Refusal, match="last administrator"):
        actions.end_membership(membership=last, by=by)
    with pytest.raises(Refusal, match="last administrator"):
        actions.deactivate(person=personas.ada, by=SYSTEM)
    assert Person.objects.get(pk=personas.ada.pk).is_active
    add(personas.ada, "administrator")
    actions.end_membership(membership=last, by=by)
    assert not actor_of(personas.ada).sites(Permission.PEOPLE_EDIT)


def test_nobody_closes_or_unlocks_herself(personas) -> None:
    by = actor_of(personas.ada)
    with pytest.raises(Refusal, match="another administrator"):
        actions.deactivate(person=personas.ada, by=by)
    with pytest.raises(Refusal, match="Another administrator"):
        actions.drop_second_factor(person=personas.ada, by=by)
    actions.drop_second_factor(person=personas.alice, by=by)
    assert actor_of(personas.alice).owes


@pytest.mark.parametrize(
    ("phone", "kept"),
    [("+1 (212) 555-0100", "+12125550100"), ("", ""), ("12", None), ("1" * 17, None)],
)
def test_ones_own_phone(personas, phone, kept) -> None:
    said = {"name": "Ann", "phone": phone, "language": "es", "by": actor_of(personas.ann)}
    if kept is None:
        with pytest.raises(Refusal, match="7 to 15 digits"):
            actions.edit_self(**said)
    else:
        assert actions.edit_self(**said).phone == kept


def test_who_is_asked_for(personas) -> None:
    assert queries.person(personas.ann.pk) == personas.ann
    assert queries.person(str(personas.ann.key)) == personas.ann
    assert queries.person(0) is None
    assert list(queries.supervisors(personas.site.pk)) == [personas.alice]
    assert list(queries.people_at(personas.site.pk)) == [personas.alice, personas.ann]
    assert list(queries.people_at(personas.site.pk, Permission.ROTA_EDIT)) == [personas.alice]


def test_no_name_and_no_address_comes_into_the_ledger(personas) -> None:
    made = add(personas.ada, site=personas.site, name="Noor Unusual", email="unusual@example.org")
    actions.edit_self(name="Noor Unusualer", phone="+12125550100", language="en", by=actor_of(made))
    actions.deactivate(person=made, by=actor_of(personas.ada))
    for event in ledger.events_after(0):
        text = f"{event.kind} {event.subject} {event.actor} {event.site} {event.data}".lower()
        assert "unusual" not in text
        assert "0100" not in text.replace(str(made.key), "")


def test_nobody_gives_a_role_to_herself(personas) -> None:
    with pytest.raises(Refusal, match="herself"):
        actions.add_membership(
            person=personas.ada,
            role="duty_officer",
            organization=queries.organizations().get(code="city"),
            by=actor_of(personas.ada),
        )
