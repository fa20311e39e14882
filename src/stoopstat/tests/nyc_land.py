"""New York's land as a grid, for tests and benches that use the real files."""

from functools import cache
from pathlib import Path

import numpy as np
import shapely
from pyproj import Transformer

from stoopstat.grid import Grid, grid_over
from stoopstat.tests.nyc_points import US_SURVEY_FOOT_M


@cache
def precinct_land(folder: Path, *, cell_m: float) -> Grid:
    """Cells that touch a precinct, in metres of EPSG:2263."""
    to_feet = Transformer.from_crs(4326, 2263, always_xy=True)
    precincts = shapely.from_geojson((folder / "precincts.geojson").read_text())
    land = shapely.transform(
        precincts, lambda at: np.column_stack(to_feet.transform(*at.T)) * US_SURVEY_FOOT_M
    )
    left, bottom, right, top = land.bounds
    grid = grid_over([left, right], [bottom, top], cell_m=cell_m)
    x, y = grid.corners()
    squares = shapely.STRtree(shapely.box(x, y, x + cell_m, y + cell_m))
    touched = squares.query(shapely.get_parts(land), predicate="intersects")[1]
    return grid.with_land(np.isin(np.arange(x.size), touched).reshape(grid.land.shape))
