"""Killed at any moment, nothing is lost and nobody is told twice.

A source reports shootings with its key, by POST /api/v1/reports, while the web process, two workers
and, on PostgreSQL, the database itself are killed with SIGKILL at random moments and started again.
It asks again with the same number of its own until it is said that the report is kept: 201, or 200
where the first answer was cut off after the report was in. In the end each shooting has one alert,
and each of the three people who were told in turn got it once over each of three channels: once by
the key that goes with a message, by which gateways, mail programs and phones know a second one.

STOOP_KILLS=300 makes the long form; STOOP_KILLS_SEED another order of deaths.
"""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from stoop.flows.tests.factories import IN_SITE
from tests import cluster

KILLS = int(os.environ.get("STOOP_KILLS", "16"))
SEED = int(os.environ.get("STOOP_KILLS_SEED", "1"))
PEOPLE, WAYS = {"Ann", "Alice", "Carol"}, {"push", "sms", "email"}
PATIENCE_S = 60


@dataclass
class Intake:
    """Reports one shooting after another, each until it is kept."""

    port: int
    key: str
    kept: list[str] = field(default_factory=list)
    asked: int = 0
    known: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stop.is_set():
            self.report(f"report-{len(self.kept)}")
            self.stop.wait(0.05)

    def report(self, ref: str) -> None:
        body = json.dumps(_said(ref))
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            self.asked += 1
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3)
            with suppress(OSError, http.client.HTTPException), closing(line):
                line.request("POST", "/api/v1/reports", body, headers)
                with line.getresponse() as answer:
                    if answer.status in (200, 201):
                        self.known += answer.status == 200
                        self.kept.append(ref)
                        return
                    assert answer.status >= 500, "a source is refused only for what it said"
            time.sleep(0.02)
        raise AssertionError("nobody took the report")


def _said(ref: str) -> dict[str, Any]:
    """A shooting in the catchment; said again it is word for word the same."""
    at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=5)
    lon, lat = IN_SITE
    where = {"lon": lon, "lat": lat, "block": "100 block of Main St"}
    return {"ref": ref, "occurred_at": at.isoformat(), **where, "hurt": 1}


@dataclass
class Nursery:
    """Where children come from."""

    process: "subprocess.Popen[str]"
    port: int
    key: str
    children: dict[str, int] = field(default_factory=dict)

    def say(self, word: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def born(self, name: str) -> None:
        self.children[name] = int(self.say(name.split()[0]))

    def kill(self, name: str) -> None:
        self.say(f"kill {self.children[name]}")

    def count(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.say("count"))
        return found


@contextmanager
def platform(folder: Path, url: str) -> Iterator[tuple[Nursery, Path]]:
    """Services, a database with a city in it, and a nursery; nothing is left of them."""
    log = folder / "services.log"
    with ExitStack() as stack:
        services = stack.enter_context(
            program("stoop.notifications.tests.services", str(log), environment={})
        )
        assert services.stdout is not None
        at = json.loads(services.stdout.readline())
        environment = {
            "STOOP_HOME": str(folder / "home"),
            "STOOP_DATABASE_URL": url,
            "STOOP_EMAIL_URL": f"smtp://127.0.0.1:{at['mail']}",
            "STOOP_SMS_URL": at["sms"],
            "STOOP_PUSH_LOOPBACK": "1",
            "STOOP_DELIVERY_LEASE_S": "1",
            "STOOP_STEP_MINUTES": "600",
            "STOOP_SECOND_FACTOR": "offered",
        }
        (folder / "home").mkdir()
        words = [sys.executable, "-m", "tests.stories.killing", "prepare", at["push"]]
        made = subprocess.run(
            words, env=os.environ | environment, check=True, stdout=subprocess.PIPE, text=True
        )
        key = made.stdout.split()[-1]
        with program("tests.stories.killing", "live", key, environment=environment) as process:
            assert process.stdout is not None
            nursery = Nursery(process, int(process.stdout.readline()), key)
            yield nursery, log


@contextmanager
def program(*words: str, environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """A program of ours that ends when its standard input does."""
    with subprocess.Popen(
        [sys.executable, "-m", *words],
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if os.environ.get("STOOP_KILLS_LOUD") else subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_S)
            process.kill()


def rampage(nursery: Nursery, database: "cluster.Cluster | None") -> Counter[str]:
    """Kill, and let be born again, so many times; which parts how often."""
    chance = np.random.default_rng(SEED)
    names = ["web", "work 1", "work 2"]
    for name in names:
        nursery.born(name)
    killed: Counter[str] = Counter()
    for number in range(KILLS):
        time.sleep(float(chance.uniform(0.02, 0.35)))
        if database is not None and number % 8 == 5:
            database.control("-m", "immediate", "-l", str(database.folder / "log"), "restart")
            killed["database"] += 1
            continue
        if number % 8 == 3:
            nursery.born("hurry")
        victims = names if number % 6 == 4 else [names[int(chance.integers(len(names)))]]
        for name in victims:
            nursery.kill(name)
            killed[name.split()[0]] += 1
        for name in victims:
            nursery.born(name)
    return killed


def quiet(nursery: Nursery) -> dict[str, Any]:
    """Let the living finish: every step told, nothing on its way. Stops when nothing moves."""
    before: dict[str, Any] = {}
    until = 0.0
    while True:
        nursery.born("hurry")
        time.sleep(0.3)
        found = nursery.count()
        if not found["due"] and not found["duties"] and not found["waiting"]:
            return found
        if found != before:
            before, until = found, time.monotonic() + PATIENCE_S
        left = {name: found[name] for name in ("due", "duties", "waiting", "dead")}
        assert time.monotonic() < until, f"it never came to rest: {left}"


def judge(found: dict[str, Any], intake: Intake, log: Path) -> int:
    """Everything arrived once by its key; how many messages arrived a second time."""
    assert found["dead"] == 0
    assert found["whole"]
    assert len(found["incidents"]) == len(intake.kept)
    shootings = Counter(subject for subject in found["alerts"])
    assert len(shootings) == len(intake.kept)
    assert set(shootings.values()) == {1}
    assert {row[4] for row in found["deliveries"]} == {"sent"}
    told = Counter(
        (subject, person, kind) for subject, person, kind, _key, _ in found["deliveries"]
    )
    assert told == Counter(
        {(subject, who, way): 1 for subject in shootings for who in PEOPLE for way in WAYS}
    )
    arrived = Counter(log.read_text(encoding="utf-8").splitlines())
    assert set(arrived) == {f"{row[2]} {row[3]}" for row in found["deliveries"]}
    return sum(arrived.values()) - len(arrived)


def story(folder: Path, url: str, database: "cluster.Cluster | None" = None) -> None:
    with platform(folder, url) as (nursery, log):
        intake = Intake(nursery.port, nursery.key)
        reports = threading.Thread(target=intake.run)
        reports.start()
        try:
            killed = rampage(nursery, database)
        finally:
            intake.stop.set()
            reports.join(PATIENCE_S)
        found = quiet(nursery)
        twice = judge(found, intake, log)
    print(
        f"\n{sum(killed.values())} killed ({dict(killed)}): {len(intake.kept)} shootings, asked "
        f"{intake.asked} times, {intake.known} already in; {len(found['deliveries'])} messages, "
        f"{twice} came a second time"
    )


def test_on_sqlite(tmp_path: Path) -> None:
    story(tmp_path, f"sqlite:///{tmp_path}/stoop.sqlite3")


def test_on_postgresql(tmp_path: Path) -> None:
    if cluster.binaries() is None:
        pytest.skip(f"NOT CHECKED ON POSTGRESQL: {cluster.MISSING}")
    with cluster.running() as database:
        with psycopg.connect(database.dsn(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE one")
        story(tmp_path, database.url("one"), database)
