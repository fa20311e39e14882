"""A city's list of address points: number, street, place, and where each is; and of crossings."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stoop.kernel.errors import Refusal
from stoop.kernel.rejects import RejectedRow, as_line
from stoop.places.readers.tables import encoding_of, likely_delimiter, plain

SYNONYMS: dict[str, tuple[str, ...]] = {
    "number": (
        "number", "house_number", "housenumber", "house_no", "houseno", "h_no", "hno", "st_number",
        "street_number", "streetnumber", "address_number", "addressnumber", "add_number",
        "addr_num", "addrnum", "addr_hn", "civic_number", "num", "no", "st_num", "house_num",
    ),
    "street": (
        "street", "street_name", "streetname", "full_street_name", "fullstreetname",
        "full_street_na", "full_stree", "st_name", "stname", "street_full", "fullstname",
        "full_name", "addr_street", "road", "road_name", "fullname", "stname_lab",
    ),
    "address": (
        "address", "full_address", "fulladdress", "full_addr", "fulladdr", "address_full",
        "street_address", "site_address", "add_full", "addr_full", "location", "sas_address",
    ),
    "place": (
        "place", "city", "town", "borough", "boro", "boroname", "boro_name", "municipality",
        "postal_city", "post_comm", "postcomm", "community", "district", "zip", "zipcode",
        "zip_code", "postcode", "postal_code",
    ),
    "lat": ("lat", "latitude", "y", "y_coord", "point_y", "lat_dd", "ycoord"),
    "lon": ("lon", "lng", "long", "longitude", "x", "x_coord", "point_x", "lon_dd", "xcoord"),
    "point": ("the_geom", "geom", "geometry", "point", "location_1", "wkt", "shape"),
}  # fmt: skip
# What New York's lists write for its boroughs.
BOROUGHS = {"1": "Manhattan", "2": "Bronx", "3": "Brooklyn", "4": "Queens", "5": "Staten Island"}
_NUMBER = re.compile(r"(\d{1,6}(?:-\d{1,5})?(?:\s?[A-Za-z])?(?: 1/2)?)\s+(\S.*)", re.DOTALL)
_POINT = re.compile(r"POINT\s*Z?\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)", re.IGNORECASE)
# "MILL LANE & DOCK STREET" in the column of the street of a row without a number.
_CROSSING = re.compile(r"\s*[&@]\s*|\s+(?:and|at)\s+", re.IGNORECASE)
LONGEST = {"number": 20, "street": 120}
_DIGITS = 7  # a centimetre


@dataclass(frozen=True, slots=True)
class Point:
    """A house, or a crossing where `number` is empty and `other` names its second street."""

    number: str
    street: str
    other: str
    place: str
    lon: float
    lat: float


@dataclass(frozen=True, eq=False)
class Addresses:
    """Points in the order of the files, and the rows that are none."""

    points: tuple[Point, ...]
    rejects: tuple[RejectedRow, ...]


class _RowError(ValueError):
    """Why a row cannot be used."""


def read_addresses(paths: Sequence[Path]) -> Addresses:
    """Read CSV files of address points; columns are found by what cities call them.

    A number and a street, or one column with both; latitude and longitude in degrees, or a WKT
    point. A row without a number whose street names two ("Mill Ln & Dock St") is a crossing.
    Refuses a file that is missing, is no CSV, lacks one of these, or has no row to use.
    """
    points: list[Point] = []
    rejects: list[RejectedRow] = []
    for path in paths:
        before = len(points)
        try:
            _read(path, points, rejects)
        except OSError as error:
            raise Refusal(
                f"The addresses file {path} cannot be read ({error.strerror or error}); "
                "check its name and folder."
            ) from error
        except (csv.Error, UnicodeError) as error:
            raise Refusal(
                f"{path.name} is not a CSV file that can be read; save the list as CSV (UTF-8)."
            ) from error
        if len(points) == before and rejects:
            raise Refusal(
                f"{path.name} has no address with a number, a street, and a point in degrees; give "
                "latitude and longitude."
            )
    return Addresses(tuple(points), tuple(rejects))


def _read(path: Path, points: list[Point], rejects: list[RejectedRow]) -> None:
    with path.open(encoding=encoding_of(path), newline="") as file:
        delimiter = likely_delimiter(file.readline())
        file.seek(0)
        filled = (cells for cells in csv.reader(file, delimiter=delimiter) if any(cells))
        header = next(filled, [])
        columns = _columns(path.name, header)
        for number, cells in enumerate(filled, 1):
            try:
                if len(cells) > len(header):
                    raise _RowError("more cells than the header has names")
                points.append(_point(cells, columns))
            except _RowError as error:
                rejects.append(RejectedRow(path.name, number, str(error), as_line(cells)))


def _columns(name: str, header: Sequence[str]) -> dict[str, int | None]:
    """Where each role stands; refuses a header that lacks one."""
    names = [plain(each) for each in header]
    at = {
        role: next((names.index(each) for each in synonyms if each in names), None)
        for role, synonyms in SYNONYMS.items()
    }
    both = at["number"] is not None and at["street"] is not None
    if not both and at["address"] is None:
        lacking = "street" if at["number"] is not None else "number"
        raise Refusal(
            f"{name} has no column for the {lacking} of an address (its columns are "
            f"{', '.join(header)}); call it {lacking!r}, or give both in one column 'address'."
        )
    if at["point"] is None and (at["lat"] is None or at["lon"] is None):
        raise Refusal(
            f"{name} has no columns for latitude and longitude (its columns are "
            f"{', '.join(header)}); call them 'lat' and 'lon'."
        )
    if both:
        at["address"] = None
    return at


def _point(cells: Sequence[str], at: dict[str, int | None]) -> Point:
    def text(role: str) -> str:
        place = at[role]
        return "" if place is None or place >= len(cells) else " ".join(cells[place].split())

    if at["address"] is None:
        number, street = text("number"), text("street")
    else:
        whole = text("address")
        both = _NUMBER.fullmatch(whole)
        number, street = both.groups() if both else ("", whole)
    street, other = (street, "") if number else _crossing(street)
    if not street:
        raise _RowError("no street")
    if not other and not any(letter.isdecimal() for letter in number):
        raise _RowError("no house number")
    if len(number) > LONGEST["number"] or max(len(street), len(other)) > LONGEST["street"]:
        raise _RowError("a house number or a street longer than there is")
    place = text("place")
    return Point(number, street, other, BOROUGHS.get(place, place), *_degrees(text, at))


def _crossing(street: str) -> tuple[str, str]:
    parts = [part for part in _CROSSING.split(street) if part]
    return (parts[0], parts[1]) if len(parts) == 2 else (street, "")


def _degrees(text: Callable[[str], str], at: dict[str, int | None]) -> tuple[float, float]:
    if at["lat"] is not None and at["lon"] is not None:
        said = text("lon"), text("lat")
    else:
        found = _POINT.search(text("point"))
        said = (found[1], found[2]) if found else ("", "")
    if not all(said):
        raise _RowError("no latitude and longitude")
    try:
        lon, lat = (round(float(each), _DIGITS) for each in said)
    except (ValueError, OverflowError):
        raise _RowError("latitude and longitude are no numbers") from None
    if not (abs(lon) <= 180 and abs(lat) <= 90) or lon == lat == 0:
        raise _RowError("a point that is not in degrees")
    return lon, lat
