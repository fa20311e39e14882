"""Back-test: ties pro rata, nothing from the future, paired intervals that cover, the choice."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoopstat.backtest import Backtest, Difference, backtest, caught, choose
from stoopstat.forecast import METHODS, forecast
from stoopstat.grid import Grid, grid_over
from stoopstat.reference import forecast as twin
from stoopstat.tests.nyc_land import precinct_land
from stoopstat.tests.nyc_points import points


def city(seed: int = 7, months: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray, Grid]:
    rng = np.random.default_rng(seed)
    spots = rng.uniform(0, 4_999, (30, 2))
    month = np.repeat(np.arange(months), 25)
    pick = (30 * rng.random(month.size) ** 2).astype(int)
    x, y = (spots[pick] + rng.normal(0, 60, (month.size, 2))).clip(0, 4_999).T
    return x, y, month, grid_over([0.0, 4_999.0], [0.0, 4_999.0], cell_m=250)


def tried(seed: int = 7, **choices) -> Backtest:
    x, y, month, grid = city(seed)
    given = {"first_month": 34, "last_month": 39, "rng": np.random.default_rng(1), **choices}
    return backtest(x, y, month, grid, **given)


def test_ties_at_the_cut_are_taken_pro_rata():
    # Two of four cells may be taken; the second place is tied among three that hold 1, 0 and 2.
    assert caught([5, 1, 1, 1], [10, 1, 0, 2], [0.5]).tolist() == [11.0]
    # With nothing to tell cells apart, a share of land catches that share of incidents.
    assert caught(np.zeros(50), np.arange(50), [0.1]) == pytest.approx([0.1 * np.arange(50).sum()])


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=20),
    st.floats(0.01, 1),
)
def test_hits_agree_with_taking_levels_one_by_one(cells, share):
    score, counts = zip(*cells, strict=True)
    assert caught(score, counts, [share])[0] == pytest.approx(twin.caught(score, counts, share))


def test_every_figure_follows_from_hits():
    found = tried()
    monthly = found.hits / found.incidents[:, None]
    assert found.methods == METHODS
    assert found.hits.shape == (5, 6, 3)
    assert np.allclose(found.hit_rate, monthly.mean(axis=1))
    assert np.allclose(found.pooled, found.hits.sum(axis=1) / found.incidents.sum())
    assert np.allclose(found.pai, found.hit_rate / [0.01, 0.02, 0.05])
    assert np.allclose(found.pei, found.hits.sum(axis=1) / found.best.sum(axis=0))
    assert (found.pei <= 1).all()
    assert found.off_land == 0
    pair = found.against("shrunk", "decayed")
    assert np.allclose(pair.mean, found.hit_rate[4] - found.hit_rate[2])
    mirror = found.against("decayed", "shrunk")
    assert np.allclose([pair.low, pair.high], [-mirror.high, -mirror.low])


def test_each_month_is_foretold_as_a_forecast_made_then():
    x, y, month, grid = city()
    found = tried()
    for i, method in enumerate(METHODS):
        for j, target in enumerate(found.months):
            known = month < target
            told = forecast(
                x[known], y[known], month[known], grid, target_month=int(target), method=method
            )
            fell = grid.counts(x[month == target], y[month == target])
            assert found.hits[i, j] == pytest.approx(caught(told.score, fell, found.shares))


def test_later_months_do_not_change_earlier_ones():
    x, y, month, grid = city()
    rng = np.random.default_rng(5)
    later = month > 36
    x2 = np.where(later, rng.uniform(0, 4_999, x.size), x)
    kept = [
        backtest(
            a, y, month, grid, first_month=34, last_month=last, rng=np.random.default_rng(1)
        ).hits[:, :3]
        for a, last in ((x, 39), (x2, 39), (x, 36))
    ]
    assert np.array_equal(kept[0], kept[1])
    assert np.array_equal(kept[0], kept[2])


def test_moving_and_reordering_change_nothing():
    x, y, month, grid = city()
    order = np.random.default_rng(3).permutation(x.size)
    away = Grid(250.0, grid.first_column - 8, grid.first_row + 4, grid.land)
    moved = backtest(
        x[order] - 2_000,
        y[order] + 1_000,
        month[order],
        away,
        first_month=34,
        last_month=39,
        rng=np.random.default_rng(1),
    )
    assert np.allclose(moved.hit_rate, tried().hit_rate)
    assert np.allclose(moved.against("kde", "decayed").low, tried().against("kde", "decayed").low)


def test_all_incidents_in_one_cell_are_all_caught():
    x = np.full(48, 130.0)
    grid = grid_over([0.0, 999.0], [0.0, 999.0], cell_m=100)
    found = backtest(
        x, x, np.arange(48), grid, first_month=40, last_month=47, rng=np.random.default_rng(0)
    )
    assert (found.hit_rate == 1).all()
    assert (found.pei == 1).all()
    assert np.allclose(found.pai[0], [100, 50, 20])
    assert choose(found).method == "shrunk"  # never below the count, so kept
    assert not choose(found).surely


def test_months_without_incidents_are_left_out():
    x = np.full(3, 50.0)
    grid = grid_over([0.0, 999.0], [0.0, 999.0], cell_m=100)
    found = backtest(
        x, x, [0, 3, 6], grid, first_month=0, last_month=9, rng=np.random.default_rng(0)
    )
    assert found.months.tolist() == [3, 6]


def test_the_interval_of_a_difference_covers_its_mean():
    # Monthly gains drawn anew: the true mean is zero and 95 % of intervals should hold it.
    from stoopstat.backtest import _differences

    rng = np.random.default_rng(12)
    held = 0
    for _ in range(300):
        monthly = rng.normal(0.2, 0.05, (2, 48, 1))
        pair = _differences(("kde", "decayed"), monthly, 400, rng)[0]
        held += bool(pair.low[0] <= 0 <= pair.high[0])
    assert 0.90 <= held / 300 <= 0.98


def with_gain(mean: list[float], low: list[float]) -> Backtest:
    found = tried(methods=["decayed", "shrunk"])
    pair = Difference("shrunk", "decayed", np.array(mean), np.array(low), np.array(mean) + 1)
    fields = {name: getattr(found, name) for name in Backtest.__slots__}
    return Backtest(**{**fields, "differences": (pair,)})


@pytest.mark.parametrize(
    ("mean", "low", "method", "surely"),
    [
        ([0.01, 0.02, 0.0], [-0.01, 0.01, -0.01], "shrunk", False),
        ([0.01, 0.02, 0.01], [0.001, 0.01, 0.002], "shrunk", True),
        ([0.01, 0.02, 0.01], [0.001, 0.01, -0.002], "shrunk", False),
        ([0.01, 0.02, 0.01], [0.001, 0.01, 0.0], "shrunk", False),
        ([0.03, -0.001, 0.03], [0.01, -0.01, 0.01], "decayed", False),
    ],
)
def test_a_model_is_kept_only_if_it_is_nowhere_below_the_count(mean, low, method, surely):
    found = choose(with_gain(mean, low))
    assert (found.method, found.surely) == (method, surely)
    assert found.beats == (method == "shrunk")


def test_what_backtest_refuses():
    with pytest.raises(ValueError, match="no month"):
        tried(first_month=90, last_month=95)
    with pytest.raises(ValueError, match="no month"):
        tried(first_month=0, last_month=0)
    with pytest.raises(ValueError, match="shares"):
        tried(shares=[0.0])
    with pytest.raises(ValueError, match="different methods"):
        tried(methods=["kde", "kde"])
    with pytest.raises(ValueError, match="method must"):
        tried(methods=["oracle"])
    with pytest.raises(ValueError, match="does not compare"):
        choose(tried(methods=["kde"]))


@pytest.mark.real_data
def test_new_york_2019_and_2020_are_foretold_no_worse_than_by_a_decayed_count(real_data: Path):
    city = points(real_data, incidents=True)
    grid = precinct_land(real_data, cell_m=250)
    assert (city.x_m.size, grid.cells) == (18_562, 13_899)
    found = backtest(
        city.x_m,
        city.y_m,
        city.month,
        grid,
        first_month=2019 * 12,
        last_month=2020 * 12 + 11,
        methods=["decayed", "shrunk"],
        rng=np.random.default_rng(2),
    )
    assert found.off_land == 0
    assert found.hit_rate[0] == pytest.approx([0.1537, 0.2640, 0.5017], abs=5e-4)
    assert (found.against("shrunk", "decayed").mean >= 0).all()
    # The gain is small and 24 months cannot prove it; the choice says both.
    assert choose(found).beats
    assert not choose(found).surely


def test_what_happens_after_the_last_month_is_not_even_counted_as_off_land():
    x, y, month, grid = city()
    lost, later = [9e4, 9e4], [39, 40]
    found = backtest(
        np.r_[x, lost], np.r_[y, lost], np.r_[month, later], grid, first_month=38, last_month=39,
        methods=["decayed"], rng=np.random.default_rng(1),
    )  # fmt: skip
    assert found.off_land == 1
