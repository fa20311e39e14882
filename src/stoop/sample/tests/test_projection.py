"""Our inverse projection against PROJ."""

import numpy as np
import pyproj
import pytest

from stoop.sample.actions.projection import EPSG, degrees


def test_degrees_agree_with_proj_to_a_tenth_of_a_millimetre() -> None:
    x, y = (
        v.ravel() for v in np.meshgrid(np.linspace(4.9e5, 5.3e5, 9), np.linspace(4.5e6, 4.6e6, 9))
    )
    longitude, latitude = degrees(x, y)
    transformer = pyproj.Transformer.from_crs(f"EPSG:{EPSG}", "EPSG:4326", always_xy=True)
    there = transformer.transform(x, y)
    assert longitude == pytest.approx(there[0], abs=1.1e-9)
    assert latitude == pytest.approx(there[1], abs=1.1e-9)
