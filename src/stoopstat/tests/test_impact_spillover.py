"""Neighbours as partly treated."""

import json

import numpy as np
import pytest
import shapely

from stoopstat.impact.design import NEVER, treated
from stoopstat.impact.eventstudy import event_terms
from stoopstat.impact.poisson import poisson
from stoopstat.impact.spillover import (
    exposed,
    graded_terms,
    net_effect,
    renamed,
    ring_terms,
    rings,
    spillover_terms,
)
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


def town_in_a_row(after):
    """Forty blocks in a row, every fifth treated from period 4 on; ground of the next block lies in
    the near ring, half of that behind it in the far one."""
    onset = np.full(40, NEVER)
    onset[::5] = 4
    step = np.abs(np.arange(40)[:, None] - np.arange(0, 40, 5)).min(axis=1)
    near, far = (step == 1).astype(float), np.where(step == 2, 0.5, (step == 1) * 1.0)
    within = np.array([np.outer(share, np.arange(8) >= 4) for share in (near, far)])
    panel = treated(np.ones((40, 8)), onset)
    x = terms(panel) | graded_terms(panel, within)
    eta = sum(b * term for b, term in zip(after, x.values(), strict=True))
    return panel, x, eta


def test_displacement_is_recovered_and_counted():
    # Half of what falls moves next door: direct falls, diffuse rises, and net is what is left.
    truth = (-0.5, 0.2, 0.1)
    panel, x, eta = town_in_a_row(truth)
    mean = 400 * np.exp(eta)
    fit = poisson(np.random.default_rng(6).poisson(mean), x)
    assert fit.names == ("on", "R1", "R2")
    assert fit.coef == pytest.approx(truth, abs=0.05)
    found = net_effect(fit, x, own=panel.event_time >= 0)
    own = x["on"] > 0
    wanted = [(mean - 400)[own].sum(), (mean - 400)[~own].sum(), (mean - 400).sum()]
    got = [found.direct, found.diffuse, found.net]
    for each, more in zip(got, wanted, strict=True):
        assert abs(each.estimate - more) < 3 * each.se
    assert found.direct.estimate < 0 < found.diffuse.estimate
    assert found.net.estimate == pytest.approx(found.direct.estimate + found.diffuse.estimate)


def test_what_was_there_throughout_is_no_part_of_the_net_effect():
    # Unit 0 is treated from the first period on, and half of unit 1 lies beside it: nobody can
    # tell what either would have counted. Unit 2 starts inside, with unit 3 beside it.
    panel = treated(np.full((6, 6), 20.0), [0, NEVER, 3, NEVER, NEVER, NEVER])
    beside = np.zeros((6, 6))
    beside[1], beside[3, 3:] = 0.5, 0.5
    x = terms(panel) | {"R1": beside}
    fit = poisson(np.random.default_rng(5).poisson(20, (6, 6)), x)
    found = net_effect(fit, x, own=panel.event_time >= 0)
    on, near = 1 - np.exp(-fit.coef), fit.fitted
    assert found.direct.estimate == pytest.approx(on[0] * near[2, 3:].sum())
    share = 1 - np.exp(-fit.coef[1] / 2)
    assert found.diffuse.estimate == pytest.approx(share * near[3, 3:].sum())
    assert found.net.estimate == pytest.approx(found.direct.estimate + found.diffuse.estimate)


def test_the_error_of_a_net_effect_is_that_of_its_terms():
    _, x, eta = town_in_a_row((-0.3, 0.1, 0.0))
    fit = poisson(np.random.default_rng(8).poisson(60 * np.exp(eta)), x)
    found = net_effect(fit, x, own=x["on"])

    def net(b):
        eta = sum(each * term for each, term in zip(b, x.values(), strict=True))
        return (fit.fitted * (1 - np.exp(-eta))).sum()

    h = 1e-6 * np.eye(3)
    slope = [(net(fit.coef + each) - net(fit.coef - each)) / 2e-6 for each in h]
    assert found.net.estimate == pytest.approx(net(fit.coef))
    assert found.net.se**2 == pytest.approx(np.array(slope) @ fit.cr1 @ slope, rel=1e-6)


def test_ground_counts_to_the_nearest_ring_and_not_under_its_own_program():
    panel = treated(np.ones((2, 3)), [1, NEVER])
    within = [[[0.2] * 3, [0, 0.25, 0.5]], [[0.2] * 3, [0, 1, 1]]]
    found = graded_terms(panel, within)
    assert found["R1"].tolist() == [[0.2, 0, 0], [0, 0.25, 0.5]]
    assert found["R2"].tolist() == [[0, 0, 0], [0, 0.75, 0.5]]
    with pytest.raises(ValueError, match="not fall"):
        graded_terms(panel, within[::-1])
    with pytest.raises(ValueError, match="each ring, unit and period"):
        graded_terms(panel, within[0])


def test_refuses_what_is_no_map():
    panel = treated(np.ones((2, 2)), [1, NEVER])
    with pytest.raises(ValueError, match="adjacent"):
        exposed(panel, [[0, 1]])
    with pytest.raises(ValueError, match="square"):
        rings([[0, 1]], edges_m=[1])
    with pytest.raises(ValueError, match="rise"):
        rings([[0, 1], [1, 0]], edges_m=[2, 1])
