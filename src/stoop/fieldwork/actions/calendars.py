"""Addresses for calendar programs: made anew, and the old one is dead."""

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
    if site is None:
        require(by, Permission.ROTA_VIEW)
        whose = {"person": by.person, "site": None}
    else:
        require(by, Permission.ROTA_EDIT, site.pk)
        whose = {"person": None, "site": site}
    token = secrets.token_urlsafe(24)
    Calendar.objects.filter(**whose).delete()
    Calendar.objects.create(**whose, token=digest(token), made_at=clock.now())
    subject = f"site:{site.code}" if site else by.ref
    ledger.record(kind="calendar.reset", subject=subject, by=by.ref, site=site.code if site else "")
    return token
