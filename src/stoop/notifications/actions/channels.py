"""The ways that people give by which they can be reached, and when they are left alone."""

import base64
import hmac
import re
import secrets
from datetime import time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from stoop.accounts.permissions import SYSTEM, Actor, Permission, require, within
from stoop.kernel import clock, ids
from stoop.kernel.errors import Refusal
from stoop.ledger.actions import record
from stoop.notifications.actions.senders import console, push, sms
from stoop.notifications.actions.senders.message import one_line
from stoop.notifications.models import Channel, PhoneCode, Preference

MOST_CHANNELS = 10
CODE_MINUTES = 10
CODES_AN_HOUR = 5
TRIES = 5
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


@transaction.atomic
def add_channel(
    *, by: Actor, kind: str, address: str, keys: dict[str, str] | None = None, label: str = ""
) -> Channel:
    """Give the actor a way to be reached: a browser that asked for push, or a phone number.

    A number is taken as it is: pages go through `ask_code` and `confirm_code` first. A browser
    belongs to whoever turned it on last. Adding what is there already makes it work again.
    Raises Refusal when it cannot be one.
    """
    person = _person(by)
    if kind == Channel.Kind.PUSH:
        address, keys = _endpoint(address, keys)
        with within(SYSTEM):  # the row of whoever had it before is that person's
            Channel.objects.filter(kind=kind, address=address).exclude(person=person).delete()
    elif kind == Channel.Kind.SMS:
        address, keys = phone_number(address), {}
    else:
        raise Refusal(_("Choose this phone or a text message: e-mail goes to your account."))
    others = Channel.objects.filter(person=person).exclude(kind=kind, address=address)
    if others.count() >= MOST_CHANNELS:
        raise Refusal(_("You have ten ways already; take one away that you do not use."))
    channel, made = Channel.objects.update_or_create(
        person=person,
        kind=kind,
        address=address,
        defaults={"keys": keys, "label": one_line(label, 80), "active": True, "failed_at": None},
        create_defaults={
            "keys": keys,
            "label": one_line(label, 80),
            "added_at": clock.now(),
        },
    )
    if made:
        record(kind="channel.added", subject=by.ref, by=by.ref, data={"kind": kind})
    return channel


@transaction.atomic
def remove_channel(*, channel: Channel, by: Actor) -> None:
    """Take away one of the actor's own ways."""
    removed, _each = Channel.objects.filter(pk=channel.pk, person=_person(by)).delete()
    if not removed:
        raise Http404
    record(kind="channel.removed", subject=by.ref, by=by.ref, data={"kind": channel.kind})


@transaction.atomic
def remove_push(*, by: Actor, address: str) -> int:
    """Turn alerts off on the browser with this endpoint, if it is the actor's."""
    mine = Channel.objects.filter(person=_person(by), kind=Channel.Kind.PUSH, address=address)
    removed, _each = mine.delete()
    if removed:
        record(kind="channel.removed", subject=by.ref, by=by.ref, data={"kind": "push"})
    return removed


class Stale(Refusal):
    """One's own quiet hours were changed elsewhere meanwhile; nothing was written."""

    def __init__(self, begins: time | None, ends: time | None) -> None:
        self.begins, self.ends = begins, ends
        told = _("You took the quiet hours away elsewhere meanwhile. Send it again to have yours.")
        if begins and ends:
            told = _(
                "You changed this elsewhere meanwhile: there it is quiet from %(begins)s until "
                "%(ends)s. Send it again to have yours."
            ) % {"begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}"}
        super().__init__(told)


@transaction.atomic
def set_quiet(
    *,
    by: Actor,
    begins: time | None,
    ends: time | None,
    seen: tuple[time | None, time | None] | None = None,
) -> Preference:
    """Set the hours in which the actor hears of nothing that can wait; none with None twice.

    `seen` are the hours that the actor had before them. Who left them as they were changes
    nothing; otherwise Stale is raised where others stand there by now.
    """
    if (begins is None) != (ends is None):
        raise Refusal(_("Give both times, when the quiet begins and when it ends, or neither."))
    if begins is not None and begins == ends:
        raise Refusal(_("The quiet ends when it begins; choose two different times."))
    if seen is not None:
        held = _wish_held(by)
        now = (held.quiet_from, held.quiet_until)
        if (begins, ends) == seen:
            return held
        if now not in (seen, (begins, ends)):
            raise Stale(*now)
    return _prefer(by, quiet_from=begins, quiet_until=ends)


def _wish_held(by: Actor) -> Preference:
    """What the actor chose until now, nobody else's until the transaction ends."""
    Preference.objects.get_or_create(person=_person(by))
    return Preference.objects.select_for_update(no_key=True).get(person=by.person)


@transaction.atomic
def set_preferences(
    *, by: Actor, short_text: bool | None = None, email: bool | None = None
) -> Preference:
    """Choose whether a lock screen shows the place, and whether e-mail comes besides; None leaves
    it as it is."""
    chosen = {"short_text": short_text, "email": email}
    return _prefer(by, **{name: each for name, each in chosen.items() if each is not None})


def _prefer(by: Actor, **values: Any) -> Preference:
    wish, _made = Preference.objects.update_or_create(person=_person(by), defaults=values)
    record(kind="preference.changed", subject=by.ref, by=by.ref)
    return wish


def ask_code(*, by: Actor, number: str) -> PhoneCode:
    """Send six digits to a number that the actor says is theirs.

    Not one transaction: the code is kept before it is sent, so that asking has its limit also
    when sending fails. Raises Refusal when the number is none, there were too many codes, or the
    gateway does not take it.
    """
    digits = f"{secrets.randbelow(1_000_000):06d}"
    code = _new_code(by, phone_number(number), digits)
    text = _("%(code)s is your code for Stoop. If you did not ask for it, do nothing.")
    text = text % {"code": digits}
    if settings.STOOP_SMS_URL.startswith("console:"):
        outcome = console.say(code.number, text)
    else:
        outcome = sms.hand_over(to=code.number, text=text, key=ids.new().hex)
    if outcome.state != "sent":
        raise Refusal(_("The code could not be sent. Look at the number, or try in a minute."))
    return code


@transaction.atomic
def _new_code(by: Actor, number: str, digits: str) -> PhoneCode:
    person = _person(by)
    if not sms.ready():
        raise Refusal(_("This city has not set up text messages. Turn on alerts on your phone."))
    hour_ago = clock.now() - timedelta(hours=1)
    PhoneCode.objects.filter(made_at__lt=hour_ago - timedelta(hours=23)).delete()
    recent = PhoneCode.objects.filter(made_at__gt=hour_ago)
    if recent.filter(person=person).count() >= CODES_AN_HOUR or (
        recent.filter(number=number).count() >= CODES_AN_HOUR
    ):
        raise Refusal(_("That is enough codes for now. Wait an hour, then ask again."))
    code = PhoneCode.objects.create(
        person=person, number=number, digest=_digest(number, digits), made_at=clock.now()
    )
    record(kind="channel.code_sent", subject=by.ref, by=by.ref)
    return code


def confirm_code(*, by: Actor, digits: str) -> Channel:
    """The actor typed the digits: the number that they were sent to is theirs.

    Raises Refusal for wrong digits, and after five of them until a new code is asked for. A wrong
    try is counted although it is refused, so this is not one transaction.
    """
    oldest = clock.now() - timedelta(minutes=CODE_MINUTES)
    code = PhoneCode.objects.filter(person=_person(by), made_at__gt=oldest).order_by("-pk").first()
    if code is None or not _tried(code):
        raise Refusal(_("That code is too old or was tried too often. Ask for a new one."))
    typed = "".join(str(int(sign)) for sign in digits if sign.isdecimal())
    if not hmac.compare_digest(code.digest, _digest(code.number, typed)):
        raise Refusal(_("Those are not the digits that were sent. Look again, and type all six."))
    return _confirmed(by, code)


@transaction.atomic
def _tried(code: PhoneCode) -> bool:
    """Count one try; whether it was still allowed."""
    return bool(PhoneCode.objects.filter(pk=code.pk, tries__lt=TRIES).update(tries=F("tries") + 1))


@transaction.atomic
def _confirmed(by: Actor, code: PhoneCode) -> Channel:
    PhoneCode.objects.filter(person=code.person_id).update(tries=TRIES)
    return add_channel(by=by, kind=Channel.Kind.SMS, address=code.number)


def phone_number(text: str) -> str:
    """A number as a gateway wants it: + and the country first; a bare one is of this country."""
    if len(text) > 40:
        raise Refusal(_("That is too long for a phone number. Write it like +1 212 555 0100."))
    kept = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text.strip())
    digits = re.sub(r"[\s().\-/\u2010-\u2015\u200e\u200f\u202a-\u202e]", "", kept)
    digits = re.sub(r"^00", "+", digits)
    if re.fullmatch(r"[0-9]{10}", digits):
        digits = f"+{settings.STOOP_PHONE_COUNTRY}{digits}"
    elif re.fullmatch(rf"{settings.STOOP_PHONE_COUNTRY}[0-9]{{10}}", digits):
        digits = f"+{digits}"
    if not NUMBER.fullmatch(digits):
        raise Refusal(_("That is no phone number. Write it like +1 212 555 0100."))
    return digits


def _endpoint(address: str, keys: dict[str, str] | None) -> tuple[str, dict[str, str]]:
    try:
        push.checked(address)
        given = {name: str((keys or {})[name]) for name in ("p256dh", "auth")}
        sizes = {name: len(_bytes(value)) for name, value in given.items()}
    except (push.NotAllowedError, KeyError, ValueError):
        sizes, given = {}, {}
    if sizes != {"p256dh": 65, "auth": 16}:
        raise Refusal(_("This browser's push service is not known here. Use a text message."))
    return address, given


def _bytes(text: str) -> bytes:
    if len(text) > 200:
        raise ValueError("too long")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _digest(number: str, digits: str) -> str:
    return salted_hmac("stoop.phone", f"{number} {digits}", algorithm="sha256").hexdigest()


def _person(by: Actor) -> Any:
    require(by, Permission.SELF)
    if by.person is None:
        raise Http404
    return by.person
