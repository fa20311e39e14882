"""Three measures of the same shootings, never mixed: incidents, victims, rows as published."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Ints, whole_numbers


@dataclass(frozen=True, slots=True)
class Measures:
    """Totals, and the same per incident (arrays of shape (k,), incident code 0 to k-1).

    incidents, victims, rows, deaths: totals. rows counts rows as published; victims and deaths
    are the fewest persons that the rows can mean. several_rows: incidents with more than one row.
    incident_rows, incident_victims, incident_deaths: (k,). fatal: (k,) any row says a death.
    crossed: (k,) several rows that are a full cross product of descriptions.
    crossed_by_perpetrator: (k,) crossed, with more than one perpetrator description: here the
    published rows count victims once per perpetrator.
    """

    incidents: int
    victims: int
    rows: int
    deaths: int
    several_rows: int
    incident_rows: Ints
    incident_victims: Ints
    incident_deaths: Ints
    fatal: Bools
    crossed: Bools
    crossed_by_perpetrator: Bools


def measures(
    incident: ArrayLike,
    perpetrator: ArrayLike,
    victim: ArrayLike,
    fatal: ArrayLike,
    *,
    told: ArrayLike | None = None,
    at_least: ArrayLike | None = None,
) -> Measures:
    """Count incidents, victims and published rows of the same events.

    What it asks: how many shootings, and how many persons were hit at least, when a file that is
    nominally one row per victim joins perpetrators to victims to flags.

    incident: (n,) codes 0 to k-1, each used at least once. perpetrator, victim: (n,) codes of the
    published description; any integer, -1 (unknown) being a description like another. fatal: (n,)
    0, 1, or -1 where it is not known. told: (n,) victims that a row says the incident had, -1
    where it does not say; an incident that is told has the largest number told, however many
    rows it has. at_least: (n,) the fewest victims that a row can mean which tells only a part of
    them, else -1; an incident that is not told has no fewer.

    Of one incident let P, V, M be the numbers of distinct perpetrator descriptions, victim
    descriptions and fatal flags. When its rows are more than one, all different, and exactly
    P x V x M, they are read as a cross product and mean max(V, M) victims: one description that
    carries both flags is at least two persons. Otherwise each row is one victim. Deaths: in a
    cross product all victims when every row is fatal, one when only some are; else the fatal rows.

    When it lies: victims is a lower bound. Two men of one age group, sex and race in one incident
    are one description, and where the rows are crossed nothing in the file tells them apart.
    Where an incident has one perpetrator description the rule changes no count but that one.
    Source: read off New York's published file, of whose 3,037 incidents with several rows every
    one is a full cross product; the rule is ours.

    Raises ValueError when lengths differ, codes are not whole, a code of 0 to k-1 is unused, or a
    flag is not -1, 0 or 1.

    >>> m = measures([0, 0, 0, 0, 1, 1, 2], [5, 5, 6, 6, 4, 4, -1], [1, 2, 1, 2, 3, 3, 1],
    ...              [0, 0, 0, 0, 0, 1, 1])
    >>> m.incidents, m.victims, m.rows, m.deaths
    (3, 5, 7, 2)
    >>> m.crossed_by_perpetrator.tolist()
    [True, False, False]
    """
    i, p, v, f = _checked(incident, perpetrator, victim, fatal)
    k = int(i.max()) + 1 if i.size else 0
    rows = np.bincount(i, minlength=k).astype(np.int64)
    perpetrators, victims, flags = (_distinct(k, i, c) for c in (p, v, f))
    crossed = (
        (rows > 1) & (_distinct(k, i, p, v, f) == rows) & (perpetrators * victims * flags == rows)
    )
    persons = np.where(crossed, np.maximum(victims, flags), rows)
    if at_least is not None:
        persons = np.maximum(persons, _most(k, i, at_least, "at_least"))
    if told is not None:
        most = _most(k, i, told, "told")
        persons = np.where(most >= 0, most, persons)
    fatal_rows = np.bincount(i[f == 1], minlength=k).astype(np.int64)
    some = np.minimum(fatal_rows, 1)
    deaths = np.where(crossed, np.where(fatal_rows == rows, persons, some), fatal_rows)
    for array in (rows, persons, deaths, crossed):
        array.flags.writeable = False
    return Measures(
        incidents=k,
        victims=int(persons.sum()),
        rows=int(i.size),
        deaths=int(deaths.sum()),
        several_rows=int((rows > 1).sum()),
        incident_rows=rows,
        incident_victims=persons,
        incident_deaths=deaths,
        fatal=fatal_rows > 0,
        crossed=crossed,
        crossed_by_perpetrator=crossed & (perpetrators > 1),
    )


def _checked(*columns: ArrayLike) -> tuple[Ints, ...]:
    """incident, perpetrator, victim and fatal as whole numbers; errors as in `measures`."""
    names = ("incident", "perpetrator", "victim", "fatal")
    i, p, v, f = map(whole_numbers, columns, names)
    if not (i.shape == p.shape == v.shape == f.shape):
        raise ValueError("incident, perpetrator, victim and fatal must be of one length")
    if i.size and (i.min() < 0 or np.bincount(i).min() == 0):
        raise ValueError("incident codes must be 0 to k-1, each used at least once")
    if not np.isin(f, (-1, 0, 1)).all():
        raise ValueError("fatal must be 0, 1, or -1 where it is not known")
    return i, p, v, f


def _most(k: int, incident: Ints, numbers: ArrayLike, name: str) -> Ints:
    """The largest number of each incident's rows, -1 where none says one; shape (k,)."""
    given = whole_numbers(numbers, name)
    if given.shape != incident.shape or (given < -1).any():
        raise ValueError(f"{name} must be of one length with incident, and -1 or more")
    most = np.full(k, -1, dtype=np.int64)
    np.maximum.at(most, incident, given)
    return most


def _distinct(k: int, incident: Ints, *columns: Ints) -> Ints:
    """How many different tuples of the columns each incident has, shape (k,)."""
    order = np.lexsort((*columns, incident))
    table = np.vstack([incident, *columns])[:, order]
    new = np.ones(incident.size, dtype=np.bool_)
    new[1:] = (table[:, 1:] != table[:, :-1]).any(axis=0)
    return np.bincount(table[0][new], minlength=k).astype(np.int64)
