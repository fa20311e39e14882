"""How many persons the rows of an incident mean: rows are published per description, not per head.

Many incidents are published as every description of a perpetrator with every description of a
victim. Such rows are counted once here, by the rule that `stoopstat.measures` explains; a test
holds the two together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stoop.incidents.readers.incidents import mixed
from stoop.incidents.readers.shootings import Bools, Int64s, Shootings


@dataclass(frozen=True, slots=True)
class Persons:
    """Per incident, (k,): persons hit at least, those of them killed, whether the files say that
    anybody was or was not killed, those hit and not known to be dead (-1 where only the killed are
    said), and rows as published."""

    hit: Int64s
    killed: Int64s
    fate_known: Bools
    hurt: Int64s
    rows: Int64s


def persons(shootings: Shootings, killed: NDArray[np.int16] | None = None) -> Persons:
    """Persons of each incident. `killed`: (n,) how many a row says were killed, -1 for nothing."""
    incident, k = shootings.incident, shootings.n_incidents
    rows = np.bincount(incident, minlength=k)
    fatal = shootings.fatal == 1
    dead_rows = np.bincount(incident[fatal], minlength=k)
    crossed, most = _crossed(shootings, rows)
    hit = np.where(crossed, most, rows)
    told = _most(k, incident, shootings.victims)
    least = _most(k, incident, shootings.at_least)
    hit = np.where(told >= 0, told, np.maximum(hit, least))
    dead = np.where(crossed, np.where(dead_rows == rows, hit, np.minimum(dead_rows, 1)), dead_rows)
    known = np.bincount(incident[shootings.fatal >= 0], minlength=k) > 0
    if killed is not None:
        said = _most(k, incident, killed)
        dead, known = np.where(said >= 0, said, dead), known | (said >= 0)
    hit = np.maximum(hit, dead)
    hurt = np.where((told < 0) & (least >= 0) & known, -1, hit - np.where(known, dead, 0))
    return Persons(hit, dead, known, hurt, rows)


def _crossed(shootings: Shootings, rows: Int64s) -> tuple[Bools, Int64s]:
    """Incidents whose rows are a full cross product, and the persons that these mean then."""
    several = np.flatnonzero(rows[shootings.incident] > 1)
    incident = shootings.incident[several]
    perpetrator, victim = shootings.perpetrator[several], shootings.victim[several]
    fatal, k = shootings.fatal[several], rows.size
    perpetrators, victims, flags, all_ = (
        _distinct(k, incident, mixed(incident, *columns))
        for columns in (
            (perpetrator,),
            (victim,),
            (fatal,),
            (perpetrator, victim, fatal),
        )
    )
    crossed = (rows > 1) & (all_ == rows) & (perpetrators * victims * flags == rows)
    return crossed, np.maximum(victims, flags)


def _distinct(k: int, incident: Int64s, keys: NDArray[np.uint64]) -> Int64s:
    """How many different keys each incident has, (k,)."""
    first = np.unique(keys, return_index=True)[1]
    return np.bincount(incident[first], minlength=k)


def _most(k: int, incident: Int64s, told: NDArray[np.int16]) -> Int64s:
    most = np.full(k, -1, dtype=np.int64)
    np.maximum.at(most, incident, told)
    return most
