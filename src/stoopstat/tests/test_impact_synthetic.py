"""Synthetic control: exact weights, placebos, and who is refused."""

import csv
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoopstat.impact.design import NEVER, Refused, treated
from stoopstat.impact.mixing import EVEN, mix
from stoopstat.impact.synthetic import Synthetic, synthetic, together
from stoopstat.reference import synthetic as slow
from stoopstat.tests import nyc_staggered as nyc


def made(seed=1, donors=6, before=8, after=3):
    """Units of unlike level that share a path; the first is treated."""
    generator = np.random.default_rng(seed)
    level = np.r_[20.0, generator.uniform(8, 32, donors)]
    path = np.linspace(1.2, 0.8, before + after) + generator.normal(0, 0.1, before + after)
    began = np.full(donors + 1, NEVER)
    began[0] = before
    return treated(generator.poisson(level[:, None] * path), began)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 7), st.integers(1, 9))
def test_mix_is_the_best_of_all_supports(seed, donors, periods):
    generator = np.random.default_rng(seed)
    past, line = generator.normal(0, 3, (donors, periods)), generator.normal(0, 2, periods)
    w = mix(past, line)
    assert w.min() >= 0
    assert w.sum() == pytest.approx(1)
    missed = ((line - w @ past) ** 2).sum()
    best = slow.mix(past, line)
    assert missed == pytest.approx(((line - best @ past) ** 2).sum(), abs=1e-6)
    turn = generator.permutation(donors)
    assert mix(past[turn], line) == pytest.approx(w[turn], abs=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_many_donors_a_few_at_a_time(seed, monkeypatch):
    generator = np.random.default_rng(seed)
    past, line = generator.poisson(9, (700, 30)) / 1.0, generator.poisson(9, 30) / 1.0
    few = mix(past, line)
    # None of the rows left out would bring the mix nearer.
    gain = past @ (few @ past - line)
    assert gain.min() == pytest.approx(few @ gain, abs=1e-6)
    monkeypatch.setattr("stoopstat.impact.mixing.MANY", 700)
    assert mix(past, line) == pytest.approx(few, abs=1e-9)


@pytest.mark.parametrize("version", ["plain", "demeaned", "augmented"])
def test_same_to_the_last_digit_however_it_is_spread(version):
    generator = np.random.default_rng(5)
    onset = np.r_[4, 6, np.full(30, NEVER)]
    panel = treated(generator.poisson(12, (32, 9)), onset)

    def backwards(function, numbers):
        sent = pickle.loads(pickle.dumps(function))
        return reversed([sent(n) for n in reversed(list(numbers))])

    one, two = (
        synthetic(panel, version=version, outside="fit", each=each) for each in (map, backwards)
    )
    for a, b in zip(one, two, strict=True):
        assert a.placebo_att.size == 30
        assert a.placebo_att.tobytes() == b.placebo_att.tobytes()
        assert a.placebo_ratio.tobytes() == b.placebo_ratio.tobytes()
    # A placebo is what the unit would give, were it treated in truth and the treated away.
    at = np.where(np.arange(30) == 4, 6, NEVER)
    alone = synthetic(treated(panel.outcome[2:], at), version=version, outside="fit")[0]
    assert one[1].placebo_att[4] == pytest.approx(alone.att, abs=1e-9)


def exact(rows, ridge):
    """Weights that sum to 1 and make the squared mix of these rows, and ridge, least; in fractions.

    >>> exact([[1, 0], [0, 1]], 0)
    [Fraction(1, 2), Fraction(1, 2)]
    """
    n, one = len(rows), Fraction(1)
    table = [
        [sum((Fraction(a) * Fraction(b) for a, b in zip(x, y, strict=True)), Fraction(0))
         + (Fraction(ridge) if i == j else 0) for j, y in enumerate(rows)] + [one]
        for i, x in enumerate(rows)
    ]  # fmt: skip
    for i in range(n):
        table[i] = [each / table[i][i] for each in table[i]]
        for k in range(n):
            if k != i:
                table[k] = [a - table[k][i] * b for a, b in zip(table[k], table[i], strict=True)]
    solved = [row[n] for row in table]
    return [each / sum(solved) for each in solved]


def test_mix_knows_more_digits_than_are_printed():
    """More rows than periods: only the ridge tells their weights, and squares lose its digits."""
    rng = np.random.default_rng(4)
    past = rng.poisson(20, (30, 5)).astype(float)
    line = past.mean(axis=0)
    found = mix(past, line)
    used = np.flatnonzero(found)
    assert used.size > 6
    scale = ((past - line) ** 2).sum(axis=1).max()
    best = exact((past[used] - line).tolist(), EVEN * scale)
    assert np.abs(found[used] - [float(each) for each in best]).max() < 1e-11


def test_mix_by_hand():
    # The nearest point to the origin on the edge from (2, 0) to (0, 1) is (0.4, 0.8).
    assert mix(np.array([[2.0, 0], [0, 1], [3, 3]]), np.zeros(2)) == pytest.approx(
        [0.2, 0.8, 0], abs=1e-8
    )
    # Of equally good weights the most even.
    assert mix(np.array([[1.0], [-1], [1], [-1]]), np.zeros(1)) == pytest.approx(
        [0.25] * 4, abs=1e-6
    )


@pytest.mark.parametrize("version", ["plain", "demeaned"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_placebos_agree_with_the_twin(version, seed):
    panel = made(seed)
    found = synthetic(panel, version=version, outside="fit")[0]
    y, demeaned = panel.outcome, version == "demeaned"
    att, ratio = slow.ratio_and_effect(y[0], y[1:], 8, demeaned=demeaned)
    assert (found.att, found.ratio) == pytest.approx((att, ratio), rel=1e-5)
    fall = [
        slow.ratio_and_effect(y[j], np.delete(y, [0, j], axis=0), 8, demeaned=demeaned)
        for j in range(1, 7)
    ]
    assert found.placebo_att == pytest.approx([a for a, _ in fall], rel=1e-4, abs=1e-5)
    assert found.placebo_ratio == pytest.approx([r for _, r in fall], rel=1e-4)
    assert found.rank == 1 + sum(r >= ratio for _, r in fall)
    assert (found.p, found.estimate.p) == (found.rank / 7, found.p)
    assert found.estimate.se == pytest.approx(np.std([a for a, _ in fall], ddof=1), rel=1e-4)


def test_augmented_agrees_with_the_other_way_to_write_it():
    panel = made(4)
    plain, found = (synthetic(panel, version=v, outside="fit")[0] for v in ("plain", "augmented"))
    expected = slow.augmented(panel.outcome[1:, :8], panel.outcome[0, :8], plain.weights)
    assert found.weights == pytest.approx(expected)
    assert found.weights.sum() == pytest.approx(1)
    assert found.fit < plain.fit


def test_a_unit_out_of_reach_is_refused():
    panel = made(5)
    counts = panel.outcome.copy()
    counts[0] += 60
    for version in ("plain", "augmented"):
        found = synthetic(treated(counts, panel.onset), version=version)[0]
        assert isinstance(found, Refused)
        assert "above that of every donor" in found.why
    fitted = synthetic(treated(counts, panel.onset), version="demeaned")[0]
    assert fitted.att == pytest.approx(synthetic(panel, version="demeaned")[0].att, abs=1e-6)
    assert isinstance(synthetic(treated(counts, panel.onset), outside="fit")[0], Synthetic)
    low = treated(np.where(np.arange(7)[:, None] == 0, 1, panel.outcome + 5), panel.onset)
    assert "below that of every donor" in synthetic(low)[0].why
    # It swings where no donor does.
    counts[0] = np.where(np.arange(11) % 2, 34, 2)
    counts[1:] = 15 + np.arange(6)[:, None]
    assert "past is off" in synthetic(treated(counts, panel.onset))[0].why
    assert "three donors" in synthetic(made(1, donors=2))[0].why


def test_laws():
    generator = np.random.default_rng(3)
    onset = np.r_[6, 8, np.full(9, NEVER)]
    panel = treated(generator.poisson(generator.uniform(9, 30, (11, 1)) + np.zeros(12)), onset)
    turn = generator.permutation(11)
    for version in ("plain", "augmented", "demeaned"):
        found = synthetic(panel, version=version, outside="fit")
        assert [each.unit for each in found] == [0, 1]
        turned = synthetic(
            treated(panel.outcome[turn], onset[turn]), version=version, outside="fit"
        )
        again = {int(turn[each.unit]): each for each in turned}
        for each in found:
            assert again[each.unit].att == pytest.approx(each.att, abs=1e-6)
            assert again[each.unit].p == each.p
        scaled = synthetic(treated(5 * panel.outcome, onset), version=version, outside="fit")
        assert scaled[0].att == pytest.approx(5 * found[0].att)
        assert scaled[0].percent == pytest.approx(found[0].percent)
    few = synthetic(panel, outside="fit", placebos=np.arange(11) > 6)[0]
    assert few.placebo_att.size == 4
    drawn = synthetic(panel, outside="fit", most=5, rng=generator)
    whole = synthetic(panel, outside="fit")
    for each, every in zip(drawn, whole, strict=True):
        assert each.placebo_att.size == 5
        assert set(each.placebo_att.tolist()) < set(every.placebo_att.tolist())
        assert (each.att, each.fit) == (every.att, every.fit)
    one = synthetic(panel, outside="fit", units=np.arange(11) == 1)
    assert [each.unit for each in one] == [1]


def test_placebo_p_is_a_true_chance():
    generator, p, together_p = np.random.default_rng(8), [], []
    onset = np.r_[np.full(2, 7.0), np.full(18, NEVER)]
    for _ in range(150):
        level = generator.uniform(15, 25, (20, 1)) * np.linspace(1.2, 0.8, 10)
        found = synthetic(treated(generator.poisson(level), onset), outside="fit")
        p.append(found[0].p)
        both = together(found, rng=generator, draws=199)
        together_p.append(both.p)
    for values in (p, together_p):
        for at in (0.2, 0.5, 0.8):
            assert np.mean(np.array(values) <= at) == pytest.approx(at, abs=0.13)


def test_a_strong_effect_is_found():
    panel = made(6, donors=20)
    counts = panel.outcome.copy()
    counts[0, 8:] *= 0.2
    found = synthetic(treated(counts, panel.onset))
    assert found[0].rank <= 3
    assert found[0].p_fall == 1 / 21
    assert found[0].percent < -50
    whole = together(found, rng=np.random.default_rng(1))
    assert (whole.units, whole.att) == (1, found[0].att)
    assert isinstance(together((), rng=np.random.default_rng(1)), Refused)


@pytest.mark.parametrize(
    "options",
    [{"version": "x"}, {"outside": "x"}, {"units": [True]}, {"donors": [True]}, {"most": 3}],
    ids=str,
)
def test_refuses(options):
    with pytest.raises(ValueError, match=r"version|units|most"):
        synthetic(made(), **options)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("version", "name"), [("plain", "scm"), ("augmented", "ascm"), ("demeaned", "dscm")]
)
def test_new_york(real_data, version, name):
    numbers, counts, onset = nyc.precincts(real_data)
    with (real_data / "precinct_population_2010.csv").open(newline="") as file:
        people = {int(r["precinct"]): float(r["population_2010"]) for r in csv.DictReader(file)}
    rates = counts / np.array([people[n] for n in numbers.tolist()])[:, None] * 1e5
    found = synthetic(treated(rates, onset), version=version, outside="fit")
    by_precinct = {int(numbers[each.unit]): each for each in found}
    expected = nyc.known_synthetic(real_data)
    assert len(expected) == len(found) == 21
    for row in expected:
        each = by_precinct[row["precinct"]]
        # Their weights come from a general optimiser that stops at about 1e-6.
        assert each.att == pytest.approx(row[f"{name}_att"], rel=1e-5)
        assert each.percent == pytest.approx(row[f"{name}_pct"], rel=1e-5)
        assert each.fit == pytest.approx(row[f"{name}_preRMSPE"], rel=1e-6)
        assert each.rank == row[f"{name}_ratio_rank"]
        assert each.p == pytest.approx(row[f"{name}_p_ratio"])
        # Where a placebo lies inside its donors' range many weights are equally good.
        assert abs(each.p_fall * 49 - row[f"{name}_att_rank"]) < 3.5


@pytest.mark.real_data
def test_new_york_refuses_the_highest(real_data):
    numbers, counts, onset = nyc.precincts(real_data)
    found = synthetic(treated(counts, onset))
    refused = {
        int(numbers[int(each.term.split()[1])]): each.why
        for each in found
        if isinstance(each, Refused)
    }
    assert "115.3, lies above that of every donor, 43.8" in refused[75]
    assert {40, 67, 73, 75, 77, 79} <= refused.keys()
    assert len(found) == 21
