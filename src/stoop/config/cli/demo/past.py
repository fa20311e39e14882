"""The last weeks in Sample City: shootings, and what the sites did, by a clock that is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.utils import timezone

from stoop.accounts.permissions import SYSTEM, Actor, actor_of
from stoop.fieldwork import actions as fieldwork
from stoop.fieldwork import queries as field
from stoop.flows import worker
from stoop.incidents import actions as incidents
from stoop.kernel import clock
from stoop.notifications import actions as notifications
from stoop.notifications import queries as told

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WITHDRAWN, CANVASSING = "withdrawn", "canvassing"
# How long ago, which site's turn, and how far its team has come since.
NIGHTS = (
    (36.2 * DAY, 2, "done"),
    (33.4 * DAY, 3, "done"),
    (9.1 * DAY, 0, "follow_up_7"),
    (7.3 * DAY, 1, "follow_up_7"),
    (6.2 * DAY, 2, "public"),
    (5.3 * DAY, 4, WITHDRAWN),
    (4.0 * DAY, 3, "public"),
    (3.2 * DAY, 0, "public"),
    (2.1 * DAY, 4, "canvass"),
    (1.3 * DAY, 1, "canvass"),
    (20 * HOUR, 0, CANVASSING),
)
# Clock, how long after the alert was taken it was met, and what was counted on the way.
STEPS: tuple[tuple[str, timedelta, tuple[tuple[str, int, int | None], ...]], ...] = (
    ("on_scene", 25 * MINUTE, ()),
    ("hospital", 2 * HOUR, ()),
    ("family", 9 * HOUR, (("services", 3, 2),)),
    ("canvass", 19 * HOUR, (("materials", 80, None),)),
    ("debrief", 40 * HOUR, ()),
    ("public", 66 * HOUR, (("attendance", 45, None), ("partners", 5, 4))),
    ("follow_up_7", 6.9 * DAY, ()),
    ("follow_up_14", 13.8 * DAY, ()),
    ("follow_up_30", 29.8 * DAY, ()),
)
# Doors of a canvass: blocks on from where it was, hour, knocked, opened.
DOORS = ((0, 16, 18, 9), (0, 18, 11, 7), (1, 16, 14, None), (1, 17, 9, 4), (-1, 18, 10, 3))
# What a site opens by hand: plan, place, how long ago, and clocks met with what was counted.
BY_HAND: tuple[tuple[str, str, timedelta, tuple[Any, ...]], ...] = (
    (
        "takedown",
        "Buildings 3 to 5,",
        5 * DAY,
        (
            ("partner_call", 8 * HOUR, (("partners", 4, 4, ""),)),
            (
                "doors",
                2.3 * DAY,
                (
                    ("households", 36, 21, "Building 3"),
                    ("households", 41, 18, "Building 4"),
                    ("households", 28, None, "Building 5"),
                    ("sheet", 12, None, "Building 4"),
                ),
            ),
            ("debrief", 3 * DAY, ()),
        ),
    ),
    ("vigil", "Corner of", 30 * HOUR, (("prepared", 20 * HOUR, (("partners", 3, 2, ""),)),)),
)
METRES_PER_DEGREE = 111_320
SOON = 20 * HOUR  # what falls due soon after a step is done with it
KINDS = {"services": "trauma", "partners": "clergy", "sheet": "doors"}


@dataclass(frozen=True)
class Spot:
    """A place where a shooting can be told: a point of the record, a made-up block, its site."""

    lon: float
    lat: float
    block: str
    site: str


def tell(spots: Sequence[Spot], people: dict[str, Any], supervisors: dict[str, Any]) -> list[Any]:
    """Go through NIGHTS; each shooting is entered by the duty officer and taken by a supervisor.

    Gives the incidents, the oldest first.
    """
    now = clock.now()
    chance = np.random.default_rng(7)
    sites = sorted({spot.site for spot in spots}, key=lambda code: code != spots[0].site)
    told = []
    for number, (ago, turn, far) in enumerate(NIGHTS):
        code = sites[turn % len(sites)]
        here = [spot for spot in spots if spot.site == code]
        spot = here[int(chance.integers(len(here)))]
        hurt = int(chance.integers(1, 3))
        officer = actor_of(people["Carol"])
        told.append(_one(number, spot, now - ago, hurt, far, officer, supervisors[code]))
    return told


def _one(
    number: int, spot: Spot, at: datetime, hurt: int, far: str, officer: Actor, supervisor: Any
) -> Any:
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
            why="The police say so.",
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
    if far == CANVASSING:
        with clock.held(at + 2 * HOUR):
            why = "The hospital counts one more."
            incidents.correct(incident=incident, by=officer, why=why, version=1, hurt=hurt + 1)
            _follow()
    if far == WITHDRAWN:
        with clock.held(at + 50 * MINUTE):
            why = "It was a car that backfired."
            incidents.retract(incident=incident, by=officer, why=why, version=1)
            _follow()
    return incident


def _follow() -> None:
    while worker.do_duties():
        pass


def _work(response: Any, spot: Spot, taken: datetime, far: str, leader: Actor) -> None:
    now = clock.now()
    for code, after, counts in STEPS:
        if taken + after >= now:
            return
        if far == WITHDRAWN and code == "hospital":
            return
        if far == CANVASSING and code == "canvass":
            _knock(response, spot, taken + 9.5 * HOUR, leader, doors=DOORS[:3])
            return
        with clock.held(taken + after):
            for what, number, part in counts:
                fieldwork.count(
                    response=response,
                    what=what,
                    number=number,
                    part=part,
                    kind=KINDS.get(what, ""),
                    by=leader,
                )
            if code == "canvass":
                _knock(response, spot, taken + after, leader)
            fieldwork.meet_clock(response=response, code=code, by=leader)
            if code == "hospital":
                level = 2 if far == CANVASSING else taken.day % 3
                fieldwork.set_retaliation(response=response, level=level, by=leader)
            _end_tasks(response, taken + after + SOON, leader)
        if code == far:
            return
    with clock.held(min(taken + 31 * DAY, now)):
        _end_tasks(response, now, leader)
        fieldwork.close_response(response=response, by=leader)


def _knock(
    response: Any, spot: Spot, at: datetime, leader: Actor, doors: Sequence[Any] = DOORS
) -> None:
    """Doors by block and hour, around where it was."""
    hundred, _block, street = spot.block.partition(" block of ")
    with clock.held(at):
        for on, hour, number, part in doors:
            fieldwork.count(
                response=response,
                what="doors",
                number=number,
                part=part,
                block=f"{max(int(hundred) + 100 * on, 100)} block of {street}",
                hour=hour,
                by=leader,
            )


def by_hand(site: Any, leader: Actor, street: str) -> None:
    """What no report tells of: a takedown five days ago, and a vigil that is being prepared."""
    now = clock.now()
    for plan, place, ago, steps in BY_HAND:
        began = now - ago
        with clock.held(began + 2 * HOUR):
            response = fieldwork.open_response(
                site=site, plan=plan, place=f"{place} {street}", began_at=began, by=leader
            )
        for code, after, counts in steps:
            with clock.held(began + after):
                for what, number, part, building in counts:
                    block = f"{building}, {street}" if building else ""
                    fieldwork.count(
                        response=response,
                        what=what,
                        number=number,
                        part=part,
                        kind=KINDS.get(what, ""),
                        block=block,
                        hour=17 if building else None,
                        by=leader,
                    )
                fieldwork.meet_clock(response=response, code=code, by=leader)
                _end_tasks(response, began + after + SOON, leader)


def record(folder: Path, told: Sequence[Any]) -> Path:
    """The city's own rows of the first two, early: one may be the same, one plainly is."""
    path = folder / "published-rows.csv"
    lines = ["INCIDENT_KEY,OCCUR_DATE,OCCUR_TIME,STATISTICAL_MURDER_FLAG,Latitude,Longitude"]
    apart = ((290, 70, 1), (60, -8, told[1].hurt))  # metres north, minutes, persons hit
    for number, (incident, (metres, minutes, hit)) in enumerate(zip(told, apart, strict=False), 1):
        at = timezone.localtime(incident.occurred_at) + minutes * MINUTE
        lat = incident.lat + metres / METRES_PER_DEGREE
        row = f"9000{number},{at:%m/%d/%Y},{at:%H:%M:%S},false,{lat:.6f},{incident.lon:.6f}"
        lines += [row] * hit  # one row for each person hit, as cities publish it
    path.write_text("\n".join(lines) + "\n")
    return path


def _end_tasks(response: Any, before: datetime, leader: Actor) -> None:
    """What was due by then is done."""
    for task in response.tasks.filter(outcome="", due_at__lte=before):
        fieldwork.change_task(task=task, seen=task.version, by=leader, outcome="done")
