"""People are added by who keeps them, and go by being made inactive. Nobody is removed: what they
did stands in the ledger under their key."""

import unicodedata

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from stoop.accounts.actions.memberships import add_membership, end_membership, hold, require_place
from stoop.accounts.actions.sessions import end_sessions
from stoop.accounts.models import Organization, Person, Site
from stoop.accounts.permissions import Actor, Permission, require, today
from stoop.accounts.queries import held_on
from stoop.kernel.errors import Refusal
from stoop.ledger import actions as ledger


@transaction.atomic
def add_person(
    *,
    email: str,
    name: str,
    role: str,
    organization: Organization,
    by: Actor,
    site: Site | None = None,
    password: str | None = None,
    language: str = "en",
) -> Person:
    """Somebody with one role; without a password nobody can sign in as them yet.

    Refuses an e-mail that is none or that somebody has already, and a name that is empty or holds
    line breaks or other signs that are not seen.
    """
    require_place(by, site)
    email, name = cleaned_email(email), cleaned_name(name)
    if Person.objects.filter(email__iexact=email).exists():
        raise Refusal(
            "Somebody with this e-mail is in Stoop already; open that person and give the role "
            "there, or ask an administrator to."
        )
    made = Person(email=email, name=name, language=language)
    made.set_password(password)
    made.save()
    EmailAddress.objects.create(user=made, email=email, primary=True, verified=bool(password))
    ledger.record(
        kind="person.added", subject=made.ref, by=by.ref, site=site.code if site else "", data={}
    )
    add_membership(person=made, role=role, organization=organization, site=site, by=by)
    return made


def cleaned_email(text: str) -> str:
    """The address in lower case; refuses what is none, and what could end a header."""
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refusal("This is no e-mail address; write it like name@example.org.") from error
    return email


def cleaned_name(text: str) -> str:
    """The name without space around it; refuses one that is empty, long, or has hidden signs."""
    name = text.strip()
    hidden = any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in name)
    if not name or hidden or len(name) > 120:
        raise Refusal("Write the name on one line, with 1 to 120 letters.")
    return name


@transaction.atomic
def edit_self(*, name: str, phone: str, language: str, by: Actor) -> Person:
    """Change one's own name, phone and language. A phone is for messages: digits, + and spaces."""
    require(by, Permission.SELF)
    assert by.person is not None
    person = Person.objects.select_for_update(no_key=True).get(pk=by.person.pk)
    digits = "".join(sign for sign in phone if sign in "+0123456789")
    if phone.strip() and not 7 <= len(digits) <= 16:
        raise Refusal("Write the phone number with 7 to 15 digits, like +1 212 555 0100.")
    before = (person.name, person.phone, person.language)
    person.name, person.phone, person.language = cleaned_name(name), digits, language
    if before != (person.name, person.phone, person.language):
        person.save(update_fields=["name", "phone", "language"])
        ledger.record(kind="person.edited", subject=person.ref, by=by.ref)
    return person


@transaction.atomic
def deactivate(*, person: Person, by: Actor) -> Person:
    """End somebody's roles and sessions and let her sign in no more. Doing it twice is no error."""
    person = _kept(person, by)
    if by.person == person:
        raise Refusal("You cannot close your own account; another administrator can.")
    for held in hold(held_on(today()) & Q(person=person)):
        end_membership(membership=held, by=by)
    end_sessions(person=person, by=by)
    if person.is_active:
        person.is_active = False
        person.save(update_fields=["is_active"])
        ledger.record(kind="person.deactivated", subject=person.ref, by=by.ref)
    return person


@transaction.atomic
def reactivate(*, person: Person, by: Actor) -> Person:
    """Let somebody sign in again; roles are given anew, one by one."""
    person = _kept(person, by)
    if not person.is_active:
        person.is_active = True
        person.save(update_fields=["is_active"])
        ledger.record(kind="person.reactivated", subject=person.ref, by=by.ref)
    return person


@transaction.atomic
def drop_second_factor(*, person: Person, by: Actor) -> Person:
    """For who lost her phone: all second factors and sessions go; she sets one up at next sign-in.

    Nobody does it for herself: a second person vouches that it is she who asks.
    """
    person = _kept(person, by)
    if by.person == person:
        raise Refusal(
            "Another administrator has to do this for you; a recovery code helps meanwhile."
        )
    gone, _ = Authenticator.objects.filter(user=person).delete()
    end_sessions(person=person, by=by)
    if gone:
        ledger.record(kind="person.second_factor_dropped", subject=person.ref, by=by.ref)
    return person


def note(*, person: Person, what: str, by: Actor) -> None:
    """Leave what happened to somebody's own account in the ledger: signed_in, password_changed."""
    ledger.record(kind=f"person.{what}", subject=person.ref, by=by.ref)


def _kept(person: Person, by: Actor) -> Person:
    """The person, locked, when the actor keeps the people of the whole city."""
    require_place(by, None)
    return Person.objects.select_for_update(no_key=True).get(pk=person.pk)
