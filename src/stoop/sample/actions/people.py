"""Who was shot and who is described as having shot: only what a public file says, and made up.

The groups are called A to D and are equally likely for everyone: an invented city has nothing to
say about real groups of people, but readers must cope with such columns.
"""

from dataclasses import dataclass
from itertools import product

from stoop.sample.actions.draws import Draws

AGES = ("<18", "18-24", "25-44", "45-64", "65+")
AGE_SHARES = (0.09, 0.31, 0.46, 0.12, 0.02)
SEXES = ("M", "F")
SEX_SHARES = (0.88, 0.12)
GROUPS = ("GROUP A", "GROUP B", "GROUP C", "GROUP D")
VICTIM_COUNT_SHARES = (0.84, 0.11, 0.035, 0.015)
SUSPECT_COUNT_SHARES = (0.52, 0.34, 0.10, 0.04)
FATAL = 0.19

Person = tuple[str, str, str]
"""Age group, sex, group; three empty texts when nothing is known."""
NOBODY: Person = ("", "", "")


@dataclass(frozen=True)
class Victim:
    person: Person
    died: bool


@dataclass(frozen=True)
class Row:
    """One row of the published file."""

    suspect: Person
    victim: Person
    murder: bool


@dataclass(frozen=True)
class Case:
    """The people of one incident and the rows in which it is published.

    victims is the truth. When `is_product` the rows are suspects x victims x murder flags, each
    once, as a join of three tables gives them; else one row a victim, with the first suspect.
    """

    victims: tuple[Victim, ...]
    rows: tuple[Row, ...]
    is_product: bool


def make_cases(count: int, seed: int) -> list[Case]:
    draws = Draws(seed, "people")
    return [_case(draws) for _ in range(count)]


def _case(draws: Draws) -> Case:
    victims = tuple(
        Victim(_person(draws), draws.chance(FATAL))
        for _ in range(1 + _which(VICTIM_COUNT_SHARES, draws))
    )
    suspects = [_person(draws) for _ in range(_which(SUSPECT_COUNT_SHARES, draws))] or [NOBODY]
    joined = draws.chance(0.6)
    if joined and (len(suspects) > 1 or len(victims) > 1):
        rows = tuple(
            Row(suspect, victim, murder)
            for suspect, victim, murder in product(
                dict.fromkeys(suspects),
                dict.fromkeys(v.person for v in victims),
                dict.fromkeys(v.died for v in victims),
            )
        )
        return Case(victims, rows, is_product=len(rows) > 1)
    return Case(
        victims, tuple(Row(suspects[0], v.person, v.died) for v in victims), is_product=False
    )


def _person(draws: Draws) -> Person:
    return (
        AGES[_which(AGE_SHARES, draws)],
        SEXES[_which(SEX_SHARES, draws)],
        GROUPS[int(draws.below(len(GROUPS), 1)[0])],
    )


def _which(shares: tuple[float, ...], draws: Draws) -> int:
    target = draws.one()
    reached = 0.0
    for position, share in enumerate(shares):
        reached += share
        if target < reached:
            return position
    return len(shares) - 1


def told_apart(case: Case) -> int:
    """Victims that differ in description, or at least in whether they died."""
    return max(len({v.person for v in case.victims}), len({v.died for v in case.victims}))
