"""Bytes of every file of Sample City but the rows, which `rows` spells."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.polygon import orient

from stoop.sample.actions.houses import houses
from stoop.sample.actions.land import BOROUGHS, Land, sort_key
from stoop.sample.actions.plan import Plan
from stoop.sample.actions.programs import lines
from stoop.sample.actions.projection import degrees
from stoop.sample.actions.rows import Published, quoted
from stoop.sample.actions.streets import Streets
from stoop.sample.models import AREA_FIELD, LABEL, SECTOR_FIELD, SPLIT_DAY, City, Truth

FOUNDED = date(1996, 1, 1)
README = """{label}
{rule}
Nothing here is real: no place, no shooting, no person, no program. The city lies in the open
ocean south of Nova Scotia, where no map has a street.

shootings_early.csv, shootings_late.csv   two releases, as messy as real ones
areas.geojson, sectors.geojson            districts and sectors, with the days they were valid
population.csv, sites.csv                 residents by district; programs and where they work
addresses.csv                             house numbers and crossings of the made-up streets
truth.json                                what was planted, to check a method against

Made by Stoop from seed {seed}; the same seed makes the same bytes.
"""


def write(
    folder: Path,
    land: Land,
    streets: Streets,
    plan: Plan,
    published: tuple[Published, ...],
    truth: Truth,
) -> City:
    folder.mkdir(parents=True, exist_ok=True)
    early, late = published
    city = City(
        folder=folder,
        shootings=(folder / early.release.file, folder / late.release.file),
        areas=folder / "areas.geojson",
        sectors=folder / "sectors.geojson",
        population=folder / "population.csv",
        sites=folder / "sites.csv",
        addresses=folder / "addresses.csv",
        truth=folder / "truth.json",
        readme=folder / "README.txt",
    )
    for path, part in zip(city.shootings, published, strict=True):
        release = part.release
        path.write_bytes(release.text(list(part.records)).encode(release.encoding))
    _text(city.areas, _collection("districts", _districts(land)))
    _text(city.sectors, _collection("sectors", _sectors(land)))
    _text(city.population, _table(_population(truth)))
    _text(city.sites, _table(lines(plan.ranked)))
    _text(city.addresses, _table(houses(land, streets)))
    _text(city.truth, json.dumps(asdict(truth), indent=1, default=date.isoformat) + "\n")
    rule = "=" * len(LABEL)
    _text(city.readme, README.format(label=LABEL, rule=rule, seed=truth.seed))
    return city


def _text(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _table(rows: list[list[str]]) -> str:
    return "".join(",".join(quoted(cell, ",") for cell in row) + "\n" for row in rows)


def _population(truth: Truth) -> list[list[str]]:
    return [[AREA_FIELD, "borough", "population"]] + [
        [area.code, area.borough, str(area.population)] for area in truth.areas
    ]


def _districts(land: Land) -> list[dict[str, Any]]:
    before, after = land.areas(after=False), land.areas(after=True)
    features = []
    for code in sorted(after, key=sort_key):
        if code == land.split_old:
            features.append(_feature({AREA_FIELD: code}, before[code], FOUNDED, SPLIT_DAY))
        changed = code in (land.split_old, land.split_new)
        start = SPLIT_DAY if changed else FOUNDED
        features.append(_feature({AREA_FIELD: code}, after[code], start, None))
    return features


def _sectors(land: Land) -> list[dict[str, Any]]:
    """A sector that went to the new district got a new code on that day."""
    features = []
    columns = (land.code_before, land.area_before, land.code_after, land.area_after, land.polygons)
    for old, old_area, new, new_area, polygon in zip(*columns, strict=True):
        names = {SECTOR_FIELD: new, AREA_FIELD: new_area}
        if old == new:
            features.append(_feature(names, polygon, FOUNDED, None))
        else:
            former = {SECTOR_FIELD: old, AREA_FIELD: old_area}
            features.append(_feature(former, polygon, FOUNDED, SPLIT_DAY))
            features.append(_feature(names, polygon, SPLIT_DAY, None))
    return sorted(features, key=lambda f: sort_key(f["properties"][SECTOR_FIELD]))


def _feature(names: dict[str, str], polygon: Any, start: date, end: date | None) -> dict[str, Any]:
    """valid_to is the first day on which the polygon no longer holds."""
    dates = {"valid_from": start.isoformat(), "valid_to": end.isoformat() if end else None}
    borough = BOROUGHS[names[AREA_FIELD][0]]
    return {
        "type": "Feature",
        "properties": {**names, "borough": borough, **dates},
        "geometry": {"type": "MultiPolygon", "coordinates": _rings(polygon)},
    }


def _rings(polygon: Any) -> list[list[list[list[float]]]]:
    """To 1e-6 degree, a tenth of a metre: neighbours share their corners exactly."""
    parts = [orient(part) for part in shapely.get_parts(shapely.normalize(polygon))]
    return [[_ring(ring) for ring in (part.exterior, *part.interiors)] for part in parts]


def _ring(ring: Any) -> list[list[float]]:
    corners = shapely.get_coordinates(ring)
    longitude, latitude = degrees(corners[:, 0], corners[:, 1])
    rounded = np.round(np.column_stack([longitude, latitude]), 6).tolist()
    kept = [c for k, c in enumerate(rounded) if k == 0 or c != rounded[k - 1]]
    return [[float(f"{value:.6f}") for value in corner] for corner in kept]


def _collection(noun: str, features: list[dict[str, Any]]) -> str:
    """One feature a line, so that a change can be read."""
    head = {"name": f"{LABEL}: {noun}", "description": f"{LABEL}; nothing here is a real place."}
    opening = json.dumps({"type": "FeatureCollection", **head})[:-1]
    body = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    return f'{opening}, "features": [\n{body}\n]}}\n'
