"""Sessions: Django's, in the database, but under a digest of the key that the cookie holds.

Whoever reads the tables, or a backup of them, finds no key to come in with. The sign-in library's
list of sessions is kept under the same digest, and by us: the library would write the key in it.
Settings name this file as SESSION_ENGINE.
"""

from typing import Any

from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from stoop.accounts.models import Person
from stoop.accounts.permissions import Actor, Permission, require
from stoop.accounts.queries import kept_as
from stoop.ledger import actions as ledger


class SessionStore(db.SessionStore):
    """Django's store with the digest wherever the key would go to the database."""

    def _get_session_from_db(self) -> Session | None:
        live = Session.objects.filter(expire_date__gt=timezone.now())
        found = live.filter(session_key=kept_as(self.session_key or "")).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(kept_as(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        made: Session = super().create_model_instance(data)
        made.session_key = kept_as(made.session_key)
        return made

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(kept_as(key))

    def cycle_key(self) -> None:
        """The same session under a new key stays the same line of the list."""
        before = self.session_key
        super().cycle_key()
        if before:
            listed = UserSession.objects.filter(session_key=kept_as(before))
            listed.update(session_key=kept_as(self.session_key))

    @classmethod
    def clear_expired(cls) -> None:
        super().clear_expired()
        UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()

    # Nothing asks asynchronously today; if something does, it must not write the key.
    _aget_session_from_db = sync_to_async(_get_session_from_db)
    aexists = sync_to_async(exists)
    acreate_model_instance = sync_to_async(create_model_instance)
    adelete = sync_to_async(delete)
    acycle_key = sync_to_async(cycle_key)


@transaction.atomic
def begin_session(*, key: str, address: str, agent: str, by: Actor) -> None:
    """Put the session that has just been signed in to on its person's list."""
    require(by, Permission.SELF)
    UserSession.objects.create(
        user=by.person, session_key=kept_as(key), ip=address, user_agent=agent[:_AGENT]
    )
    ledger.record(kind="person.signed_in", subject=by.ref, by=by.ref)


_AGENT = UserSession._meta.get_field("user_agent").max_length


@transaction.atomic
def end_sessions(*, person: Person, by: Actor, but: str = "") -> int:
    """Sign a person out everywhere, except in the session with the key `but`; of how many."""
    listed = UserSession.objects.filter(user=person).exclude(session_key=kept_as(but))
    if ended := _end(list(listed)):
        ledger.record(kind="person.sessions_ended", subject=person.ref, by=by.ref)
    return ended


@transaction.atomic
def end_session(*, session: int, by: Actor) -> bool:
    """Sign oneself out of one session, by its id; False when it is over already."""
    require(by, Permission.SELF)
    if not _end(list(UserSession.objects.filter(user=by.person, pk=session))):
        return False
    ledger.record(kind="person.session_ended", subject=by.ref, by=by.ref)
    return True


def _end(listed: list[UserSession]) -> int:
    Session.objects.filter(session_key__in=[each.session_key for each in listed]).delete()
    UserSession.objects.filter(pk__in=[each.pk for each in listed]).delete()
    return len(listed)
