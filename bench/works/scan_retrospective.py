"""Retrospective scan as SaTScan does it, monthly."""

from pathlib import Path
from typing import Any

from bench.works import _scans

TITLE = "Retrospective space-time scan, 2018-2020 incidents, up to 3 months, 2 km, 999 replications"
PEER = "SaTScan 10.3.2 (C++, two threads)"
PEER_REQUIRES: list[str] = []
QUOTED = {"cpu_s": 105.2, "wall_s": 64.13, "peak_mb": 21, "source": "measured on two cores"}
AIM = "10 x less CPU, the same clusters and statistics"


def prepare(data: Path) -> _scans.Inputs:
    return _scans.incidents(data, 2018, monthly=True)


def warm(inputs: _scans.Inputs) -> None:
    _scans.warm(inputs, "retrospective")


def ours(inputs: _scans.Inputs) -> Any:
    return _scans.search(inputs, "retrospective", max_window=3)


def agree(ours: Any, theirs: Any, data: Path) -> str:
    return _scans.same_as_satscan(ours, data, "retrospective", "month")
