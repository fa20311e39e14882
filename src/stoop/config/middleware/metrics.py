"""What is counted of requests and work, over all processes of one tree.

In a tree each process adds to files in a folder that the tree names by PROMETHEUS_MULTIPROC_DIR
(prometheus-client's own way for several processes), so /metrics tells the whole tree whichever
process answers.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import prometheus_client
from prometheus_client import multiprocess

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

REQUESTS = prometheus_client.Counter(
    "stoop_requests", "Requests answered.", ["view", "method", "status"]
)
SECONDS = prometheus_client.Histogram(
    "stoop_request_seconds",
    "How long an answer took to begin.",
    ["view"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
STREAMS = prometheus_client.Gauge(
    "stoop_streams", "Open event streams.", multiprocess_mode="livesum"
)
ROUNDS = prometheus_client.Counter(
    "stoop_work", "Pieces of work done by workers and feeds.", ["loop", "outcome"]
)


@contextmanager
def shared(run: Path) -> Iterator[dict[str, str]]:
    """The environment for processes that count together, while the block lasts."""
    run.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="metrics-", dir=run)
    try:
        yield {FOLDER: folder}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def registry() -> prometheus_client.CollectorRegistry:
    """All that the processes of this tree have counted."""
    if FOLDER not in os.environ:
        return prometheus_client.REGISTRY
    found = prometheus_client.CollectorRegistry()
    multiprocess.MultiProcessCollector(found)  # type: ignore[no-untyped-call]
    return found


def forget(pid: int, folder: str) -> None:
    """A process has died: what it held open is open no more."""
    multiprocess.mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
