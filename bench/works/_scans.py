"""What the three works on the scan have in common."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from stoopstat.tests.nyc_points import day_number, month_number, points

Inputs = tuple[np.ndarray, np.ndarray, np.ndarray, int]
LAST_DAY = "2020-12-31"


def incidents(data: Path, year: int, *, monthly: bool) -> Inputs:
    """x_m, y_m, unit, and the last unit: the last day or month of the files."""
    found = points(data, incidents=True).since(year)
    if monthly:
        return found.x_m, found.y_m, found.month, month_number(LAST_DAY)
    return found.x_m, found.y_m, found.day, day_number(LAST_DAY)


def warm(inputs: Inputs, kind: str) -> None:
    x, y, unit, _ = inputs
    search((x[:50], y[:50], unit[:50], int(unit[:50].max())), kind, max_window=3, replications=9)


def search(inputs: Inputs, kind: Any, *, max_window: int, replications: int = 999) -> Any:
    from stoopstat.scan import scan

    x, y, unit, end = inputs
    return scan(
        x,
        y,
        unit,
        kind=kind,
        max_window=max_window,
        max_radius_m=2000,
        replications=replications,
        rng=np.random.default_rng(1),
        end=end,
    )


def same_as_satscan(found: Any, data: Path, analysis: str, unit: str) -> str:
    """Compare with SaTScan's clusters of 2018-2020, kept beside the data."""
    file = data.parents[1] / "bench" / "satscan_reference.json"
    if not file.is_file():
        return (
            f"SaTScan's own results are not beside the data; ours: {len(found.clusters)} clusters."
        )
    runs = json.loads(file.read_text(encoding="utf-8"))["runs"]
    run = next(
        r
        for r in runs
        if (r["start"], r["analysis"], r["time_unit"]) == ("2018-01-01", analysis, unit)
    )
    for ours, theirs in zip(found.clusters, run["clusters"], strict=False):
        assert abs(ours.llr - theirs["llr"]) < 1e-6, (ours.llr, theirs["llr"])
        assert ours.observed == theirs["observed"]
        assert abs(ours.radius_m - theirs["radius_m"]) < 0.006
        assert abs(ours.p - float(theirs["p"])) < 0.07
    count = min(len(found.clusters), len(run["clusters"]))
    assert count >= 5
    return (
        f"The same {count} clusters, statistics to six digits; "
        f"the strongest has p {found.clusters[0].p:.3f}, SaTScan's {run['clusters'][0]['p']}."
    )
