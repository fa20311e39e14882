"""Areas that lie on each other: a shooting there could be counted in either."""

import numpy as np
import shapely

from stoop.places.models import Areas

# Neighbours drawn apart overlap along their border; more than this share of the smaller one is
# no border any more.
MORE_THAN_A_BORDER = 0.02
_SHOWN = 3


def overlaps(areas: Areas) -> tuple[str, ...]:
    """A sentence when areas that hold on the same day overlap by more than a ragged border."""
    size = shapely.area(areas.polygons)
    one, other = shapely.STRtree(areas.polygons).query(areas.polygons, predicate="intersects")
    first, second = one[one < other], other[one < other]
    together = _both_hold(areas, first, second)
    first, second = first[together], second[together]
    common = shapely.area(shapely.intersection(areas.polygons[first], areas.polygons[second]))
    much = np.flatnonzero(common > MORE_THAN_A_BORDER * np.minimum(size[first], size[second]))
    if not much.size:
        return ()
    pairs = [f"{areas.codes[first[i]]} and {areas.codes[second[i]]}" for i in much[:_SHOWN]]
    rest = f" and {much.size - _SHOWN:,} other pairs" if much.size > _SHOWN else ""
    return (
        f"Areas overlap ({', '.join(pairs)}{rest}); a point in both is counted in the one that"
        " comes first in the file.",
    )


def _both_hold(
    areas: Areas,
    first: np.ndarray[tuple[int], np.dtype[np.int64]],
    second: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether there is a day on which both polygons of a pair hold."""
    starts, ends = areas.valid_from, areas.valid_to
    apart = (ends[first] <= starts[second]) | (ends[second] <= starts[first])
    return ~apart
