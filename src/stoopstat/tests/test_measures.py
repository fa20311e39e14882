"""Incidents, victims, rows."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoopstat.measures import measures
from stoopstat.reference.measures import victims
from stoopstat.tests import nyc

ROWS = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(-1, 1), st.integers(-1, 2), st.sampled_from([-1, 0, 1])
    ),
    min_size=1,
    max_size=24,
)


def columns(rows):
    table = np.array(sorted(rows))
    table[:, 0] = np.unique(table[:, 0], return_inverse=True)[1]
    return table.T


def crossed(n_perpetrators, n_victims, flags):
    rows = product(range(n_perpetrators), range(n_victims), flags)
    p, v, f = np.array(list(rows)).T
    return measures(np.zeros(p.size, dtype=int), p, v, f)


@pytest.mark.parametrize(
    ("perpetrators", "victim_kinds", "flags", "expected"),
    [
        (3, 3, [0, 1], (3, 18, 1)),  # the shape of the worst incident in New York's file
        (3, 1, [0], (1, 3, 0)),  # one victim, three perpetrators
        (1, 3, [1], (3, 3, 3)),
        (2, 1, [0, 1], (2, 4, 1)),  # one description, dead and alive: two persons
        (1, 1, [0], (1, 1, 0)),
    ],
)
def test_cross_product_means_the_fewest_persons(perpetrators, victim_kinds, flags, expected):
    m = crossed(perpetrators, victim_kinds, flags)
    assert (m.victims, m.rows, m.deaths) == expected
    assert m.incidents == 1
    assert m.crossed_by_perpetrator[0] == (perpetrators > 1)


def test_rows_that_are_no_cross_product_are_victims():
    m = measures([0, 0, 0], [1, 1, 2], [1, 2, 1], [0, 0, 0])
    assert (m.victims, m.crossed.tolist()) == (3, [False])
    twice = measures([0, 0], [1, 1], [1, 1], [0, 0])
    assert (twice.victims, twice.crossed.tolist()) == (2, [False])


def test_a_told_number_of_victims_is_believed():
    """One row per incident with a column of victims; the third incident does not say."""
    m = measures([0, 1, 2, 2], [-1] * 4, [-1, -1, 1, 2], [0, 1, 0, 0], told=[3, 0, -1, -1])
    assert m.incident_victims.tolist() == [3, 0, 2]
    assert (m.victims, m.rows, m.incidents) == (5, 4, 3)
    with pytest.raises(ValueError, match="told"):
        measures([0], [0], [0], [0], told=[-2])


def test_a_part_that_is_told_is_the_fewest():
    """Of the first incident some victims are known, of the second fewer than rows, the third is
    told whole."""
    m = measures(
        [0, 1, 1, 2], [-1] * 4, [-1, 1, 2, -1], [0] * 4,
        told=[-1, -1, -1, 1], at_least=[4, 1, -1, 3],
    )  # fmt: skip
    assert m.incident_victims.tolist() == [4, 2, 1]
    with pytest.raises(ValueError, match="at_least"):
        measures([0], [0], [0], [0], at_least=[1, 2])


def test_nothing_happened():
    m = measures([], [], [], [])
    assert (m.incidents, m.victims, m.rows, m.deaths, m.several_rows) == (0, 0, 0, 0, 0)


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_agrees_with_the_twin(rows):
    i, p, v, f = columns(rows)
    m, twin = measures(i, p, v, f), victims(*(c.tolist() for c in (i, p, v, f)))
    for key, expected in twin.items():
        found = (m.incident_victims, m.incident_deaths, m.crossed, m.crossed_by_perpetrator)
        assert tuple(a[key] for a in found) == expected
    assert m.victims == sum(t[0] for t in twin.values())


@settings(max_examples=60, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_laws(rows, random):
    i, p, v, f = columns(rows)
    m = measures(i, p, v, f)
    assert m.incidents <= m.victims <= m.rows
    order = np.array(random.sample(range(i.size), i.size))
    again = measures(i[order], 7 - p[order], v[order] + 3, f[order])
    assert np.array_equal(again.incident_victims, m.incident_victims)
    twice = measures(np.r_[i, i + m.incidents], np.r_[p, p], np.r_[v, v], np.r_[f, f])
    assert (twice.victims, twice.deaths) == (2 * m.victims, 2 * m.deaths)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 2], [0, 0], [0, 0], [0, 0]), "each used"),
        (([-1], [0], [0], [0]), "each used"),
        (([0], [0], [0], [2]), "fatal"),
        (([0], [0], [0, 1], [0]), "one length"),
        (([0], [0.5], [0], [0]), "whole"),
        (([0], [np.nan], [0], [0]), "whole"),
        (([[0]], [0], [0], [0]), "flat"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        measures(*arguments)


@pytest.mark.real_data
def test_new_york(real_data):
    r = nyc.rows(real_data)
    m = measures(r.incident, r.perpetrator, r.victim, r.fatal)
    assert (m.rows, m.incidents, m.several_rows) == (23_574, 18_562, 3_037)
    assert int(m.crossed.sum()) == 3_037
    assert int(m.crossed_by_perpetrator.sum()) == 1_208
    assert m.victims == 20_898
    assert int(m.incident_rows.max()) == 18
