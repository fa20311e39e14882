"""Neighbours as partly treated."""

import json

import numpy as np
import pytest
import shapely

from stoopstat.impact.design import NEVER, treated
from stoopstat.impact.eventstudy import event_terms
from stoopstat.impact.poisson import poisson
from stoopstat.impact.spillover import exposed, renamed, ring_terms, rings, spillover_terms
from stoopstat.impact.terms import terms
from stoopstat.tests import nyc_poisson
from stoopstat.tests.nyc_staggered import precincts

SPECIFICATIONS = ("binary", "linear", "quadratic")


def borders(folder):
    """(76, 76) precincts that touch, the 116th being a part of the 105th in these years."""
    numbers, _, _ = precincts(folder)
    shapes: dict[int, list] = {}
    for feature in json.loads((folder / "precincts.geojson").read_text())["features"]:
        number = int(feature["properties"]["precinct"])
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        shapes.setdefault(105 if number == 116 else number, []).append(shape)
    areas = [shapely.union_all(shapes[number]) for number in numbers.tolist()]
    touch = [[a is not b and shapely.distance(a, b) <= 1e-4 for b in areas] for a in areas]
    return np.array(touch)


@pytest.mark.real_data
def test_new_york(real_data):
    # The published study lists the neighbours by hand. Contiguity gives the same lists but for
    # precinct 67, whose neighbours are not said to be beside a program.
    numbers, counts, onset = precincts(real_data)
    near = borders(real_data)
    near[:, numbers == 67] = False
    beside = exposed(treated(counts, onset), near).onset
    never, exposed_ever = onset == NEVER, beside < NEVER
    clean, before = never & ~exposed_ever, ~never & (beside < onset)
    after = ~never & exposed_ever & (beside > onset)
    answers = nyc_poisson.answers(real_data)["samples"]
    samples = {
        "NonSOControls": (clean | ~never, onset, ""),
        "NonSOControls_SOBeforeCure": (clean | before, onset, ""),
        "NonSOControls_NonSOCure": (clean | (~never & ~exposed_ever), onset, ""),
        "SO:SOBeforeCure": (never | before, beside, "SO"),
        "SO:onlyControls": (never, beside, "SO"),
        "SO:NonSOControls_SOAfterCure": (clean | after, beside, "SO"),
    }
    compared = 0
    for name, (units, since, code) in samples.items():
        panel = treated(counts[units], since[units])
        found = {kind: terms(panel, kind) for kind in SPECIFICATIONS}
        for kind, x in ({**found, "es": event_terms(panel)}).items():
            if kind in answers[name]:
                fit = poisson(panel.outcome, renamed(x, code))
                nyc_poisson.same(fit, answers[name][kind])
                compared += 1
    assert compared == 20


def test_first_neighbour_and_highest_dose():
    dose = [[0, 0.5, 1], [0, 0, 0.25], [0, 0, 0], [0, 0, 0]]
    panel = treated(np.ones((4, 3)), [1, 2, NEVER, NEVER], dose=dose)
    near = np.array([[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 1]])
    beside = exposed(panel, near)
    assert beside.onset.tolist() == [2, 1, 1, NEVER]
    assert beside.dose.tolist() == [[0, 0, 0.25], [0, 0.5, 1], [0, 0.5, 1], [0, 0, 0]]
    assert list(spillover_terms(panel, near, kind="quadratic")) == ["onSO", "yrsSO", "yrsSO2"]
    assert spillover_terms(panel, near, kind="fraction")["fracSO"].tolist() == beside.dose.tolist()


def test_direction_is_row_beside_column():
    panel = treated(np.ones((2, 2)), [1, NEVER])
    assert exposed(panel, [[0, 0], [1, 0]]).onset.tolist() == [NEVER, 1]
    assert exposed(panel, [[0, 1], [0, 0]]).onset.tolist() == [NEVER, NEVER]


def test_reordered_units():
    rng = np.random.default_rng(4)
    near = rng.random((9, 9)) < 0.3
    near |= near.T
    panel = treated(rng.poisson(5, (9, 4)), [1, 2, 3, *[NEVER] * 6])
    order = rng.permutation(9)
    moved = treated(panel.outcome[order], panel.onset[order])
    one, two = spillover_terms(panel, near), spillover_terms(moved, near[order][:, order])
    assert np.array_equal(one["onSO"][order], two["onSO"])


def test_rings():
    x = np.array([0.0, 100, 250, 900])
    far = np.abs(x[:, None] - x)
    near, wide = rings(far, edges_m=[150, 250])
    assert near[0].tolist() == [False, True, False, False]
    assert wide[0].tolist() == [False, False, True, False]
    assert not (near & wide).any()
    panel = treated(np.ones((4, 3)), [1, NEVER, NEVER, NEVER])
    found = ring_terms(panel, far, edges_m=[150, 250], kind="linear")
    assert list(found) == ["onR1", "yrsR1", "onR2", "yrsR2"]
    assert found["onR2"][:, 2].tolist() == [0, 0, 1, 0]


def test_both_doses_are_recovered():
    # Forty blocks in a row, every fifth treated: -0.5 there, -0.2 beside. Without the second term
    # the comparison holds treated neighbours, and the first is too near to nothing.
    rng, onset = np.random.default_rng(2), np.full(40, NEVER)
    onset[::5] = 4
    step = np.abs(np.arange(40)[:, None] - np.arange(40))
    panel = treated(np.ones((40, 8)), onset)
    x = terms(panel) | spillover_terms(panel, step == 1)
    mean = 400 * np.exp(-0.5 * x["on"] - 0.2 * x["onSO"])
    both = poisson(rng.poisson(mean), x)
    assert both.coef == pytest.approx([-0.5, -0.2], abs=0.04)
    alone = poisson(rng.poisson(mean), terms(panel))
    assert alone.coef[0] == pytest.approx(-0.41, abs=0.04)


def test_refuses_what_is_no_map():
    panel = treated(np.ones((2, 2)), [1, NEVER])
    with pytest.raises(ValueError, match="adjacent"):
        exposed(panel, [[0, 1]])
    with pytest.raises(ValueError, match="square"):
        rings([[0, 1]], edges_m=[1])
    with pytest.raises(ValueError, match="rise"):
        rings([[0, 1], [1, 0]], edges_m=[2, 1])
