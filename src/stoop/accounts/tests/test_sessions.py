"""Sessions: the tables hold no key to come in with; they are listed, and ended."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from asgiref.sync import async_to_sync
from django.conf import settings as live
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stoop.accounts import queries
from stoop.accounts.actions.sessions import SessionStore
from stoop.accounts.models import Person
from stoop.accounts.tests.test_sign_in import PASSWORD, sign_in, with_password

pytestmark = pytest.mark.django_db
COOKIE = live.SESSION_COOKIE_NAME


@pytest.fixture
def ann(personas) -> Person:
    """An outreach worker: no second factor stands between her password and her sessions."""
    personas.ann.authenticator_set.all().delete()
    return with_password(personas.ann)


def came_in(person: Person) -> Client:
    client = Client()
    assert sign_in(client, person.email).status_code == 302
    assert is_in(client)
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("me")).status_code == 200


def test_what_the_tables_hold_opens_nothing(ann) -> None:
    client = came_in(ann)
    key = client.cookies[COOKIE].value
    kept = [*Session.objects.values_list(), *UserSession.objects.values_list()]
    assert key not in str(kept)
    for stolen in (*Session.objects.values_list("pk", flat=True), queries.kept_as(key)):
        thief = Client()
        thief.cookies[COOKIE] = stolen
        assert not is_in(thief)
    assert is_in(client)


def test_a_key_that_a_visitor_brings_is_not_taken(ann) -> None:
    """Nobody can plant a session and wait for its owner to sign in to it."""
    planted = "a" * 32
    client = Client()
    client.cookies[COOKIE] = planted
    sign_in(client, ann.email)
    assert is_in(client)
    assert client.cookies[COOKIE].value != planted
    before = client.get(reverse("account_login")).wsgi_request.session.session_key
    assert before == client.cookies[COOKIE].value


def test_signing_in_changes_the_key(ann) -> None:
    client = Client()
    client.post(reverse("account_reset_password"), {"email": "x@example.org"})  # a session begins
    before = client.cookies[COOKIE].value
    sign_in(client, ann.email)
    assert client.cookies[COOKIE].value != before
    assert not SessionStore().exists(before)


def test_a_new_password_ends_the_others_and_keeps_one_line(
    ann, django_capture_on_commit_callbacks
) -> None:
    here, there = came_in(ann), came_in(ann)
    assert len(queries.sessions(ann)) == 2
    new = "river stone paper 17"
    said = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    with django_capture_on_commit_callbacks(execute=True):
        assert here.post(reverse("account_change_password"), said).url == reverse("me")
    assert is_in(here)
    assert not is_in(there)
    (row,) = queries.sessions(ann)
    assert row.session_key == queries.kept_as(here.cookies[COOKIE].value)


def test_signing_out_and_running_out_leave_nothing(ann) -> None:
    out, stays = came_in(ann), came_in(ann)
    out.post(reverse("account_logout"))
    (row,) = queries.sessions(ann)
    Session.objects.filter(pk=row.session_key).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )
    assert not is_in(stays)
    assert queries.sessions(ann) == []
    SessionStore.clear_expired()
    assert not UserSession.objects.exists()
    assert not Session.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_asynchronous_caller_writes_no_key_either() -> None:
    async def work() -> list[bool]:
        made = SessionStore()
        await made.aset("x", 1)
        await made.asave()
        first = made.session_key
        await made.acycle_key()
        again = SessionStore(made.session_key)
        seen = [await again.aget("x") == 1, not await made.aexists(first)]
        seen.append(not await Session.objects.filter(pk=made.session_key).aexists())
        await again.adelete()
        return [*seen, not await again.aexists(again.session_key)]

    assert async_to_sync(work)() == [True] * 4
