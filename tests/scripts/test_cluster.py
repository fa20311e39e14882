"""The tests' own PostgreSQL is gone afterwards, also when the tests are killed."""

import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from tests.architecture.tree import ROOT
from tests.cluster import MISSING, Cluster, binaries

HOLD = """
import signal, sys
from tests.cluster import running
with running() as cluster:
    print(cluster.folder, flush=True)
    signal.pause() if sys.argv[1] == "wait" else None
"""


@pytest.mark.skipif(binaries() is None, reason=f"NOT CHECKED: {MISSING}")
@pytest.mark.parametrize("end", [None, signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left(end: signal.Signals | None) -> None:
    command = [sys.executable, "-c", HOLD, "go-on" if end is None else "wait"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as holder:
        folder = Path(holder.stdout.readline().strip())
        if end is not None:
            with psycopg.connect(Cluster(folder).dsn()) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            holder.send_signal(end)
        holder.stdout.read()  # ends when the guard, who has it too, has ended
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(Cluster(folder).dsn())
