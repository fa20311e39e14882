"""Effects by cohort and period, their averages, bands, and the gap of levels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoopstat.impact.callaway import aggregate, group_time, uniform_band
from stoopstat.impact.design import NEVER, Refused, treated
from stoopstat.impact.influence import clustered_se
from stoopstat.impact.levels import level_gap
from stoopstat.reference import callaway as slow
from stoopstat.reference import influence as slow_influence
from stoopstat.tests import nyc_staggered as nyc

ONSET = [1, 2, 2, 3, 4, 9, NEVER, NEVER, NEVER]


def made(seed=1, onset=ONSET, periods=5):
    counts = np.random.default_rng(seed).poisson(9, (len(onset), periods))
    return treated(counts, onset)


def test_two_by_two_by_hand():
    panel = treated([[10, 4], [8, 6], [5, 6], [7, 6], [3, 3]], [1, 1, NEVER, NEVER, NEVER])
    found = group_time(panel)
    # Changes -6, -2 against 1, -1, 0: -4 - 0; variances 4 / 2 and (2/3) / 3.
    assert found.att.tolist() == [-4]
    assert found.se[0] == pytest.approx(np.sqrt(4 / 2 + (2 / 3) / 3))
    for by in ("simple", "cohort", "period", "event"):
        overall = aggregate(found, by=by).overall
        assert (overall.estimate, overall.se) == (-4, pytest.approx(found.se[0]))
        assert (overall.n, overall.scale) == (10, "count")


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 999),
    st.booleans(),
    st.booleans(),
    st.integers(0, 1),
)
def test_cells_agree_with_the_twin(seed, not_yet, universal, anticipation):
    panel = made(seed)
    asked = {"not_yet": not_yet, "universal": universal, "anticipation": anticipation}
    found = group_time(
        panel,
        control="not_yet" if not_yet else "never",
        base="universal" if universal else "varying",
        anticipation=anticipation,
    )
    rows, onset, one = panel.outcome.tolist(), panel.onset.tolist(), [1.0] * len(ONSET)
    expected = {
        (g, t): slow.att(rows, onset, one, g, t, **asked)
        for g in range(1 + anticipation, 5)
        for t in range(5)
    }
    got = dict(zip(zip(found.cohort, found.period, strict=True), found.att, strict=True))
    assert got == pytest.approx({k: v for k, v in expected.items() if v is not None})
    for k in range(0, found.att.size, 5):
        cell = int(found.cohort[k]), int(found.period[k])
        parts = slow_influence.contributions(
            lambda w, cell=cell: slow.att(rows, onset, w, *cell, **asked), len(ONSET)
        )
        assert found.se[k] == pytest.approx(slow_influence.standard_error(parts), abs=1e-6)


@pytest.mark.parametrize("by", ["simple", "cohort", "period", "event"])
@pytest.mark.parametrize("control", ["never", "not_yet"])
def test_averages_and_their_errors_agree_with_the_twin(by, control):
    panel = made(7)
    cluster = [3, 1, 1, 0, 2, 2, 5, 6, 7]
    rows, onset = panel.outcome.tolist(), panel.onset.tolist()

    def number(weight):
        return slow.overall(rows, onset, weight, by, not_yet=control == "not_yet")

    parts = slow_influence.contributions(number, len(ONSET))
    one = aggregate(group_time(panel, control=control), by=by).overall
    assert one.estimate == pytest.approx(number([1.0] * len(ONSET)))
    assert one.se == pytest.approx(slow_influence.standard_error(parts), abs=1e-6)
    grouped = aggregate(group_time(panel, control=control, cluster=cluster), by=by).overall
    assert grouped.se == pytest.approx(slow_influence.standard_error(parts, cluster), abs=1e-6)


def test_laws():
    panel = made(3)
    base = aggregate(group_time(panel, control="not_yet"), by="event")
    turn = np.random.default_rng(1).permutation(len(ONSET))
    turned = treated(panel.outcome[turn], panel.onset[turn])
    shifted = treated(panel.outcome + 3 * np.arange(5) + np.arange(9)[:, None], panel.onset)
    doubled = treated(np.repeat(panel.outcome, 2, axis=0), np.repeat(panel.onset, 2))
    for other, scale in ((turned, 1), (shifted, 1), (doubled, np.sqrt(0.5))):
        again = aggregate(group_time(other, control="not_yet"), by="event")
        assert again.att == pytest.approx(base.att)
        assert again.se == pytest.approx(base.se * scale)
    # One cluster for each copied unit makes the copies count once.
    twins = group_time(doubled, control="not_yet", cluster=np.repeat(np.arange(9), 2))
    assert aggregate(twins, by="event").se == pytest.approx(base.se)


def test_what_has_no_number_is_named():
    panel = treated(np.ones((4, 4)), [0, 1, 3, 3])
    found = group_time(panel, control="not_yet")
    assert found.refused[0].term == "cohort 0"
    assert "left out" in found.refused[0].why
    assert {r.term for r in found.refused} >= {"cohort 1 period 3", "cohort 3 period 3"}
    assert set(zip(found.cohort.tolist(), found.period.tolist(), strict=True)) == {(1, 1), (1, 2)}
    alone = aggregate(group_time(treated(np.ones((2, 3)), [1, 2])))
    assert isinstance(alone, Refused)
    early = group_time(made(), anticipation=1)
    assert [r.term for r in early.refused] == ["cohort 1"]


@pytest.mark.parametrize("control", ["never", "not_yet"])
def test_intervals_cover(control):
    # An effect of -3 for all treated cells; the small-sample shortfall of the errors is known.
    generator, hits, band_hits = np.random.default_rng(5), [], []
    onset = np.repeat([4, 6, NEVER], [12, 12, 26])
    on = np.arange(10) >= onset[:, None]
    for _ in range(150):
        mean = 20 + 4 * generator.random((50, 1)) + generator.random(10) * 3 - 3 * on
        found = group_time(treated(generator.poisson(mean), onset), control=control)
        overall = aggregate(found).overall
        hits.append(abs(overall.estimate + 3) < 1.96 * overall.se)
        event = aggregate(found, by="event", between=(-3, 3))
        band = uniform_band(event, rng=generator, draws=199)
        truth = np.where(event.at >= 0, -3, 0)
        band_hits.append(((band.low <= truth) & (truth <= band.high)).all())
    assert 0.90 <= np.mean(hits) <= 0.99
    assert 0.86 <= np.mean(band_hits) <= 0.99


def test_the_band_is_wider_and_repeatable():
    event = aggregate(group_time(made(2, np.repeat(ONSET, 4))), by="event")
    band = uniform_band(event, rng=np.random.default_rng(1))
    again = uniform_band(event, rng=np.random.default_rng(1))
    assert band.critical == again.critical > 1.96
    assert (band.high - band.low > 2 * 1.96 * 0.8 * event.se).all()


def test_a_common_ratio_is_an_effect_to_a_level_method():
    panel = treated([[40, 40, 20, 20], [44, 36, 20, 20], [10, 10, 5, 5]], [2, 2, NEVER])
    gap = level_gap(panel)
    assert (gap.ratio, gap.unsuitable) == (4, True)
    assert aggregate(group_time(panel, base="universal")).overall.estimate == pytest.approx(
        gap.implied, abs=2
    )
    assert isinstance(level_gap(treated([[1, 2]], [NEVER])), Refused)
    assert isinstance(level_gap(treated([[1, 2], [0, 2]], [1, NEVER])), Refused)
    assert not level_gap(treated([[12, 2], [10, 2]], [1, NEVER])).unsuitable


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: group_time(made(), control="all"), "control"),
        (lambda: group_time(made(), base="first"), "base"),
        (lambda: group_time(made(), anticipation=-1), "anticipation"),
        (lambda: group_time(made(), cluster=[1]), "cluster"),
        (lambda: aggregate(group_time(made()), by="year"), "by"),
        (lambda: uniform_band(aggregate(group_time(made())), rng=None), "terms"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.real_data
@pytest.mark.parametrize("outcome", ["n", "log1p"])
@pytest.mark.parametrize(
    ("control", "name"), [("never", "CS nevertreated"), ("not_yet", "CS notyettreated")]
)
def test_new_york(real_data, control, name, outcome):
    expected = nyc.known(real_data, name, outcome=outcome)
    found = group_time(nyc.panel(real_data, outcome), control=control)
    got = {}
    for by, label in (("simple", "simple"), ("cohort", "group"), ("event", "dynamic")):
        a = aggregate(found, by=by)
        got[f"{label}/overall"] = a.overall.estimate, a.overall.se
        shift = nyc.FIRST if by == "cohort" else 0
        got |= {
            f"{label} {at + shift}": (t.estimate, t.se) for at, t in zip(a.at, a.terms, strict=True)
        }
    assert len(expected) == 19
    for key, pair in expected.items():
        assert got[key] == pytest.approx(pair, abs=1e-9), key


@pytest.mark.real_data
def test_new_york_starts_too_high_for_levels(real_data):
    panel = nyc.panel(real_data)
    overall = aggregate(group_time(panel)).overall
    assert overall.estimate == pytest.approx(-13.7624, abs=5e-5)
    assert overall.se == pytest.approx(3.8153, abs=5e-5)
    gap = level_gap(panel)
    assert gap.unsuitable
    assert gap.ratio > 2
    # Most of the "effect" is what one common ratio of change would have shown.
    assert gap.implied < -8


def test_errors_by_cluster():
    assert clustered_se(np.array([[3.0], [4.0]])).tolist() == [5]
