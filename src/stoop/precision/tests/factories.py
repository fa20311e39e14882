"""Small made-up inputs for tests: a square city of four areas, shootings with known places."""

import json
from pathlib import Path

# Four squares of about 1.1 km, two by two; A south-west, B south-east, C north-west, D north-east.
WEST, SOUTH, STEP = -60.0, 41.0, 0.01
CODES = {"A": (0, 0), "B": (1, 0), "C": (0, 1), "D": (1, 1)}


def square(column: float, row: float, size: float = STEP) -> list[list[list[float]]]:
    x, y = WEST + column * STEP, SOUTH + row * STEP
    ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    return [ring]


def areas_file(path: Path, *, field: str = "district", dates: dict | None = None) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {field: code, **(dates or {}).get(code, {})},
            "geometry": {"type": "Polygon", "coordinates": square(*place)},
        }
        for code, place in CODES.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def shootings_file(
    path: Path, *, years: range = range(2021, 2024), per_month: int = 4, extra: str = ""
) -> Path:
    """A row per incident, most of them in A, some in B and C, one a year in D."""
    lines = ["incident_key,date,time,district,lat,lon,fatal"]
    key = 0
    for year in years:
        for month in range(1, 13):
            for i in range(per_month):
                code = "AABC"[i % 4] if (month, i) != (1, 3) else "D"
                column, row = CODES[code]
                key += 1
                # Within the square, on one of five corners, never two on one day.
                lat = SOUTH + (row + 0.2 + 0.12 * ((key * 7) % 5)) * STEP
                lon = WEST + (column + 0.3 + 0.1 * ((key * 3) % 5)) * STEP
                day = 1 + (i * 7 + month) % 28
                hour = (22 + i) % 24
                lines.append(
                    f"{key},{year}-{month:02d}-{day:02d},{hour:02d}:15,{code},{lat:.6f},{lon:.6f},0"
                )
    path.write_text("\n".join(lines) + "\n" + extra)
    return path
