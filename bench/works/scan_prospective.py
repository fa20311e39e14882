"""Prospective scan as SaTScan does it, daily."""

from pathlib import Path
from typing import Any

from bench.works import _scans

TITLE = "Prospective space-time scan, 2018-2020 incidents, daily, 30 days, 2 km, 999 replications"
PEER = "SaTScan 10.3.2 (C++, two threads)"
PEER_REQUIRES: list[str] = []
QUOTED = {"cpu_s": 27.63, "wall_s": 14.32, "peak_mb": 128, "source": "measured on two cores"}
AIM = "20 x less CPU, the same clusters and statistics"


def prepare(data: Path) -> _scans.Inputs:
    return _scans.incidents(data, 2018, monthly=False)


def warm(inputs: _scans.Inputs) -> None:
    _scans.warm(inputs, "prospective")


def ours(inputs: _scans.Inputs) -> Any:
    return _scans.search(inputs, "prospective", max_window=30)


def agree(ours: Any, theirs: Any, data: Path) -> str:
    return _scans.same_as_satscan(ours, data, "prospective", "day")
