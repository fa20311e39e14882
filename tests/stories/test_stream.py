"""The stream of events over a real server: nothing missed, nothing invented, nothing for others."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Queue
from typing import Any

import pytest

pytestmark = pytest.mark.both_engines
PATIENCE_S = 15


class Ear:
    """Somebody who listens: events come as (id, kind, data)."""

    def __init__(self, world: Any, session: str, *, last: int | None = None, since: str = ""):
        self.connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=PATIENCE_S)
        headers = {"Cookie": f"sessionid={session}", "Accept-Encoding": "gzip"}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        self.connection.request("GET", f"/stream/{since}", headers=headers)
        self._socket = self.connection.sock
        self.response = self.connection.getresponse()
        self.heard: Queue[tuple[int, str, dict[str, Any]]] = Queue()
        self.ended = threading.Event()
        self.ready = -1
        self.retry: list[int] = []
        self._is_ready = threading.Event()
        if self.response.status == 200:
            threading.Thread(target=self._listen, daemon=True).start()
            assert self._is_ready.wait(PATIENCE_S)
        else:
            self.ended.set()

    def _listen(self) -> None:
        said: dict[str, str] = {}
        try:
            for raw in iter(self.response.readline, b""):
                line = raw.decode().rstrip("\n")
                if line:
                    name, _, value = line.partition(": ")
                    said[name] = value
                    continue
                if "retry" in said:
                    self.retry.append(int(said["retry"]))
                if said.get("event") == "ready":
                    self.ready = int(said["id"])
                    self._is_ready.set()
                elif "data" in said:
                    data = json.loads(said["data"])
                    self.heard.put((int(said["id"]), data["kind"], data))
                said = {}
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass
        self.ended.set()

    def hear(self, n: int) -> list[tuple[int, str, dict[str, Any]]]:
        """The next `n` events."""
        return [self.heard.get(timeout=PATIENCE_S) for _ in range(n)]

    def until(self, seq: int) -> list[tuple[int, str, dict[str, Any]]]:
        """All events up to the one with this number."""
        found = self.hear(1)
        while found[-1][0] < seq:
            found += self.hear(1)
        return found

    def cut(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self.ended.wait(PATIENCE_S)
        self._socket.close()


@pytest.fixture
def listen(world) -> Iterator[Callable[..., Ear]]:
    ears: list[Ear] = []

    def begin(who: str, **given: Any) -> Ear:
        session = given.pop("session", None) or world.sessions[who]
        ears.append(Ear(world, session, **given))
        return ears[-1]

    yield begin
    for ear in ears:
        ear.cut()


def test_what_is_missed_comes_after_reconnecting_in_order_and_once(world, listen):
    ear = listen("carol")
    first = world.do("report", n=3)
    before = ear.until(first["seq"])
    ear.cut()
    second = world.do("report", n=5)
    ear = listen("carol", last=before[-1][0])
    third = world.do("report", n=2)
    after = ear.until(third["seq"])
    numbers = [each[0] for each in before + after]
    assert numbers == sorted(set(numbers)), "in order and once"
    confirmed = [d["subject"] for _, kind, d in before + after if kind == "incident.confirmed"]
    keys = first["keys"] + second["keys"] + third["keys"]
    assert confirmed == [f"incident:{key}" for key in keys]


def test_a_long_absence_is_told_in_full(world, listen):
    since = world.do("seq")
    told = world.do("report", n=255)  # more events than a page of the catching up
    ear = listen("carol", since=f"?since={since}")
    heard = ear.until(told["seq"])
    assert [e[2]["subject"] for e in heard if e[1] == "incident.confirmed"] == [
        f"incident:{key}" for key in told["keys"]
    ]


def test_a_number_from_the_future_invents_nothing(world, listen):
    ear = listen("carol", last=10**9)
    assert ear.ready == world.do("seq")


@pytest.mark.parametrize("since", ["-1", "x", "1e9", "9" * 30, "%00"])
def test_a_since_that_is_no_number_is_refused(world, listen, since):
    assert listen("carol", since=f"?since={since}").response.status == 400


def test_those_who_see_no_block_hear_neither_which_nor_when(world, listen):
    dan, seq = listen("dan"), world.do("report", confirmed=False)["seq"]
    told = world.do("report")
    assert told["seq"] > seq
    [(_, kind, data)] = dan.hear(1)  # the waiting report was not told
    assert (kind, data) == ("incident.confirmed", {"kind": "incident.confirmed"})


def test_a_site_hears_of_its_own_responses_alone(world, listen):
    alice, bob, carol, eve, ada = (listen(n) for n in ("alice", "bob", "carol", "eve", "ada"))
    seq = world.do("respond", where="other")["seq"]
    assert "response.opened" in {kind for _, kind, _ in bob.until(seq)}
    assert "response.opened" in {kind for _, kind, _ in carol.until(seq)}
    marker = world.do("report")["seq"]
    for ear in (alice, eve):
        kinds = {kind.partition(".")[0] for _, kind, _ in ear.until(marker)}
        assert kinds == {"incident"}
    assert ada.heard.empty()


def test_nobody_and_the_signed_out_hear_nothing(world, listen):
    assert listen("carol", session="none").response.status == 302


def test_a_session_that_was_ended_loses_its_stream(world, listen):
    session = world.do("session", who="rita")
    ear = listen("rita", session=session)
    world.do("sign_out", session=session)
    assert ear.ended.wait(PATIENCE_S)


def test_a_role_that_has_ended_ends_the_stream_at_once(world, listen):
    ear = listen("cass")
    world.do("end_role", who="cass")
    assert ear.ended.wait(5)


def test_the_stream_is_not_kept_and_not_held_back(world, listen):
    headers = listen("carol").response.headers
    assert headers["Content-Type"] == "text/event-stream"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["Content-Encoding"] == "identity"


def test_of_one_persons_streams_the_oldest_gives_way(world, listen):
    """Ten are open; the eleventh ends the first, which is told to come back in a minute."""
    ears = [listen("eve") for _ in range(11)]
    assert ears[0].ended.wait(PATIENCE_S)
    assert ears[0].retry == [3000, 60_000]
    another = listen("rita")
    seq = world.do("report")["seq"]
    for ear in ears[1:]:
        ear.until(seq)
    assert len(another.hear(1)) == 1
    assert not any(ear.ended.is_set() for ear in ears[1:])
