"""Areas that lie on each other are said to; neighbours and generations are not."""

import shapely

from stoop.places import readers
from stoop.places.readers.overlaps import overlaps
from stoop.places.tests import factories


def test_neighbours_and_generations_do_not_overlap():
    assert overlaps(factories.split_city()) == ()
    ragged = factories.areas([shapely.box(0, 0, 1.01, 1), shapely.box(1, 0, 2, 1)])
    assert overlaps(ragged) == ()


def test_overlapping_areas_are_named():
    on_each_other = factories.areas([shapely.box(i, 0, i + 2, 1) for i in range(6)])
    (note,) = overlaps(on_each_other)
    assert note.startswith("Areas overlap (1 and 2, 2 and 3, 3 and 4 and 2 other pairs);")
    within = factories.areas([shapely.box(0, 0, 9, 9), shapely.box(1, 1, 2, 2)])
    assert "(1 and 2)" in overlaps(within)[0]


def test_the_reader_notes_it(tmp_path):
    rows = [({"code": i}, shapely.box(-75 + i, 40, -73.5 + i, 41)) for i in range(2)]
    path = factories.geojson(tmp_path / "areas.geojson", rows)
    assert "Areas overlap (0 and 1)" in readers.read_areas(path, field="code").notes[-1]
