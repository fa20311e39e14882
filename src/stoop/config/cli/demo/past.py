"""The last nine days in Sample City: shootings, and what the sites did, by a clock that is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from stoop.accounts.permissions import SYSTEM, Actor, actor_of
from stoop.fieldwork import actions as fieldwork
from stoop.fieldwork import queries as field
from stoop.flows import worker
from stoop.incidents import actions as incidents
from stoop.kernel import clock
from stoop.notifications import actions as notifications
from stoop.notifications import queries as told

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# How long ago, which site's turn, and how far its team has come since.
NIGHTS = (
    (9.1 * DAY, 0, "done"),
    (7.3 * DAY, 1, "done"),
    (6.2 * DAY, 2, "done"),
    (4.0 * DAY, 3, "public"),
    (3.2 * DAY, 0, "public"),
    (2.1 * DAY, 4, "canvass"),
    (1.3 * DAY, 1, "canvass"),
    (20 * HOUR, 0, "family"),
)
# Clock, how long after the alert was taken it was met, and what was counted on the way.
STEPS: tuple[tuple[str, timedelta, tuple[tuple[str, int, int | None], ...]], ...] = (
    ("on_scene", 25 * MINUTE, ()),
    ("hospital", 2 * HOUR, ()),
    ("family", 9 * HOUR, (("services", 3, 2),)),
    ("canvass", 19 * HOUR, (("doors", 62, 31), ("materials", 80, None))),
    ("debrief", 40 * HOUR, ()),
    ("public", 66 * HOUR, (("attendance", 45, None), ("partners", 5, 4))),
)
SOON = 20 * HOUR  # what falls due soon after a step is done with it
KINDS = {"services": "trauma", "partners": "clergy"}


@dataclass(frozen=True)
class Spot:
    """A place where a shooting can be told: a point of the record, a made-up block, its site."""

    lon: float
    lat: float
    block: str
    site: str


def tell(spots: Sequence[Spot], people: dict[str, Any], supervisors: dict[str, Any]) -> None:
    """Go through NIGHTS; each shooting is entered by the duty officer and taken by a supervisor."""
    now = clock.now()
    chance = np.random.default_rng(7)
    sites = sorted({spot.site for spot in spots}, key=lambda code: code != spots[0].site)
    for number, (ago, turn, far) in enumerate(NIGHTS):
        code = sites[turn % len(sites)]
        here = [spot for spot in spots if spot.site == code]
        spot = here[int(chance.integers(len(here)))]
        hurt = int(chance.integers(1, 3))
        _one(number, spot, now - ago, hurt, far, actor_of(people["Carol"]), supervisors[code])


def _one(
    number: int, spot: Spot, at: datetime, hurt: int, far: str, officer: Actor, supervisor: Any
) -> None:
    with clock.held(at + 6 * MINUTE):
        incident = incidents.report(
            source=incidents.desk(),
            source_ref=f"demo-{number}",
            by=officer,
            occurred_at=at,
            lon=spot.lon,
            lat=spot.lat,
            block=spot.block,
            killed=0,
            hurt=hurt,
            confirmed=True,
        )
        _follow()
    leader = actor_of(supervisor)
    with clock.held(at + 11 * MINUTE):
        for alert in told.all_of(leader).filter(subject=f"incident:{incident.key}", taken_at=None):
            if notifications.may_take(leader, alert):
                notifications.take(alert=alert, by=leader)
        _follow()
    for response in field.responses_to(SYSTEM, incident):
        if response.site.code == spot.site:
            _work(response, spot, at + 11 * MINUTE, far, leader)


def _follow() -> None:
    while worker.do_duties():
        pass


def _work(response: Any, spot: Spot, taken: datetime, far: str, leader: Actor) -> None:
    now = clock.now()
    for code, after, counts in STEPS:
        if taken + after >= now:
            return
        with clock.held(taken + after):
            for what, number, part in counts:
                fieldwork.count(
                    response=response,
                    what=what,
                    number=number,
                    part=part,
                    kind=KINDS.get(what, ""),
                    block=spot.block if what == "doors" else "",
                    hour=17 if what == "doors" else None,
                    by=leader,
                )
            fieldwork.meet_clock(response=response, code=code, by=leader)
            if code == "hospital":
                fieldwork.set_retaliation(response=response, level=taken.day % 3, by=leader)
            _end_tasks(response, taken + after + SOON, leader)
        if code == far:
            return
    with clock.held(min(taken + 4 * DAY, now)):
        _end_tasks(response, now, leader)
        fieldwork.close_response(response=response, by=leader)


def _end_tasks(response: Any, before: datetime, leader: Actor) -> None:
    """What was due by then is done."""
    for task in response.tasks.filter(outcome="", due_at__lte=before):
        fieldwork.change_task(task=task, seen=task.version, by=leader, outcome="done")
