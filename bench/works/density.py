"""Kernel density of 23,574 points at 242,466 nodes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stoopstat.density import kernel_density
from stoopstat.grid import Grid, grid_over
from stoopstat.tests.nyc_points import points

TITLE = "Kernel density, 23,574 points to 242,466 nodes, bandwidth 450 m"
PEER = "KDEpy 1.1.12, FFT"
PEER_REQUIRES = ["KDEpy==1.1.12"]
QUOTED = {"cpu_s": 0.67, "wall_s": None, "peak_mb": None, "source": "measured on two cores"}
AIM = "faster than the faster peer, exact, no mass lost"

BANDWIDTH_M = 450.0
CELL_M = 106.0
# Beyond every kernel's reach, so that the nodes hold the whole mass.
MARGIN_M = 3_400.0
CHECKED = 1_500


@dataclass(frozen=True)
class Inputs:
    x_m: np.ndarray
    y_m: np.ndarray
    grid: Grid
    nodes: np.ndarray


def prepare(data: Path) -> Inputs:
    rows = points(data, incidents=False)
    x, y = rows.x_m, rows.y_m
    ends_x = [x.min() - MARGIN_M, x.max() + MARGIN_M]
    grid = grid_over(ends_x, [y.min() - MARGIN_M, y.max() + MARGIN_M], cell_m=CELL_M)
    # KDEpy wants its nodes column by column.
    east, north = (axis.reshape(grid.land.shape).T.ravel() for axis in grid.centers())
    return Inputs(x, y, grid, np.column_stack([east, north]))


def warm(inputs: Inputs) -> None:
    tiny = grid_over([0.0, 9e4], [0.0, 9e4], cell_m=300)
    for copies in (1, 500):  # both ways of laying kernels
        x = np.linspace(0.0, 9e4, copies)
        kernel_density(x, x, tiny, bandwidth_m=3e3, edge="none", at="center")


def warm_theirs(inputs: Inputs) -> None:
    from KDEpy import FFTKDE

    FFTKDE(kernel="gaussian", bw=1.0).fit(np.eye(2)).evaluate((16, 16))


def ours(inputs: Inputs) -> Any:
    return kernel_density(
        inputs.x_m,
        inputs.y_m,
        inputs.grid,
        bandwidth_m=BANDWIDTH_M,
        edge="none",
        at="center",
    )


def theirs(inputs: Inputs) -> Any:
    from KDEpy import FFTKDE

    rows = np.column_stack([inputs.x_m, inputs.y_m])
    density = FFTKDE(kernel="gaussian", bw=BANDWIDTH_M).fit(rows).evaluate(inputs.nodes)
    return density * rows.shape[0]


def agree(ours: Any, theirs: Any, data: Path) -> str:
    inputs = prepare(data)
    n = inputs.x_m.size
    assert abs(ours.mass - n) < 1e-6 * n, f"our nodes hold {ours.mass:.6f} of {n}"
    some = np.random.default_rng(1).choice(ours.value.size, CHECKED, replace=False)
    some = np.append(some, ours.value.argmax())
    off = np.abs(ours.value[some] - _scipy(inputs, some)).max() / ours.value.max()
    assert off < 1e-9, f"ours and scipy's differ by {off:.1e} of the highest value"
    said = (
        f"Mass kept to {abs(ours.mass / n - 1):.0e}; scipy's gaussian_kde at {some.size:,} nodes"
        f" is the same to {off:.0e} of the highest value"
    )
    if theirs is None:
        return f"{said}."
    return f"{said}; KDEpy's nodes hold {theirs.sum() * CELL_M**2 / n:.1%} of the mass."


def _scipy(inputs: Inputs, some: np.ndarray) -> np.ndarray:
    """scipy's density with one bandwidth on both axes, in place of the data's own covariance."""
    from scipy.stats import gaussian_kde

    class RoundKernel(gaussian_kde):
        def _compute_covariance(self) -> None:
            self.covariance = np.eye(2) * BANDWIDTH_M**2
            self.cho_cov = np.eye(2) * BANDWIDTH_M
            self.log_det = 2 * np.log(np.diag(self.cho_cov * np.sqrt(2 * np.pi))).sum()

    nodes = np.array(inputs.grid.centers())[:, some]
    return RoundKernel(np.array([inputs.x_m, inputs.y_m]))(nodes) * inputs.x_m.size
