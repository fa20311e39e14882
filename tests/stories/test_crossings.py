"""A corner of Sample City, as a duty officer types it in a hurry."""

from pathlib import Path

import pytest

from stoop.accounts.permissions import SYSTEM
from stoop.places import actions, queries
from stoop.sample import actions as sample

pytestmark = pytest.mark.django_db


def test_a_corner_is_found_however_it_is_typed(tmp_path: Path) -> None:
    city = sample.build(tmp_path, seed=1)
    done = actions.load_addresses(files=[city.addresses], by=SYSTEM)
    assert done.rejects == ()
    assert done.crossings > 300
    corner = queries.find_address("Mill Lane & Dock Street")[0]
    assert corner.text == "Mill Lane & Dock Street"
    for typed in ("Mill Ln & Dock St", "mill ln at dock st", "Dock Street and Mill Lane",
                  "corner of mill lane and dock", "Dok St / Mill Lane"):  # fmt: skip
        found = queries.find_address(typed)[0]
        assert (found.lon, found.lat) == (corner.lon, corner.lat), typed
    east = queries.find_address("Harbor Wy & E 22 St")[0]
    assert east.text == "Harbor Way & East 22nd Street"
    house = queries.find_address("2200 Harbor Way")[0]
    assert (house.lon, house.lat) == (east.lon, east.lat), "a hundred begins at its corner"
