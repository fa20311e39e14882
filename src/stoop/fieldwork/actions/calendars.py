"""Addresses for calendar programs: made anew, and the old one is dead; ended."""

import hashlib
import secrets
from typing import Any

from django.db import transaction

from stoop.accounts.permissions import Actor, Permission, require
from stoop.fieldwork.models import Calendar
from stoop.kernel import clock
from stoop.ledger import actions as ledger


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def reset_calendar(*, by: Actor, site: Any = None) -> str:
    """A new token for the actor's own calendar, or for a site's; shown once, kept as a digest."""
    whose = _whose(by, site)
    token = secrets.token_urlsafe(24)
    Calendar.objects.filter(**whose).delete()
    Calendar.objects.create(**whose, token=digest(token), made_at=clock.now(), made_by=by.person)
    _record("calendar.reset", by, site)
    return token


@transaction.atomic
def end_calendar(*, by: Actor, site: Any = None) -> bool:
    """Let the address of the actor's own calendar, or of a site's, work no more; False if none."""
    gone, _each = Calendar.objects.filter(**_whose(by, site)).delete()
    if gone:
        _record("calendar.ended", by, site)
    return bool(gone)


def _whose(by: Actor, site: Any) -> dict[str, Any]:
    if site is None:
        require(by, Permission.ROTA_VIEW)
        return {"person": by.person, "site": None}
    require(by, Permission.ROTA_EDIT, site.pk)
    return {"person": None, "site": site}


def _record(kind: str, by: Actor, site: Any) -> None:
    subject = f"site:{site.code}" if site else by.ref
    ledger.record(kind=kind, subject=subject, by=by.ref, site=site.code if site else "")
