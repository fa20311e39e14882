"""A city's list of address points: number, street, place, and where each is."""

# ruff: noqa: S608 (columns are numbers, paths are quoted)
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from stoop.kernel.errors import Refusal
from stoop.kernel.files import digest
from stoop.places.models import Floats
from stoop.places.readers.tables import plain

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
_NUMBER = r"^\s*(\d{1,6}(?:-\d{1,5})?(?:\s?[A-Za-z])?(?: 1/2)?)\s+(\S.*)$"


@dataclass(frozen=True, eq=False)
class Addresses:
    """Address points as columns, n long; `skipped` lines had no number, street or point."""

    numbers: tuple[str, ...]
    streets: tuple[str, ...]
    places: tuple[str, ...]
    lon: Floats
    lat: Floats
    skipped: int
    file: str
    sha256: str


def read_addresses(path: Path) -> Addresses:
    """Read a CSV file of address points; its columns are found by what cities call them.

    A number and a street, or one column with both; latitude and longitude in degrees, or a WKT
    point. Refuses a file that is missing, is no CSV, or lacks one of these.
    """
    try:
        sha256 = digest(path)
    except OSError as error:
        raise Refusal(
            f"The addresses file {path} cannot be read ({error.strerror or error}); "
            "check its name and folder."
        ) from error
    connection = duckdb.connect(":memory:", config={"threads": 1})
    try:
        connection.execute(
            "CREATE TEMP VIEW lines AS SELECT * FROM read_csv(?, all_varchar=true, header=true,"
            " null_padding=true, ignore_errors=true)".replace("?", _quoted(path))
        )
        names = [str(row[0]) for row in connection.execute("DESCRIBE lines").fetchall()]
        sql = _sql(path.name, names)
        rows = connection.execute(sql).fetchnumpy()
        total = int(connection.execute("SELECT count(*) FROM lines").fetchall()[0][0])
    except duckdb.Error as error:
        raise Refusal(
            f"{path.name} is not a CSV file that can be read; save the addresses as CSV (UTF-8)."
        ) from error
    finally:
        connection.close()
    lon, lat = (np.asarray(rows[name], dtype=np.float64) for name in ("lon", "lat"))
    good = (np.abs(lon) <= 180) & (np.abs(lat) <= 90) & ~((lon == 0) & (lat == 0))
    if total and not good.any():
        raise Refusal(
            f"{path.name} has no address with a number, a street, and a point in degrees; give "
            "latitude and longitude."
        )
    columns = (np.asarray(rows[name], dtype=object)[good] for name in ("number", "street", "place"))
    numbers, streets, places = (tuple(map(str, column.tolist())) for column in columns)
    return Addresses(
        numbers=numbers,
        streets=streets,
        places=tuple(BOROUGHS.get(place, place) for place in places),
        lon=lon[good],
        lat=lat[good],
        skipped=total - len(numbers),
        file=path.name,
        sha256=sha256,
    )


def _sql(name: str, header: list[str]) -> str:
    at = {role: _find(header, synonyms) for role, synonyms in SYNONYMS.items()}
    number, street, whole = at["number"], at["street"], at["address"]
    if not (number and street):
        if not whole:
            lacking = "street" if number else "number"
            raise Refusal(
                f"{name} has no column for the {lacking} of an address (its columns are "
                f"{', '.join(header)}); call it {lacking!r}, or give both in one column 'address'."
            )
        number = f"regexp_extract({whole}, '{_NUMBER}', 1)"
        street = f"regexp_extract({whole}, '{_NUMBER}', 2)"
    lon, lat = at["lon"], at["lat"]
    if not (lon and lat):
        if not at["point"]:
            raise Refusal(
                f"{name} has no columns for latitude and longitude (its columns are "
                f"{', '.join(header)}); call them 'lat' and 'lon'."
            )
        numbers = r"'POINT\s*Z?\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)'"
        lon, lat = (f"regexp_extract({at['point']}, {numbers}, {part})" for part in (1, 2))
    place = at["place"] or "''"
    return (
        f"SELECT number, street, place, lon, lat FROM (SELECT trim({number}) AS number,"
        rf" trim(regexp_replace({street}, '\s+', ' ', 'g')) AS street,"
        f" coalesce(trim({place}), '') AS place, try_cast({lon} AS DOUBLE) AS lon,"
        f" try_cast({lat} AS DOUBLE) AS lat FROM lines)"
        r" WHERE regexp_matches(number, '\d') AND length(number) <= 20 AND street <> ''"
        " AND length(street) <= 120 AND lon IS NOT NULL AND lat IS NOT NULL"
    )


def _find(header: list[str], synonyms: tuple[str, ...]) -> str:
    names = {plain(name): name for name in reversed(header)}
    found = next((names[synonym] for synonym in synonyms if synonym in names), None)
    return "" if found is None else '"' + found.replace('"', '""') + '"'


def _quoted(path: Path) -> str:
    name = "".join(f"[{c}]" if c in "*?[" else c for c in str(path.absolute()))
    return "'" + name.replace("'", "''") + "'"
