"""The cities that are drawn: what works there, and what an estimator may take for granted."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.recovery.city import FALL, MOVED, TREATED, City, displaced, of_sectors, steady, working


@dataclass(frozen=True)
class World:
    title: str
    words: str
    make: Callable[[City], City]
    works: bool


def _of_sectors(effect: float) -> Callable[[City], City]:
    return lambda city: of_sectors(steady(city), effect=effect)


WORLDS = {
    "alike": World(
        "Nothing works, and all districts move alike",
        "No program changes anything and no hot block fades or rises: what every estimator takes "
        "for granted is true, and each finding is a false alarm.",
        lambda city: working(steady(city)),
        works=False,
    ),
    "every": World(
        "All six programs work alike",
        f"Each lowers its district by {-FALL:.0%}; all districts move alike otherwise.",
        lambda city: working(steady(city), all_of=FALL),
        works=True,
    ),
    "demo": World(
        "The demo's own city",
        f"Two programs lower their districts by {-FALL:.0%} and four change nothing; hot blocks "
        "fade and rise, so districts drift apart whatever the programs do.",
        lambda city: city,
        works=True,
    ),
    "drift": World(
        "Nothing works, and districts drift",
        "The demo's city without any effect.",
        working,
        works=False,
    ),
    "displaced": World(
        "All six work, and what they prevent moves next door",
        f"Each lowers its district by {-FALL:.0%}, and every district that touches one with a "
        f"program rises by {MOVED:.0%} from that start on; all move alike otherwise.",
        lambda city: displaced(steady(city)),
        works=True,
    ),
    "sectors": World(
        f"A larger panel: {TREATED} sectors of 82 with programs, all of which work",
        f"Units are the city's sectors; {TREATED} of them, drawn by lot, have a program that "
        f"lowers them by {-FALL:.0%}, a fifth of them each January from 2020 on.",
        _of_sectors(FALL),
        works=True,
    ),
    "sectors alike": World(
        f"The larger panel, where nothing works: {TREATED} sectors of 82",
        "The same sectors and starts, and no program changes anything.",
        _of_sectors(0.0),
        works=False,
    ),
}
