"""One reader of the ledger in a process, and everybody who listens to it.

The ledger is asked four times a second however many streams are open. An event goes to those who
may see it; who reads too slowly is let go, and comes back with the number of the last event read.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from time import monotonic
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM, Actor, Permission, actor_of, can, within
from stoop.kernel.logs import log_error
from stoop.ledger import queries as ledger

EVERY_S = 0.25
CHECK_S = settings.STOOP_STREAM_CHECK_S
CHECKS = 40  # sessions looked at in one round
MOST_WAITING = 1000  # events that a slow reader may leave unread
MOST_OPEN = 10  # streams of one person in this process
PAGE = 500
P = Permission
T = TypeVar("T")
# At the site of the event, or in the whole city.
_NEEDS = {
    "incident": (P.INCIDENTS_VIEW,),
    "alert": (P.ALERTS_TAKE, P.ALERTS_AUDIT),
    "response": (P.RESPONSES_VIEW, P.RESPONSES_OVERSEE),
}


@dataclass(eq=False)
class Listener:
    """One open stream: who listens, by which session, and what waits to be sent."""

    actor: Actor
    session: str
    waiting: deque[bytes] = field(default_factory=deque)
    awake: asyncio.Event = field(default_factory=asyncio.Event)
    checked: float = field(default_factory=monotonic)
    ended: bool = False
    crowded_out: bool = False
    _may: dict[tuple[str, int | None], bool] = field(default_factory=dict)

    def may_see(self, noun: str, site: int | None) -> bool:
        """Whether events of this noun at this site are for the listener."""
        key = (noun, site)
        if key not in self._may:
            self._may[key] = any(can(self.actor, each, site) for each in _NEEDS[noun]) and (
                noun == "incident" or site is not None or self._everywhere(noun)
            )
        return self._may[key]

    def _everywhere(self, noun: str) -> bool:
        """An event of no site is the city's."""
        return any(None in self.actor.sites(each) for each in _NEEDS[noun])

    def push(self, text: bytes) -> None:
        if len(self.waiting) >= MOST_WAITING:
            self.end()
        elif not self.ended:
            self.waiting.append(text)
            self.awake.set()

    def end(self) -> None:
        """No more: what waits is in the ledger, and is asked for again."""
        self.ended = True
        self.waiting.clear()
        self.awake.set()


class News:
    """An event as each sort of reader gets it; None where it is not for them."""

    def __init__(self, event: Any, site: int | None) -> None:
        self.noun = event.kind.partition(".")[0]
        self.site = site
        self.event = event
        said = {"kind": event.kind, "subject": event.subject, "at": event.at.isoformat()}
        if event.site:
            said["site"] = event.site
        self._full = _text(event.seq, said)
        self._bare = _text(event.seq, {"kind": event.kind})

    def text_for(self, listener: Listener) -> bytes | None:
        """Neither which nor when, for those who see areas and days; nothing of what waits."""
        if not listener.may_see(self.noun, self.site):
            return None
        if self.noun != "incident" or can(listener.actor, P.INCIDENTS_BLOCK):
            return self._full
        return None if self.event.kind == "incident.reported" else self._bare


def _text(seq: int, said: dict[str, str]) -> bytes:
    return f"id: {seq}\ndata: {json.dumps(said, separators=(',', ':'))}\n\n".encode()


class Hub:
    """The reader of one event loop. It runs while somebody listens."""

    def __init__(self) -> None:
        self.seq = 0
        self._listeners: dict[Listener, None] = {}  # in the order in which they came
        self._task: asyncio.Task[None] | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._starting = asyncio.Lock()
        self._sites: dict[str, int | None] = {"": None}

    async def join(self, listener: Listener) -> int:
        """Listen from now on; the number of the last event that will not come by itself.

        Of one person's streams the oldest gives way: it may belong to a phone that is long gone.
        """
        async with self._starting:
            if self._task is None or self._task.done():
                self._thread = self._thread or ThreadPoolExecutor(1, "stoop-stream")
                self.seq = await self.ask(ledger.latest_seq)
                self._task = asyncio.create_task(self._run())
        self._listeners[listener] = None
        theirs = [each for each in self._listeners if each.actor.ref == listener.actor.ref]
        for each in theirs[:-MOST_OPEN]:
            each.crowded_out = True
            each.end()
            self.leave(each)
        return self.seq

    def leave(self, listener: Listener) -> None:
        self._listeners.pop(listener, None)

    def __len__(self) -> int:
        return len(self._listeners)

    async def ask(self, question: Callable[[], T]) -> T:
        """Ask the database in the one thread that this hub has for it."""
        assert self._thread is not None
        return await asyncio.get_running_loop().run_in_executor(self._thread, _asked, question)

    async def news_after(self, seq: int, until: int) -> tuple[int, list[News]]:
        """The next page of events (seq, until], and how far it goes."""
        found = await self.ask(lambda: self._read(seq))
        return _until(found, until)

    async def _run(self) -> None:
        while self._listeners:
            await asyncio.sleep(EVERY_S)
            try:
                while news := await self.ask(lambda: self._read(self.seq)):
                    self._hand_out(news)
                await self._check()
            except Exception as error:  # the database is away; streams stay and wait for it
                log_error("stream.read", error)
                await asyncio.sleep(1)

    def _read(self, seq: int) -> list[News]:
        return [News(each, self._site(each.site)) for each in self._events(seq)]

    def _events(self, seq: int) -> list[Any]:
        return ledger.events_after(seq, limit=PAGE)

    def _site(self, code: str) -> int | None:
        if code not in self._sites:
            found = accounts.site(code)
            if found is None:
                return -1  # of no site that anybody has a grant at
            self._sites[code] = found.pk
        return self._sites[code]

    def _hand_out(self, news: list[News]) -> None:
        for each in news:
            if each.noun in _NEEDS:
                for listener in self._listeners:
                    if text := each.text_for(listener):
                        listener.push(text)
            elif each.event.subject.startswith("person:"):
                self._look_again(each.event.subject)
            self.seq = each.event.seq

    def _look_again(self, ref: str) -> None:
        """Something about a person has changed: their streams are looked at in this round."""
        for listener in self._listeners:
            if listener.actor.ref == ref:
                listener.checked = -CHECK_S

    async def _check(self) -> None:
        """End the streams of those who have signed out or may now see something else."""
        due = monotonic() - CHECK_S
        old = [each for each in self._listeners if each.checked <= due][:CHECKS]
        if not old:
            return
        sessions = {each.session for each in old}
        actors = await self.ask(lambda: {key: actor_now(key) for key in sessions})
        for listener in old:
            listener.checked = monotonic()
            if actors[listener.session].grants != listener.actor.grants:
                listener.end()


def _until(found: list[News], until: int) -> tuple[int, list[News]]:
    kept = [each for each in found if each.event.seq <= until]
    return (kept[-1].event.seq if kept else until), kept


def _asked(question: Callable[[], T]) -> T:
    """In the hub's thread: with the system's eyes, and a connection that broke given up."""
    try:
        with within(SYSTEM):
            return question()
    finally:
        close_old_connections()


def actor_now(session: str) -> Actor:
    """Who a session belongs to now; NOBODY when it has ended."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session)
    return actor_of(get_user(request))


_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def hubs() -> Iterator[Hub]:
    """All hubs of this process, for counting."""
    yield from list(_hubs.values())
