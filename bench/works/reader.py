"""A million-row shootings file to validated typed columns, beside pandas that only parses it."""

import csv
import tempfile
from pathlib import Path
from typing import Any

TITLE = "a 1,000,000-row shootings CSV to validated typed columns with reject reasons"
PEER = "pandas.read_csv 3.1.1 alone (the floor: no dates, no checks, no reasons)"
PEER_REQUIRES = ["pandas==3.1.1"]
QUOTED = None
AIM = "within 2 x of the floor"

ROWS = 1_000_000
FAULT_EVERY = 10_000
# What is planted once in every FAULT_EVERY rows, and how it must come back.
FAULTS = {
    ("date that no calendar has", "nothing"): {"OCCUR_DATE": "2/30/2019"},
    ("coordinates are zero", "counts only"): {
        "Latitude": "0",
        "Longitude": "0",
        "Lon_Lat": "",
        "X_COORD_CD": "0",
        "Y_COORD_CD": "0",
    },
    ("time that cannot be read", "all but the hour"): {"OCCUR_TIME": "25:99"},
}


def prepare(data: Path) -> dict[str, Path]:
    """Write New York's rows over and over, with new incident numbers and planted faults."""
    source = data / "shootings_2006_2019.csv"
    target = Path(tempfile.gettempdir()) / f"stoop-bench-shootings-{ROWS}.csv"
    if not target.exists():
        partial = target.with_suffix(".part")
        _write(source, partial)
        partial.rename(target)
    return {"small": data / "shootings_2020.csv", "large": target}


def _write(source: Path, target: Path) -> None:
    with source.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    at = {name: i for i, name in enumerate(header)}
    key = at["INCIDENT_KEY"]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for i in range(ROWS):
            copy, original = divmod(i, len(rows))
            row = list(rows[original])
            row[key] = str(int(row[key]) + copy * 300_000_000)
            if i % FAULT_EVERY < len(FAULTS):
                for name, text in list(FAULTS.values())[i % FAULT_EVERY].items():
                    row[at[name]] = text
                row[key] = str(9_000_000_000 + i)
            writer.writerow(row)


def warm(inputs: dict[str, Path]) -> None:
    ours({"large": inputs["small"]})


def ours(inputs: dict[str, Path]) -> dict[str, Any]:
    from stoop.incidents import readers

    shootings = readers.read([inputs["large"]], crs="EPSG:2263", timezone="America/New_York")
    return {
        "rows": shootings.report.rows_read,
        "incidents": shootings.n_incidents,
        "reasons": shootings.report.reasons,
    }


def theirs(inputs: dict[str, Path]) -> dict[str, Any]:
    import pandas as pd

    frame = pd.read_csv(inputs["large"])
    return {"rows": len(frame), "incidents": frame["INCIDENT_KEY"].nunique()}


def agree(ours: dict[str, Any], theirs: dict[str, Any], data: Path) -> str:
    planted = ROWS // FAULT_EVERY
    assert ours["rows"] == theirs["rows"] == ROWS
    assert ours["reasons"] == dict.fromkeys(FAULTS, planted)
    # Rows with an impossible date are in no incident of ours; each was one of its own.
    assert ours["incidents"] == theirs["incidents"] - planted
    return (
        f"{ROWS:,} rows read by both, {ours['incidents']:,} incidents; the {len(FAULTS) * planted}"
        " planted faults are all found and named, nothing else is."
    )
