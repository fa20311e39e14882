"""Monthly place forecasts: known answers, nothing from the future, slow twin, laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoopstat.forecast import METHODS, SHAPES, Past, forecast, rolling_forecasts
from stoopstat.grid import Grid, grid_over
from stoopstat.reference import forecast as twin

incidents = st.lists(
    st.tuples(st.integers(0, 599), st.integers(0, 399), st.integers(0, 40)),
    min_size=1,
    max_size=12,
)


def small() -> Grid:
    """Six by four cells of 100 m."""
    return grid_over([0.0, 599.0], [0.0, 399.0], cell_m=100)


def hot_city(seed: int, months: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray, Grid]:
    """Hot places that stay: cell rates are gamma around a smooth field, counts are Poisson."""
    rng = np.random.default_rng(seed)
    grid = grid_over([0.0, 7_499.0], [0.0, 7_499.0], cell_m=250)
    x, y = grid.centers()
    field = np.exp(-((x - 2_500) ** 2 + (y - 3_000) ** 2) / 2e6) + 0.02
    rate = rng.gamma(0.8, field / 0.8)
    rate *= 60 / rate.sum()
    cell, month = np.nonzero(np.ones((grid.cells, months)))
    n = rng.poisson(np.repeat(rate, months))
    cell, month = np.repeat(cell, n), np.repeat(month, n)
    inside = rng.uniform(-125, 125, (2, cell.size))
    return x[cell] + inside[0], y[cell] + inside[1], month, grid


def test_counts_are_incidents_per_month_of_their_window():
    # One cell, incidents in months 0, 11, 12 and 23; the month foretold is 24.
    x, month = [50.0] * 4, [0, 11, 12, 23]
    first = [forecast(x, x, month, small(), target_month=24, method=m).score[0] for m in METHODS]
    assert first[METHODS.index("last_year")] == pytest.approx(2 / 12)
    assert first[METHODS.index("all_history")] == pytest.approx(4 / 24)


def test_a_half_life_halves():
    # 36 months apart, the older incident counts one half of the newer.
    x, y = [50.0, 550.0], [50.0, 50.0]
    found = forecast(x, y, [0, 36], small(), target_month=37, method="decayed")
    assert found.score[0] / found.score[5] == pytest.approx(0.5)
    assert found.parameters == {"half_life_months": 36.0}
    assert found.incidents == 2


def test_a_record_that_begins_earlier_thins_the_rates():
    late = forecast([50.0], [50.0], [10], small(), target_month=12, method="all_history")
    early = forecast(
        [50.0], [50.0], [10], small(), target_month=12, method="all_history", first_month=2
    )
    assert (late.score[0], early.score[0]) == (1 / 2, 1 / 10)


@pytest.mark.parametrize("method", METHODS)
def test_the_future_changes_nothing(method):
    x, y, month, grid = hot_city(1)
    target = 40
    known = month < target
    told = forecast(x, y, month, grid, target_month=target, method=method)
    rng = np.random.default_rng(2)
    elsewhere = np.where(known, x, rng.uniform(0, 7_499, x.size))
    later = np.where(known, month, target + rng.integers(0, 9, x.size))
    other = forecast(elsewhere, y, later, grid, target_month=target, method=method)
    alone = forecast(x[known], y[known], month[known], grid, target_month=target, method=method)
    assert np.array_equal(told.score, other.score)
    assert np.array_equal(told.score, alone.score)
    assert told.incidents == alone.incidents == known.sum()


@settings(max_examples=40, deadline=None)
@given(incidents)
def test_it_agrees_with_one_incident_at_a_time(rows):
    x, y, month = np.array(rows).T
    grid, target = small(), int(month.max()) + 1
    counts = twin.decayed(grid.cell_of(x, y).tolist(), month.tolist(), grid.cells, target)
    found = forecast(x, y, month, grid, target_month=target, method="decayed")
    assert found.score.tolist() == pytest.approx(counts)
    places = [(float(a), float(b)) for a, b, _ in rows]
    smooth = twin.smoothed(places, month.tolist(), grid, target, 75)
    kde = forecast(x, y, month, grid, target_month=target, method="kde")
    assert kde.score.tolist() == pytest.approx(smooth, rel=1e-9, abs=1e-15)


@settings(max_examples=30, deadline=None)
@given(incidents)
def test_shrinkage_is_the_gamma_rates_posterior_mean(rows):
    x, y, month = np.array(rows).T
    grid, target = small(), int(month.max()) + 1
    found = forecast(x, y, month, grid, target_month=target)
    places = [(float(a), float(b)) for a, b, _ in rows]
    around = twin.smoothed(places, month.tolist(), grid, target, 150)
    prior = [0.98 * rate + 0.02 * sum(around) / grid.cells for rate in around]
    exposure = sum(0.5 ** ((target - 1 - m) / 36) for m in range(int(month.min()), target))
    rates = twin.decayed(grid.cell_of(x, y).tolist(), month.tolist(), grid.cells, target)
    slow = [
        twin.posterior_mean(rate * exposure, exposure, mean, found.parameters["shape"])
        for rate, mean in zip(rates, prior, strict=True)
    ]
    assert found.score.tolist() == pytest.approx(slow, rel=1e-9)
    assert found.parameters["shape"] in SHAPES


@pytest.mark.parametrize("method", METHODS)
def test_moving_reordering_and_turning_change_nothing(method):
    x, y, month, grid = hot_city(3, months=30)
    here = forecast(x, y, month, grid, target_month=30, method=method).score
    away = Grid(250.0, grid.first_column + 40, grid.first_row - 400, grid.land)
    moved = forecast(
        x + 10_000, y - 100_000, month + 500, away, target_month=530, method=method
    ).score
    order = np.random.default_rng(4).permutation(x.size)
    shuffled = forecast(x[order], y[order], month[order], grid, target_month=30, method=method)
    # The grid is square, so swapping the axes maps it on itself.
    swapped = forecast(y, x, month, grid, target_month=30, method=method).score
    assert np.allclose(here, moved, rtol=1e-9, atol=1e-15)
    assert np.allclose(here, shuffled.score, rtol=1e-9, atol=1e-15)
    assert np.allclose(grid.raster(here).T, grid.raster(swapped), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("method", METHODS)
def test_twice_the_incidents_are_twice_the_rate(method):
    x, y, month, grid = hot_city(5, months=30)
    once = forecast(x, y, month, grid, target_month=30, method=method)
    twice = forecast(*(np.tile(a, 2) for a in (x, y, month)), grid, target_month=30, method=method)
    if method == "shrunk":
        # Twice the evidence is shrunk less, so only the whole is known.
        assert twice.score.sum() == pytest.approx(2 * once.score.sum(), rel=0.1)
    else:
        assert np.allclose(twice.score, 2 * once.score)


def test_among_cells_with_one_incident_the_busier_surroundings_come_first():
    x = [50.0, 50.0, 150.0, 1_950.0]
    y = [50.0, 150.0, 50.0, 1_950.0]
    grid = grid_over([0.0, 1_999.0], [0.0, 1_999.0], cell_m=100)
    found = forecast(x, y, [3, 3, 3, 3], grid, target_month=4)
    assert found.score[0] > found.score[grid.cell_of([1_950.0], [1_950.0])[0]]
    assert (found.score > 0).all()


def test_shrunk_rates_are_calibrated_where_their_assumptions_hold():
    # Of the cells foretold a given rate, the next months hold about that many incidents.
    foretold, fell = [], []
    for seed in range(4):
        x, y, month, grid = hot_city(seed, months=60)
        told = forecast(x, y, month, grid, target_month=48).score
        later = month >= 48
        foretold.append(told * 12)
        fell.append(grid.counts(x[later], y[later]))
    expected, observed = np.concatenate(foretold), np.concatenate(fell)
    order = np.argsort(expected)
    for part in np.array_split(order, 4)[1:]:
        assert observed[part].sum() == pytest.approx(expected[part].sum(), rel=0.2)
    assert observed.sum() == pytest.approx(expected.sum(), rel=0.1)


@pytest.mark.parametrize("method", METHODS)
def test_rolling_forecasts_are_those_made_one_by_one(method):
    x, y, month, grid = hot_city(6, months=40)
    rolled = rolling_forecasts(x, y, month, grid, from_month=33, to_month=36, method=method)
    assert [told.target_month for told in rolled] == [33, 34, 35, 36]
    for told in rolled:
        alone = forecast(x, y, month, grid, target_month=told.target_month, method=method)
        assert np.allclose(told.score, alone.score, rtol=1e-9, atol=1e-15)
        assert told.parameters == alone.parameters
        assert told.incidents == alone.incidents


def test_incidents_off_land_are_counted_not_lost_in_silence():
    land = small().with_land_where(lambda x, y: x < 300)
    found = forecast([50.0, 350.0, 590.0], [50.0] * 3, [0, 0, 0], land, target_month=1)
    assert (found.incidents, found.off_land) == (2, 1)


def test_what_forecast_refuses():
    with pytest.raises(ValueError, match="before the month"):
        forecast([50.0], [50.0], [5], small(), target_month=5)
    with pytest.raises(ValueError, match="before the month"):
        forecast([], [], [], small(), target_month=5)
    with pytest.raises(ValueError, match="before the month"):
        forecast([9_000.0], [50.0], [1], small(), target_month=5)
    water = Grid(100.0, 0, 0, np.zeros((1, 1), dtype=bool))
    with pytest.raises(ValueError, match="no land"):
        forecast([50.0], [50.0], [1], water, target_month=5)
    with pytest.raises(ValueError, match="whole"):
        forecast([50.0], [50.0], [1.5], small(), target_month=5)
    with pytest.raises(ValueError, match="one length"):
        forecast([50.0], [50.0], [1, 2], small(), target_month=5)
    with pytest.raises(ValueError, match="before the month"):
        rolling_forecasts([50.0], [50.0], [5], small(), from_month=5, to_month=9)
    with pytest.raises(ValueError, match="from_month"):
        rolling_forecasts([50.0], [50.0], [1], small(), from_month=6, to_month=5)
    with pytest.raises(ValueError, match="method must"):
        forecast([5.0], [5.0], [1], small(), target_month=5, method="oracle")  # type: ignore[arg-type]


@pytest.mark.parametrize(("advantage", "shape"), [(0.01, 0.5), (0.2, 1.0)])
def test_only_a_clear_advantage_makes_it_shrink_more(advantage, shape):
    here = grid_over([0.0, 999.0], [0.0, 999.0], cell_m=250)
    past = Past.of([9.0] * 11, [9.0] * 11, range(11), here)
    for month in range(1, 11):
        # Shape 1 is better by the advantage on average, give or take 0.1 from month to month.
        better = advantage + (0.1 if month % 2 else -0.1)
        past.trials[month] = np.array([0.0, better, better - 9, better - 9])
    assert past.forecast(11, "shrunk").parameters["shape"] == shape
