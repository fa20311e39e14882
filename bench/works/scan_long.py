"""The prospective scan over fifteen years, which the peer does not finish in ten minutes."""

from pathlib import Path
from typing import Any

from bench.works import _scans

TITLE = "Prospective space-time scan, 2006-2020 (18,562 incidents), daily, 30 days, 2 km"
PEER = "SaTScan 10.3.2: stopped after 10 minutes, 2.3 GB"
PEER_REQUIRES: list[str] = []
QUOTED = None
AIM = "under 15 s wall, under 1 GB"


def prepare(data: Path) -> _scans.Inputs:
    return _scans.incidents(data, 2006, monthly=False)


def warm(inputs: _scans.Inputs) -> None:
    _scans.warm(inputs, "prospective")


def ours(inputs: _scans.Inputs) -> Any:
    return _scans.search(inputs, "prospective", max_window=30)


def agree(ours: Any, theirs: Any, data: Path) -> str:
    assert ours.events == 18_562
    best = ours.clusters[0]
    return f"Strongest: {best.observed} where {best.expected:.2f} were expected, p {best.p:.3f}."
