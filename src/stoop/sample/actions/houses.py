"""Names and house numbers for the long streets of each grid, and the crossings of the main ones:
the city's list of addresses.

Nothing is drawn: a name follows from the row of the grid, a number from how far along the row the
house stands. A block is 180 m and has a hundred numbers, and the hundreds of parallel streets lie
side by side. Shootings happen at these very places or, on every block, at one more between them.
"""

import numpy as np
import shapely

from stoop.sample.actions.land import Land
from stoop.sample.actions.projection import degrees
from stoop.sample.actions.streets import BANKS, BLOCK_M, TURN, Streets, bank, middle

HEADER = ["number", "street", "lat", "lon"]
# The streets around the middle of each bank, which run through the whole of it.
MAIN = (
    ("Mill Lane", "Tannery Row", "Quay Street", "Ropewalk", "Chandler Avenue", "Kiln Street"),
    ("Orchard Street", "Saltmarsh Road", "Harbor Way", "North Gate", "Cooper Street",
     "Lantern Street"),
)  # fmt: skip
MAIN_EVERY = 11  # rows of the grid from one to the next
# Short streets have no houses, and a number for a name, counted from the river's side; but one.
ACROSS = (("West", "Dock Street"), ("East", "Chapel Street"))
# 61 and 6 have no common divisor: 366 names before one comes again, and no two neighbours alike.
WORDS = (
    "Alder", "Anchor", "Ash", "Barley", "Beacon", "Bell", "Birch", "Bramble", "Bridge", "Brook",
    "Candle", "Cedar", "Cherry", "Clover", "Cobble", "Copper", "Coral", "Crane", "Dove", "Elder",
    "Falcon", "Fern", "Ferry", "Fiddler", "Flint", "Garden", "Garnet", "Glazier", "Gorse",
    "Granite", "Hawthorn", "Hazel", "Heron", "Hickory", "Holly", "Ivy", "Juniper", "Kestrel",
    "Larch", "Linden", "Loom", "Maple", "Meadow", "Mulberry", "Nettle", "Oak", "Osprey", "Pearl",
    "Pepper", "Plover", "Poplar", "Quarry", "Raven", "Reed", "Rowan", "Sorrel", "Spruce", "Thistle",
    "Walnut", "Willow", "Wren",
)  # fmt: skip
KINDS = ("Street", "Avenue", "Road", "Place", "Court", "Drive")
HUNDRED = 100
THIRD_M = 60.0  # every third of a block has an address; the middle one has no house


def houses(land: Land, streets: Streets) -> list[list[str]]:
    """Lines of addresses.csv, its header first: by bank, street and number, then crossings."""
    longitude, latitude = degrees(streets.x_m, streets.y_m)
    lines = [HEADER]
    named = 0
    for letters, main, across in zip(BANKS, MAIN, ACROSS, strict=True):
        own = bank(land, letters)
        at = np.flatnonzero(np.isin(streets.sector, own))
        cosine, sine = TURN[letters[0]]
        x, y = middle(shapely.union_all([land.polygons[k] for k in own]))
        east, north = streets.x_m[at] - x, streets.y_m[at] - y
        third = np.rint((east * cosine + north * sine) / THIRD_M).astype(np.int64)
        row = np.rint((north * cosine - east * sine) / BLOCK_M[1]).astype(np.int64)
        thirds = round(BLOCK_M[0] / THIRD_M)
        first = int((third // thirds).min()) - 1
        number = HUNDRED * (third // thirds - first) + HUNDRED * (third % thirds) // thirds
        rows = np.unique(row).tolist()
        names = {r: _name(named + k) for k, r in enumerate(rows)}
        start = -(len(main) // 2) * MAIN_EVERY
        names |= {start + k * MAIN_EVERY: name for k, name in enumerate(main)}
        named += len(rows)
        for k in np.lexsort((number, row)).tolist():
            if third[k] % thirds != 1:
                point = (f"{latitude[at[k]]:.6f}", f"{longitude[at[k]]:.6f}")
                lines.append([str(number[k]), names[int(row[k])], *point])
        for k in np.lexsort((number, row)).tolist():
            name = names[int(row[k])]
            if third[k] % thirds == 0 and name in main:
                point = (f"{latitude[at[k]]:.6f}", f"{longitude[at[k]]:.6f}")
                other = _across(int(third[k]) // thirds, first, *across)
                lines.append(["", f"{name} & {other}", *point])
    return lines


def _across(block: int, first: int, side: str, middle: str) -> str:
    """A short street by the block that begins at it; the one through the bank's middle is named."""
    number = block - first
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number // 10 % 10 != 1 else 0, "th")
    return f"{side} {number}{ending} Street" if block else middle


def _name(number: int) -> str:
    return f"{WORDS[number % len(WORDS)]} {KINDS[number % len(KINDS)]}"
