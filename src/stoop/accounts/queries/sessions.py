"""Where somebody is signed in."""

import hashlib

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from stoop.accounts.models import Person


def kept_as(key: str) -> str:
    """What the tables hold of a session's key: a digest of 160 bits, as many as the column takes.

    Keys are random and long, so that nobody finds one by its digest.
    """
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def sessions(person: Person) -> list[UserSession]:
    """Her sessions that still run, the newest first."""
    live = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return list(UserSession.objects.filter(user=person, session_key__in=live).order_by("-pk"))
