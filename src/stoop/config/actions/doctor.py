"""What is wrong with a set-up, in plain sentences, each with what mends it."""

import os
import shutil
import smtplib
import sqlite3
import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import DatabaseError, connection
from django.utils import timezone

from stoop import __version__
from stoop.accounts import queries as accounts
from stoop.accounts.actions import walls
from stoop.accounts.permissions import SYSTEM, within
from stoop.config.actions import home, schema
from stoop.config.models import Beat
from stoop.config.queries import health, tasks
from stoop.fieldwork import queries as fieldwork
from stoop.kernel import clock
from stoop.ledger import queries as ledger
from stoop.places import queries as places

GOOD, ODD, BAD = "good", "odd", "bad"
GIB = 1 << 30
KEY_SIGNS = 32
QUICK_EVENTS = 50_000  # read in seconds; more are for `stoop ledger verify`
REACH_S = 4.0


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is (good, odd, bad), a sentence, and what mends it."""

    part: str
    state: str
    said: str
    mend: str = ""


Check = Callable[[], Iterator[Finding]]


def examine() -> list[Finding]:
    """Look at everything; what needs a part that is broken is left out."""
    found = [*programs(), *folder(), *address(), *files_of_pages(), *channels(), *passwords()]
    database = list(reached())
    found += database
    if all(each.state != BAD for each in database):
        with within(SYSTEM):
            for check in (engine, tables, processes, left_undone, background, city, chain):
                found += _safely(check)
    return found


def _safely(check: Check) -> list[Finding]:
    try:
        return list(check())
    except DatabaseError as error:
        said = f"This could not be looked at ({type(error).__name__})."
        return [Finding(check.__name__, BAD, said, "Run stoop setup, then stoop doctor again.")]


def programs() -> Iterator[Finding]:
    """Versions of what Stoop stands on."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", GOOD, f"Python {python}, Stoop {__version__}.")
    if connection.vendor == "sqlite" and sqlite3.sqlite_version_info < (3, 37):
        yield Finding(
            "sqlite",
            BAD,
            f"SQLite is {sqlite3.sqlite_version}.",
            "Use a Python with SQLite 3.37 or newer.",
        )


def folder() -> Iterator[Finding]:
    """STOOP_HOME: there, ours, shut to others, with a key and with room."""
    place = Path(settings.STOOP_HOME)
    if not place.is_dir():
        yield Finding("home", BAD, f"STOOP_HOME {place} is no folder.", "Run: stoop setup")
        return
    if not os.access(place, os.W_OK | os.X_OK):
        yield Finding(
            "home", BAD, f"{place} cannot be written.", "Run Stoop as the account that owns it."
        )
    private = [place, place / home.KEY]
    if connection.vendor == "sqlite":
        private.append(Path(connection.settings_dict["NAME"]))
    open_ones = [str(p) for p in private if p.exists() and p.stat().st_mode & home.OTHERS]
    if open_ones:
        yield Finding(
            "home",
            BAD,
            f"Other accounts of this machine can open {', '.join(open_ones)}.",
            f"chmod go-rwx {' '.join(open_ones)}",
        )
    else:
        yield Finding("home", GOOD, f"{place} is ours alone.")
    yield _key(place)
    free = shutil.disk_usage(place).free
    if free < GIB:
        yield Finding(
            "disk",
            BAD if free < GIB // 10 else ODD,
            f"{free / GIB:.2f} GiB are free where STOOP_HOME is.",
            "Make room: without any, no shooting can be entered.",
        )
    else:
        yield Finding("disk", GOOD, f"{free / GIB:.0f} GiB are free.")


def _key(place: Path) -> Finding:
    given = bool(os.environ.get("STOOP_SECRET_KEY"))
    if not given and not (place / home.KEY).is_file():
        said = "There is no secret key: every start would sign everybody out."
        return Finding("key", BAD, said, "Run: stoop setup")
    if len(settings.SECRET_KEY) < KEY_SIGNS:
        said = f"The secret key has fewer than {KEY_SIGNS} signs."
        return Finding("key", BAD, said, f"Remove {place / home.KEY} and run: stoop setup")
    return Finding("key", GOOD, "The secret key is kept.")


def address() -> Iterator[Finding]:
    """How the platform is reached, and whether its clock is a city's."""
    url = urlsplit(settings.STOOP_URL)
    here = url.hostname in ("127.0.0.1", "localhost", "::1")
    if url.scheme != "https":
        yield Finding(
            "address",
            ODD if here else BAD,
            f"STOOP_URL is {settings.STOOP_URL}: "
            + (
                "only this machine can use it." if here else "passwords cross the network unhidden."
            ),
            "Put a web server with a certificate before Stoop and set STOOP_URL=https://...",
        )
    else:
        yield Finding("address", GOOD, f"Reached at {settings.STOOP_URL}.")
    if url.scheme == "https" and not settings.STOOP_PROXIES:
        yield Finding(
            "proxies",
            ODD,
            "STOOP_PROXIES is 0, yet Stoop itself speaks no https: all visitors seem to be one.",
            "Set STOOP_PROXIES to the number of web servers before Stoop, usually 1.",
        )
    if settings.TIME_ZONE == "UTC":
        yield Finding(
            "time",
            ODD,
            "The time zone is UTC; no city's nights are.",
            "Set STOOP_TIMEZONE, for example STOOP_TIMEZONE=America/New_York",
        )
    else:
        yield Finding("time", GOOD, f"The time zone is {settings.TIME_ZONE}.")


def files_of_pages() -> Iterator[Finding]:
    """The files that pages load."""
    wanted = ("ui/app.css", "ui/tokens.css", "ui/page.js", "ui/vendor/leaflet/leaflet.js")
    gone = [name for name in wanted if finders.find(name) is None]
    if gone:
        yield Finding("pages", BAD, f"Missing: {', '.join(gone)}.", "Install Stoop anew.")
    else:
        yield Finding("pages", GOOD, "The files of the pages are there.")


def channels() -> Iterator[Finding]:
    """Whether a message can leave the house."""
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield _mail_server()
    else:
        yield Finding(
            "e-mail",
            BAD,
            "E-mail goes nowhere: invitations and alerts are only printed.",
            "Set STOOP_EMAIL_URL=smtp://user:password@host:587?tls=1 and STOOP_EMAIL_FROM",
        )
    if settings.STOOP_SMS_URL:
        yield Finding("text messages", GOOD, "Text messages have a gateway.")
    else:
        yield Finding(
            "text messages",
            ODD,
            "There is no gateway for text messages: alerts go by push and e-mail alone.",
            "Set STOOP_SMS_URL and STOOP_SMS_TOKEN",
        )


def _mail_server() -> Finding:
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        kind = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
        with kind(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=REACH_S) as server:
            if settings.EMAIL_USE_TLS:
                server.starttls(context=ssl.create_default_context())
            if settings.EMAIL_HOST_USER:
                server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        kind_of = type(error).__name__
        return Finding(
            "e-mail",
            BAD,
            f"The mail server {where} does not take us ({kind_of}).",
            "Look at STOOP_EMAIL_URL: host, port, user, password, tls=1 or ssl=1",
        )
    return Finding("e-mail", GOOD, f"The mail server {where} takes us.")


def passwords() -> Iterator[Finding]:
    """Whether staff need more than a password, and a new one is compared with those of breaches."""
    if settings.STOOP_SECOND_FACTOR != "required":
        yield Finding(
            "second factor",
            ODD,
            "Staff come in by a password alone.",
            "Leave STOOP_SECOND_FACTOR out; offered is for a demonstration.",
        )
    where = settings.STOOP_BREACHED_PASSWORDS
    if where and accounts.knows_breaches(where):
        yield Finding("passwords", GOOD, "New passwords are compared with those from breaches.")
        return
    why = f"{where} knows no passwords from breaches" if where else "No such service is named"
    yield Finding(
        "passwords",
        ODD,
        f"{why}: of new passwords only the most common ones are refused.",
        "Let Stoop reach a service of breached passwords; its address is STOOP_BREACHED_PASSWORDS",
    )


def reached() -> Iterator[Finding]:
    """Whether the database answers."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield Finding(
            "database",
            BAD,
            f"The database does not answer ({type(error).__name__}).",
            "Look at STOOP_DATABASE_URL, and whether the server runs.",
        )
        return
    yield Finding("database", GOOD, f"The database answers ({connection.display_name}).")


def engine() -> Iterator[Finding]:
    """What each engine needs."""
    if connection.vendor == "sqlite":
        yield from _sqlite()
    else:
        yield from _postgresql()


def _ask(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def _sqlite() -> Iterator[Finding]:
    wanted = {"journal_mode": ("wal",), "foreign_keys": (1,), "synchronous": (1, 2)}
    for name, good in wanted.items():
        found = _ask(f"PRAGMA {name}")[0]
        if found not in good:
            yield Finding(
                "sqlite",
                BAD,
                f"SQLite's {name} is {found}.",
                "Keep the database on a local disk, not on a network drive.",
            )
    said = _ask("PRAGMA quick_check(1)")[0]
    if said != "ok":
        yield Finding(
            "sqlite", BAD, "The database file is damaged.", "Restore the last backup: stoop restore"
        )
    else:
        yield Finding("sqlite", GOOD, f"SQLite {sqlite3.sqlite_version}, file sound.")


def _postgresql() -> Iterator[Finding]:
    number, theirs = _ask(
        "SELECT current_setting('server_version_num')::int, extract(epoch FROM clock_timestamp())"
    )
    if number < 150_000:
        mend = "Install PostgreSQL 15 or newer."
        yield Finding("postgresql", BAD, f"PostgreSQL is {number // 10_000}.", mend)
    skew = abs(float(theirs) - clock.now().timestamp())
    if skew > 2:
        yield Finding(
            "clock",
            BAD,
            f"The clocks of this machine and of the database differ by {skew:.0f} seconds.",
            "Keep both right: install chrony or systemd-timesyncd on both machines.",
        )
    standing = walls.standing()
    for sentence in standing.why:
        yield Finding("walls", BAD, sentence, "See docs/operate/processes.md")
    if standing.holds:
        yield Finding("walls", GOOD, "PostgreSQL itself keeps the sites apart.")


def tables() -> Iterator[Finding]:
    """Whether the tables are as this program wants them."""
    todo = schema.pending()
    if todo:
        yield Finding(
            "tables", BAD, f"{len(todo)} migrations are pending ({todo[0]}).", "Run: stoop setup"
        )
    else:
        yield Finding("tables", GOOD, "The tables are up to date.")


def processes() -> Iterator[Finding]:
    """Whether web, worker and feed say that they are there, and are of one version."""
    fresh = Beat.objects.filter(at__gt=clock.now() - health.FRESH)
    alive = list(fresh.values_list("part", "version"))
    needs = {
        "web": "nobody can open the platform",
        "work": "no alert leaves the house",
        "feed": "no open-data endpoint is asked",
    }
    for part, without in needs.items():
        number = sum(1 for each, _version in alive if each == part)
        if number:
            yield Finding(part, GOOD, f"stoop {part} runs ({number}).")
        else:
            mend = f"Run stoop serve, or stoop {part}"
            yield Finding(part, BAD, f"No stoop {part} runs: {without}.", mend)
    others = {version for _part, version in alive} - {__version__}
    if others:
        yield Finding(
            "version",
            BAD,
            f"Processes of another version run: {', '.join(sorted(others))}.",
            "Restart all of them.",
        )


def left_undone() -> Iterator[Finding]:
    """What should have happened by now and has not."""
    dead = ledger.dead_duties().count()
    if dead:
        kinds = sorted(set(ledger.dead_duties().values_list("error", flat=True)))
        yield Finding(
            "duties",
            BAD,
            f"{dead} duties were given up ({', '.join(kinds)}): something did not follow that "
            "should have.",
            "Mend the cause, then run: stoop ledger retry",
        )
    if health.work_is_late():
        waits = ledger.waiting_duties().filter(not_before__lt=clock.now() - health.WAITED).count()
        yield Finding(
            "duties", BAD, f"{waits} duties have waited for over a minute.", "Start more workers."
        )
    if not dead and not health.work_is_late():
        yield Finding("duties", GOOD, "Nothing waits that should be done.")


def background() -> Iterator[Finding]:
    """Whether a background task stands still because its process was killed."""
    lost, given_up = tasks.lost(), tasks.given_up()
    if lost:
        yield Finding(
            "tasks",
            ODD,
            f"{_named(lost)}: the process that had it was killed, and nobody goes on with it.",
            "Run stoop serve, or stoop feed: within a minute it is begun anew.",
        )
    if given_up:
        yield Finding(
            "tasks",
            ODD,
            f"{_named(given_up)}: given up, for its process was killed again and again.",
            "Look why processes are killed here: often memory runs out.",
        )
    if not lost and not given_up:
        yield Finding("tasks", GOOD, "No background task stands still.")


def _named(stuck: list[Any]) -> str:
    return ", ".join(sorted({each.task_name for each in stuck}))


def city() -> Iterator[Finding]:
    """Whether there is a city: people, areas, sites, and somebody on call."""
    administrators = accounts.people(SYSTEM).filter(membership__role="administrator")
    if not administrators.filter(is_active=True).exists():
        yield Finding(
            "people",
            BAD,
            "Nobody is administrator.",
            "stoop invite EMAIL --role administrator --name NAME",
        )
    kinds = set(places.kinds())
    if not kinds - {"catchment"}:
        yield Finding(
            "areas",
            BAD,
            "No areas are loaded.",
            "stoop load areas FILE --kind ... --code-field ...",
        )
    sites = list(accounts.sites(SYSTEM))
    if not sites:
        yield Finding("sites", BAD, "No sites are loaded.", "stoop load sites FILE")
        return
    answering = accounts.sites_answering([site.code for site in sites], on=timezone.localdate())
    unmanned = [site.code for site in answering if not _answers(site)]
    if unmanned:
        shown = ", ".join(unmanned[:5]) + (" and more" if len(unmanned) > 5 else "")
        yield Finding(
            "on call",
            ODD,
            f"Nobody is on call now at {len(unmanned)} of {len(answering)} sites: {shown}.",
            "Their supervisors plan it on the page Who is on call; until then they are told.",
        )
    else:
        yield Finding("on call", GOOD, f"Somebody is on call at all {len(answering)} sites.")


def _answers(site: Any) -> bool:
    steps = fieldwork.on_call(site, clock.now())
    return bool(steps and any(steps))


def chain() -> Iterator[Finding]:
    """Whether the ledger stands as it was written."""
    rows = ledger.latest_seq()
    if rows > QUICK_EVENTS:
        yield Finding("ledger", GOOD, f"{rows} events; read them all with: stoop ledger verify")
        return
    verdict = ledger.verify()
    mend = "" if verdict.ok else "Keep the file as it is, and ask who had access to the database."
    yield Finding("ledger", GOOD if verdict.ok else BAD, verdict.sentence, mend)
