"""A platform of the tests' own, with people in it: a real server, and a hand that acts beside it.

`World` starts this file as a program. It makes a database, the personas with a session each, some
areas, incidents and a response, serves the site on loopback, and then does what it is told, one
line of JSON each: every deed goes through the doors, so that the ledger knows of it.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

NAMES = ("alice", "ann", "bob", "carol", "cass", "ada", "dan", "eve", "rita", "nobody")
SECRET = "of the tests alone, and of no platform that anybody uses"


class World:
    """`with World(home, url) as world`: `world.url`, `.cookie("alice")`, `.do("report")`."""

    def __init__(self, home: Path, database: str, **environment: str) -> None:
        self.home = home
        self.environment = os.environ | {
            "STOOP_HOME": str(home),
            "STOOP_DATABASE_URL": database,
            "STOOP_SECRET_KEY": SECRET,
            "DJANGO_SETTINGS_MODULE": "stoop.config.settings",
            "STOOP_BREACHED_PASSWORDS": "",
            "PYTHONWARNINGS": "ignore",
            **environment,
        }

    def __enter__(self) -> "World":
        self.home.mkdir(parents=True, exist_ok=True)
        self._said = (self.home / "world.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.world"],
            cwd=Path(__file__).parent.parent,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )
        told = self._answer()
        self.port, self.sessions, self.keys = told["port"], told["sessions"], told["keys"]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._said.close()

    def _answer(self) -> Any:
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError((self.home / "world.log").read_text()[-3000:])
        return json.loads(line)

    def do(self, deed: str, **given: Any) -> Any:
        """Do a deed of `Hand` in the world's process; its answer."""
        self._process.stdin.write(json.dumps({"deed": deed, **given}) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        if isinstance(answer, dict) and "failed" in answer:
            raise RuntimeError(answer["failed"])
        return answer

    def cookie(self, name: str) -> dict[str, str]:
        """The session of a persona, as Playwright takes it."""
        session = self.sessions[name]
        return {"name": "sessionid", "value": session, "domain": "127.0.0.1", "path": "/"}


class Hand:
    """What can be done in the world."""

    def __init__(self) -> None:
        from stoop.accounts.tests import factories

        self.people = factories.personas()
        self.password("ann", SECRET)  # the others come by passkey alone
        self.sessions = {name: self.session(name) for name in NAMES}
        self.keys: dict[str, str] = {}
        self._count = 0
        self._settle()

    def session(self, who: str) -> str:
        """A new session of a persona, past the question whether it is really her."""
        from allauth.account.internal.flows.login import record_authentication
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.test import RequestFactory

        from stoop.accounts.actions.sessions import SessionStore

        person, kept = getattr(self.people, who), SessionStore()
        kept[SESSION_KEY] = str(person.pk)
        kept[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        kept[HASH_SESSION_KEY] = person.get_session_auth_hash()
        request = RequestFactory().get("/")
        request.session = kept
        record_authentication(request, person, method="password", reauthenticated=True)
        kept.save()
        return str(kept.session_key)

    def _settle(self) -> None:
        """Four areas, a catchment for each site, some shootings, a response with an alert."""
        import shapely

        from stoop.accounts.permissions import SYSTEM
        from stoop.fieldwork.tests import factories as fieldwork
        from stoop.notifications.tests import factories as notifications
        from stoop.places.actions import set_area

        for at, code in enumerate("ABCD"):
            west, south = -73.96 + at % 2 * 0.04, 40.66 + at // 2 * 0.04
            square = shapely.box(west, south, west + 0.04, south + 0.04)
            days = {"valid_from": None, "valid_to": None, "by": SYSTEM}
            set_area(kind="precinct", code=code, name=f"Precinct {code}", polygon=square, **days)
            if code in "AB":
                site = (self.people.site, self.people.other)[at]
                inner = square.buffer(-0.005)
                set_area(kind="catchment", code=site.code, name=site.name, polygon=inner, **days)
        self.report(12)
        self.report(1, confirmed=False)
        answer = self.respond("site")
        self.keys["response"] = answer["response"]
        alert = notifications.alert(self.people.site, [self.people.alice])
        self.keys["alert"] = str(alert.key)
        fieldwork.shift(self.people.site, self.people.alice, _now(), 12)

    def doors(self) -> list[dict[str, Any]]:
        """One of each thing is made; each address with its path and who may open it."""
        from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
        from django.urls import reverse

        from stoop.accounts.permissions import actor_of
        from tests import doors

        # The shootings of the factories happened tonight, not on the evening that tests hold.
        doors.responses.NIGHT = doors.incidents.EVENING = _now() - timedelta(hours=2)
        made = doors.one_of_each(self.people)
        RecoveryCodes.activate(self.people.alice)
        actors = {name: actor_of(getattr(self.people, name)) for name in NAMES}
        told = []
        for door in doors.DOORS:
            about = doors.ABOUT.get(door.name)
            path = reverse(door.name, kwargs=about.takes(made, "site") if about else {})
            who = [n for n, actor in actors.items() if doors.may(actor, door, "GET", "site", made)]
            told.append({"name": door.name, "path": path, "who": who, "api": door.is_api})
        return told

    def password(self, who: str, password: str) -> str:
        """Give a persona a password; her mail address."""
        person = getattr(self.people, who)
        person.set_password(password)
        person.save()
        return str(person.email)

    def speak(self, language: str, *, known: bool = True) -> None:
        """The pages are in this language for everybody, as if they were translated."""
        from django.conf import settings

        from stoop.accounts.models import Person

        settings.LANGUAGES = [("en", "English"), *([(language, language)] if known else [])]
        Person.objects.update(language=language)

    def lose(self, table: str) -> None:
        """A table is gone, and with it every page that asks it."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_lost")

    def findings(self) -> list[str]:
        """Two findings were published and one was taken back: the public pages that say so."""
        from stoop.accounts.permissions import SYSTEM
        from stoop.evaluation import actions
        from stoop.evaluation.tests import factories

        shown, gone = (factories.finding(mark)[0] for mark in ("shown", "gone"))
        actions.withdraw_finding(study=gone, why="A file was read twice", by=SYSTEM)
        return ["/findings/", *(f"/findings/{study.slug}/" for study in (shown, gone))]

    def tasks(self) -> int:
        """Do the background tasks that wait, as the worker does; how many there were."""
        from stoop.flows.feed import _Tasks

        worker, done = _Tasks(), 0
        while worker.do_one():
            done += 1
        return done

    def seq(self) -> int:
        from stoop.ledger import queries

        return queries.latest_seq()

    def report(self, n: int = 1, *, confirmed: bool = True, area: int = 0) -> dict[str, Any]:
        """Report `n` shootings on their own corners of an area, each a minute before the other."""
        from stoop.incidents.tests.factories import make_incident

        keys = []
        for _ in range(n):
            self._count += 1
            k = self._count
            west, south = -73.96 + area % 2 * 0.04, 40.66 + area // 2 * 0.04
            incident = make_incident(
                confirmed=confirmed,
                occurred_at=_now() - timedelta(minutes=k % 300),
                lon=west + 0.01 + (k * 7 % 20) / 1000,
                lat=south + 0.01 + (k * 3 % 20) / 1000,
                block=f"{k}00 block of Elm St",
            )
            keys.append(str(incident.key))
        self.keys["incident"] = keys[-1]
        return {"keys": keys, "seq": self.seq()}

    def respond(self, where: str) -> dict[str, Any]:
        """Open a response of `site` or `other`."""
        from stoop.accounts.permissions import SYSTEM
        from stoop.fieldwork import actions
        from stoop.incidents.models import Incident

        incident = Incident.objects.get(key=self.report()["keys"][0])
        site = getattr(self.people, where)
        opened = actions.open_response(site=site, incident=incident, by=SYSTEM, began_at=_now())
        return {"response": str(opened.key), "seq": self.seq()}

    def correct(self, key: str) -> int:
        """Something else became known of a shooting."""
        from stoop.accounts.permissions import SYSTEM
        from stoop.incidents import actions
        from stoop.incidents.models import Incident

        incident = Incident.objects.get(key=key)
        actions.retract(incident=incident, by=SYSTEM, why="test", version=incident.version)
        return self.seq()

    def take_back(self, block: str) -> None:
        """What was reported of this block was none."""
        from stoop.incidents.models import Incident

        for each in Incident.objects.filter(block=block):
            self.correct(str(each.key))

    def sign_out(self, session: str) -> None:
        """The session is ended from elsewhere."""
        from stoop.accounts.actions.sessions import SessionStore

        SessionStore().delete(session)

    def invite(self, email: str, role: str) -> str:
        """Invite somebody to `site`; the path of the link in the mail."""
        import re

        from django.core import mail
        from django.test import override_settings

        from stoop.accounts import actions
        from stoop.accounts.permissions import SYSTEM

        site = self.people.site
        given = {"site": site, "organization": site.organization, "by": SYSTEM}
        with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
            actions.invite(email=email, name=email.partition("@")[0].title(), role=role, **given)
            return re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body)[1]

    def end_role(self, who: str) -> None:
        """All roles of a persona end."""
        from stoop.accounts.actions import end_membership
        from stoop.accounts.models import Membership
        from stoop.accounts.permissions import SYSTEM

        for each in Membership.objects.filter(person=getattr(self.people, who)):
            end_membership(membership=each, by=SYSTEM)


def _now() -> Any:
    from stoop.kernel import clock

    return clock.now().replace(microsecond=0)


def _serve() -> int:
    """Serve the site from a thread; the port."""
    import socket

    import uvicorn

    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen(1024)
    configuration = uvicorn.Config(
        "stoop.config.asgi:application",
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(configuration)
    threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True).start()
    return int(sock.getsockname()[1])


def _make_tables() -> None:
    """Empty tables; on SQLite the first world keeps a copy of them for those that come later."""
    from django.core.management import call_command
    from django.db import connection

    name, kept = connection.settings_dict["NAME"], Path(os.environ["STOOP_TEST_TABLES"])
    if connection.vendor == "sqlite" and kept.exists():
        shutil.copyfile(kept, name)
        return
    call_command("migrate", verbosity=0)
    if connection.vendor == "sqlite":
        kept.write_bytes(connection.connection.serialize())


def say_what_is_missing() -> None:
    """A page shows what its template asks for in vain; to people it shows nothing there."""
    from django.template import engines

    engines["django"].engine.string_if_invalid = "!! missing in template: %s !!"


def main() -> None:
    """Make the world, serve it, and do what is told until the input ends."""
    import django

    django.setup()
    from stoop.accounts.permissions import SYSTEM, within

    say_what_is_missing()
    _make_tables()
    answers, sys.stdout = sys.stdout, sys.stderr
    with within(SYSTEM):
        hand = Hand()
        told: Any = {"port": _serve(), "sessions": hand.sessions, "keys": hand.keys}
        print(json.dumps(told), file=answers, flush=True)
        for line in sys.stdin:
            given = json.loads(line)
            try:
                told = getattr(hand, given.pop("deed"))(**given)
            except Exception as error:
                told = {"failed": repr(error)}
            print(json.dumps(told), file=answers, flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
