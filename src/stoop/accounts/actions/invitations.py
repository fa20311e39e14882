"""Invitations: a mail with a link that works once and for three days, and what follows from it."""

from datetime import timedelta
from smtplib import SMTPException

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from stoop.accounts.actions.memberships import require_place
from stoop.accounts.actions.people import add_person
from stoop.accounts.models import Membership, Organization, Person, Site
from stoop.accounts.permissions import ROLES, Actor, today
from stoop.accounts.queries import held_on
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger import actions as ledger


class _Links(PasswordResetTokenGenerator):
    """Django's tokens for a password reset, under a name of their own and by our clock.

    A token covers the password: it dies when one is set, and when another invitation goes out.
    """

    key_salt = "stoop.accounts.invitation"

    def _now(self):  # type: ignore[no-untyped-def]
        return clock.now().replace(tzinfo=None)


_links = _Links()


def invite(
    *,
    email: str,
    name: str,
    role: str,
    organization: Organization,
    by: Actor,
    site: Site | None = None,
    language: str = "en",
    path_to_accept: str = "accept-invitation",
) -> Person:
    """Add a person without a password and mail the link by which she sets one.

    `path_to_accept` names the address of the page that the link opens. The same said again within
    a minute, as by a second tap on the button, changes nothing. Refuses what `add_person` refuses,
    and a mail that cannot be sent: the person is then on the list, to be sent it again.
    """
    require_place(by, site)
    if just_now := _invited_just_now(email, role, site):
        return just_now
    with transaction.atomic():
        made = add_person(
            email=email,
            name=name,
            role=role,
            organization=organization,
            site=site,
            language=language,
            by=by,
        )
    return send_invitation(person=made, by=by, path_to_accept=path_to_accept)


def _invited_just_now(email: str, role: str, site: Site | None) -> Person | None:
    held = Membership.objects.filter(role=role, site=site).values("person_id")
    since = clock.now() - timedelta(minutes=1)
    found = Person.objects.filter(pk__in=held, email=email.strip().lower(), invited_at__gt=since)
    person = found.first()
    return None if person is None or person.has_usable_password() else person


def send_invitation(
    *, person: Person, by: Actor, path_to_accept: str = "accept-invitation"
) -> Person:
    """Mail a link that works once, for who has not come in yet; earlier links are dead."""
    with transaction.atomic():
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        held = Membership.objects.filter(held_on(today()), person=person).select_related("site")
        membership = held.first()
        require_place(by, membership.site if membership else None)
        if membership is None or _has_come(person) or not person.is_active:
            raise Refusal("This person needs no invitation; she can come in, or has no role.")
        person.set_unusable_password()
        person.invited_at = clock.now()
        person.save(update_fields=["password", "invited_at"])
        ledger.record(
            kind="person.invited",
            subject=person.ref,
            by=by.ref,
            site=membership.site.code if membership.site else "",
            data={"role": membership.role},
        )
    path = reverse(path_to_accept, args=[person.key, _links.make_token(person)])
    try:
        _mail(person, membership, settings.STOOP_URL + path).send()
    except (OSError, SMTPException) as error:
        raise Refusal(
            "The person is on the list, but the mail could not be sent; have the mail settings "
            "looked at, then send the invitation again from the person's page."
        ) from error
    return person


def _has_come(person: Person) -> bool:
    """By a password, or by the city's own sign-in: a new link would sign her out everywhere."""
    return person.has_usable_password() or person.last_login is not None


def _mail(person: Person, membership: Membership, link: str) -> EmailMessage:
    with translation.override(person.reads):
        where = membership.site.name if membership.site else membership.organization.name
        said = {
            "person": person,
            "role": ROLES[membership.role],
            "where": where,
            "link": link,
            "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 3600),
        }
        text = render_to_string("accounts/mail/invitation.txt", said)
        return EmailMessage(_("You are invited to Stoop"), text, to=[person.email])


def invited(key: object, token: str) -> Person | None:
    """Whom the link invites; None when it is wrong, used, replaced, run out, or the role is."""
    person = Person.objects.filter(key=key).first()
    return person if person and _opens(person, token) else None


def _opens(person: Person, token: str) -> bool:
    """Whoever has the link of a mail that went astray comes in no more once the role is ended."""
    held = Membership.objects.filter(held_on(today()), person=person)
    return person.is_active and _links.check_token(person, token) and held.exists()


@transaction.atomic
def accept_invitation(*, person: Person, token: str, password: str) -> Person:
    """Set the first password. The link is used up; the address is proved to be hers."""
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not _opens(person, token):
        raise Refusal("This invitation was used or has run out; ask for a new one.")
    person.set_password(password)
    person.save(update_fields=["password"])
    EmailAddress.objects.filter(user=person).update(verified=True)
    ledger.record(kind="person.accepted", subject=person.ref, by=person.ref)
    return person
