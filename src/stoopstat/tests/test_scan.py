"""The space-time permutation scan: twin, laws, calibration, SaTScan's published figures."""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoopstat.reference import scan as plain
from stoopstat.scan import scan
from stoopstat.tests.nyc_points import day_number, month_number, points

KINDS = ("prospective", "retrospective")
event = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 7))


def run(table, kind, *, replications=9, minimum_cases=2, max_window=3, max_radius_m=3.0, end=8):
    x, y, t = zip(*table, strict=True) if table else ([],) * 3
    return scan(
        x, y, t, kind=kind, max_window=max_window, max_radius_m=max_radius_m,
        replications=replications, rng=np.random.default_rng(1), minimum_cases=minimum_cases,
        end=end,
    )  # fmt: skip


def twin(table, kind, *, minimum_cases=2, max_window=3, max_radius_m=3.0, end=8):
    return plain.scan(
        [(x, y) for x, y, _ in table], [t for *_, t in table], kind=kind, max_window=max_window,
        max_radius_m=max_radius_m, minimum_cases=minimum_cases, end=end,
    )  # fmt: skip


def check_cluster(cluster, table):
    """What a cluster says of itself, counted again from the events."""
    apart2 = [(x - cluster.x_m) ** 2 + (y - cluster.y_m) ** 2 for x, y, _ in table]
    circle = [d2 <= cluster.radius_m**2 + 1e-9 for d2 in apart2]
    window = [cluster.first_unit <= t <= cluster.last_unit for *_, t in table]
    both = [i for i, (a, b) in enumerate(zip(circle, window, strict=True)) if a and b]
    assert cluster.events.tolist() == both
    assert cluster.observed == len(both)
    assert cluster.expected == pytest.approx(sum(circle) * sum(window) / len(table))
    assert cluster.llr == pytest.approx(
        plain.llr(cluster.observed, cluster.expected, len(table)), abs=1e-12
    )
    inside = {(x, y) for (x, y, _), a in zip(table, circle, strict=True) if a}
    assert cluster.locations == len(inside)


@settings(max_examples=80, deadline=None)
@given(st.lists(event, max_size=9), st.sampled_from(KINDS), st.integers(1, 3), st.integers(1, 9))
def test_the_strongest_cluster_is_the_twins(table, kind, minimum_cases, max_window):
    chosen = {"minimum_cases": minimum_cases, "max_window": max_window}
    found = run(table, kind, **chosen).clusters
    known = twin(table, kind, **chosen) if table else []
    assert bool(found) == bool(known)
    for cluster in found:
        check_cluster(cluster, table)
        assert cluster.last_unit - cluster.first_unit < max_window
        assert cluster.observed >= minimum_cases
        own = next(k for k in known if k.centre == (cluster.x_m, cluster.y_m))
        assert cluster.llr == pytest.approx(own.llr, abs=1e-12)
    if known:
        assert found[0].llr == pytest.approx(known[0].llr, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(event, min_size=2, max_size=9), st.sampled_from(KINDS))
def test_clusters_do_not_overlap_and_weaken(table, kind):
    found = run(table, kind).clusters
    for a, b in itertools.combinations(found, 2):
        assert a.llr >= b.llr
        assert not set(a.events.tolist()) & set(b.events.tolist())
        if a.last_unit >= b.first_unit and b.last_unit >= a.first_unit:
            assert math.dist((a.x_m, a.y_m), (b.x_m, b.y_m)) > max(a.radius_m, b.radius_m)


@pytest.mark.parametrize("kind", KINDS)
def test_replications_visit_every_deal_alike(kind):
    table = [(0, 0, 8), (0, 1, 7), (5, 5, 8), (5, 6, 1), (6, 6, 4), (0, 0, 2)]
    places, days = [p[:2] for p in table], [p[2] for p in table]
    best = []
    for dealt in itertools.permutations(days):
        known = twin([(*p, t) for p, t in zip(places, dealt, strict=True)], kind)
        best.append(known[0].llr if known else 0.0)
    drawn = run(table, kind, replications=4000).null_maxima
    for value in sorted(set(np.round(best, 9))):
        share = np.mean(np.array(best) <= value + 1e-8)
        assert np.mean(drawn <= value + 1e-8) == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize("kind", KINDS)
def test_moving_turning_and_reordering_change_nothing(kind):
    rng = np.random.default_rng(2)
    x, y, t = rng.integers(0, 5000, 150), rng.integers(0, 5000, 150), rng.integers(0, 60, 150)
    order = rng.permutation(150)

    def go(x, y, t):
        return scan(x, y, t, kind=kind, max_window=10, max_radius_m=1000, replications=19,
                    rng=np.random.default_rng(1)).clusters[0]  # fmt: skip

    first = go(x, y, t)
    for other in (go(-y + 9000, x - 40_000, t + 500), go(x[order], y[order], t[order])):
        assert other.llr == pytest.approx(first.llr, abs=1e-12)
        assert (other.observed, other.expected) == (first.observed, pytest.approx(first.expected))
        assert other.radius_m == pytest.approx(first.radius_m)
    assert go(x[order], y[order], t[order]).events.size == first.observed


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_window_is_weighed_as_a_short_one_is(kind):
    # Short windows let cases in by strides, long ones leap over empty units: the same story twice.
    rng = np.random.default_rng(3)
    x, y, t = rng.integers(0, 3000, 300), rng.integers(0, 3000, 300), rng.integers(0, 20, 300)
    short = scan(x, y, t, kind=kind, max_window=5, max_radius_m=900, replications=9,
                 rng=np.random.default_rng(1))  # fmt: skip
    spread = scan(x, y, t * 3, kind=kind, max_window=15, max_radius_m=900, replications=9,
                  end=3 * int(t.max()), rng=np.random.default_rng(1))  # fmt: skip
    assert spread.clusters[0].llr == pytest.approx(short.clusters[0].llr, abs=1e-12)
    assert spread.null_maxima == pytest.approx(short.null_maxima, abs=1e-12)


def test_a_replicate_does_not_depend_on_how_many_there_are():
    rng = np.random.default_rng(4)
    x, y, t = [*rng.uniform(0, 5000.0, (2, 90)).tolist(), rng.integers(0, 50, 90)]
    for kind in KINDS:
        few, many = (
            scan(x, y, t, kind=kind, max_window=7, max_radius_m=800, replications=r,
                 rng=np.random.default_rng(5)).null_maxima
            for r in (9, 30)
        )  # fmt: skip
        assert np.array_equal(few, many[:9])


@pytest.mark.parametrize("kind", KINDS)
def test_p_is_uniform_under_the_null(kind):
    rng = np.random.default_rng(6)
    p = []
    for _ in range(150):
        x, y, t = rng.uniform(0, 3e3, 80), rng.uniform(0, 3e3, 80), rng.integers(0, 24, 80)
        found = scan(x, y, t, kind=kind, max_window=3, max_radius_m=900, replications=39, rng=rng)
        p.append(found.clusters[0].p if found.clusters else 1.0)
    assert 0.43 < np.mean(p) < 0.58
    assert 0.02 < np.mean(np.array(p) <= 0.1) < 0.18


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_cluster_is_found_where_and_when_it_is(kind):
    rng = np.random.default_rng(7)
    x, y, t = rng.uniform(0, 1e4, 400), rng.uniform(0, 1e4, 400), rng.integers(0, 365, 400)
    x[:12], y[:12] = 4000 + rng.uniform(-200, 200, (2, 12))
    t[:12] = 360 + rng.integers(0, 5, 12)
    found = scan(x, y, t, kind=kind, max_window=14, max_radius_m=1500, replications=99, rng=rng,
                 end=364)  # fmt: skip
    best = found.clusters[0]
    assert math.dist((best.x_m, best.y_m), (4000, 4000)) < 300
    assert set(range(12)) <= set(best.events.tolist())
    assert (best.first_unit, best.last_unit) == (t[:12].min(), 364)
    assert best.p == 0.01
    if kind == "prospective":
        assert best.recurrence_units == pytest.approx(100)
    else:
        assert math.isnan(best.recurrence_units)


def test_a_city_wide_surge_is_no_cluster():
    rng = np.random.default_rng(8)
    place = rng.uniform(0, 5000, (20, 2))
    x, y = np.repeat(place, 20, axis=0).T
    t = np.tile(np.r_[np.arange(10), np.full(10, 10)], 20)
    assert scan(x, y, t, max_window=2, max_radius_m=900, rng=rng).clusters == ()


@pytest.mark.parametrize("kind", KINDS)
def test_too_few_same_place_same_time(kind):
    for n in (0, 1, 2, 5):
        for table in (
            [(0, 0, 3)] * n,
            [(0, 0, i) for i in range(n)],
            [(i, 0, 3) for i in range(n)],
        ):
            found = run(table, kind)
            assert found.clusters == ()
            assert found.null_maxima.tolist() == [0.0] * 9
            assert (found.events, found.locations) == (n, len({p[:2] for p in table}))


def test_no_recent_event_at_all():
    found = run([(0, 0, 1), (0, 1, 1), (4, 4, 2)], "prospective", end=100)
    assert found.clusters == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "both"},
        {"max_window": 0},
        {"max_radius_m": 0},
        {"max_radius_m": math.inf},
        {"replications": 0},
        {"minimum_cases": 0},
        {"end": 2},
        {"x_m": [1.0]},
        {"x_m": [1.0, math.nan]},
        {"t": [1.5, 2.0]},
    ],
)
def test_wrong_choices_are_refused(wrong):
    right = {"x_m": [1.0, 2.0], "y_m": [1.0, 2.0], "t": [1, 3], "max_window": 2, "max_radius_m": 5}
    with pytest.raises(ValueError, match=r"\w"):
        scan(**(right | wrong), rng=np.random.default_rng(1))


def unit_number(text, unit):
    """SaTScan writes 2018-2-1 for the first of February, and for the month too."""
    year, month, day = (int(part) for part in text.split("-"))
    iso = f"{year}-{month:02}-{day:02}"
    return day_number(iso) if unit == "day" else month_number(iso)


@pytest.mark.real_data
@pytest.mark.parametrize("number", range(5))
def test_new_york_as_satscan_sees_it(real_data: Path, number):
    reference = real_data.parents[1] / "bench" / "satscan_reference.json"
    if not reference.is_file():
        pytest.skip("SaTScan's figures are not beside the data folder")
    known = json.loads(reference.read_text())["runs"][number]
    p = points(real_data, incidents=True).since(int(known["start"][:4]))
    daily = known["time_unit"] == "day"
    replications = 199 if known["cpu_s"] > 50 else 999
    found = scan(
        p.x_m,
        p.y_m,
        p.day if daily else p.month,
        kind=known["analysis"],
        max_window=known["max_window_units"],
        max_radius_m=known["max_radius_m"],
        replications=replications,
        rng=np.random.default_rng(1),
        end=unit_number(known["end"], known["time_unit"]),
    )
    assert (found.events, found.locations) == (known["incidents"], known["locations"])
    assert len(found.clusters) >= 3
    for ours, theirs in zip(found.clusters, known["clusters"], strict=False):
        assert ours.llr == pytest.approx(theirs["llr"], abs=1e-6)
        assert ours.observed == theirs["observed"]
        assert ours.expected == pytest.approx(theirs["expected"], abs=0.0055)
        assert ours.radius_m == pytest.approx(theirs["radius_m"], abs=0.006)
        assert ours.x_m == pytest.approx(theirs["x_m"], rel=4e-6)
        assert ours.y_m == pytest.approx(theirs["y_m"], rel=4e-6)
        assert ours.first_unit == unit_number(theirs["start"], known["time_unit"])
        assert ours.last_unit == unit_number(theirs["end"], known["time_unit"])
        p_theirs = float(theirs["p"])
        error = math.sqrt(p_theirs * (1 - p_theirs) * (1 / 1000 + 1 / (replications + 1)))
        assert abs(ours.p - p_theirs) <= 4 * error + 1 / (replications + 1)


def test_all_but_the_first_are_stronger_than_some_replication():
    rng = np.random.default_rng(5)
    x, y = rng.uniform(0, 5_000, (2, 150))
    t = rng.integers(0, 40, 150)
    found = scan(x, y, t, max_window=7, max_radius_m=800, replications=9, rng=rng)
    assert len(found.clusters) > 1
    assert min(each.llr for each in found.clusters[1:]) > found.null_maxima.min()
