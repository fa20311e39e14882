"""Getis-Ord Gi* on a 250 m grid of New York's land."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stoopstat.grid import Grid, grid_over
from stoopstat.hotspots import gi_star
from stoopstat.tests.nyc_land import precinct_land
from stoopstat.tests.nyc_points import points

TITLE = "Gi*, 250 m grid (13,899 cells), 18,562 incidents; the peer with 9,999 permutations"
PEER = "esda 2.9.0"
PEER_REQUIRES = ["esda==2.9.0"]
QUOTED = {"cpu_s": 25.0, "wall_s": None, "peak_mb": 3730, "source": "measured on two cores"}
AIM = "20 x less CPU, under 300 MB, correct under ties"

CELL_M = 250.0
RADIUS_M = 500.0
PERMUTATIONS = 9_999


@dataclass(frozen=True)
class Inputs:
    grid: Grid
    counts: np.ndarray


def prepare(data: Path) -> Inputs:
    grid = precinct_land(data, cell_m=CELL_M)
    incidents = points(data, incidents=True)
    return Inputs(grid, grid.counts(incidents.x_m, incidents.y_m))


def warm(inputs: Inputs) -> None:
    tiny = grid_over([0.0, 999.0], [0.0, 999.0], cell_m=250)
    gi_star(np.arange(tiny.cells), tiny, radius_m=250)


def ours(inputs: Inputs) -> Any:
    return gi_star(inputs.counts, inputs.grid, radius_m=RADIUS_M)


def theirs(inputs: Inputs) -> Any:
    from esda.getisord import G_Local
    from libpysal.weights import DistanceBand, fill_diagonal

    centers = np.column_stack(inputs.grid.centers())
    near = DistanceBand(centers, RADIUS_M, binary=True, silence_warnings=True)
    found = G_Local(
        inputs.counts.astype(float),
        fill_diagonal(near, 1.0),
        transform="B",
        permutations=PERMUTATIONS,
        star=True,
        seed=1,
    )
    return found.Zs, found.p_sim


def agree(ours: Any, theirs: Any, data: Path) -> str:
    said = f"{int(ours.significant.sum()):,} cells stand out at a false-discovery rate of 5 %"
    if theirs is None:
        return f"Chances are exact; {said}."
    z, p = theirs
    off = np.abs(z - ours.z).max()
    assert off < 1e-9, f"z differs by {off:.1e}"
    # Their permutations keep the cell's own count and take the smaller tail without ties, so p is
    # of one kind with ours only in the middle of the hot side.
    warm_side = (ours.z > 0) & (ours.z < 2)
    apart = np.median(np.abs(np.log10(p[warm_side] / ours.p[warm_side])))
    assert apart < 0.1, f"p differs by a factor of 10^{apart:.2f}"
    empty = ours.total == 0
    return (
        f"z the same to {off:.0e}, p (0 < z < 2) within {10**apart - 1:.0%} at the median; {said}."
        f" Of {int(empty.sum()):,} neighbourhoods without an incident the peer gives the lowest"
        f" p = {p[empty].min():.4f} to {int((p[empty] < 0.001).sum()):,}; their exact chance is"
        f" {ours.p_cold[empty].min():.3f} or more."
    )
