"""Runs one side of one work in a fresh process and measures what a user waits for.

A work is a module in `bench/works/`:

    TITLE, PEER, PEER_REQUIRES, QUOTED, AIM       what it is, who the peer is, what we aim at
    prepare(data) -> inputs                       untimed: load the files
    warm(inputs)                                  imports and compilation of ours, stated apart
    ours(inputs), theirs(inputs)                  timed, index builds included
    agree(ours, theirs, data) -> str              one sentence; AssertionError when they differ

`warm_theirs(inputs)` is optional. The peer's packages are imported before its clock starts in any
case, so that neither side pays for its imports. `theirs` is None for `agree` when its figure is
quoted because the peer cannot be installed.
"""

import importlib
import json
import os
import pickle
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WORKS = ROOT / "bench" / "works"
PATIENCE_S = 3600
# A side shorter than this runs three times and its middle run counts.
SHORT_S = 2.0
SHORT_RUNS = 3


@dataclass(frozen=True)
class Cost:
    """CPU is user + system of the process and its children; the peak is of the whole process."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    warm_cpu_s: float = 0.0
    runs: int = 1


class SideError(Exception):
    """A side that did not finish, with the last line that it said."""


def work_names() -> list[str]:
    return sorted(path.stem for path in WORKS.glob("*.py") if not path.stem.startswith("_"))


def load(name: str) -> Any:
    import django

    django.setup()  # the doors of some modules know tables
    return importlib.import_module(f"bench.works.{name}")


def describe(python: Path, name: str) -> dict[str, Any]:
    """A work's constants, read in a process of its own: a work may import what is not here."""
    code = (
        "import json, sys; from bench.harness import load; work = load(sys.argv[1]);"
        "print(json.dumps({key: getattr(work, key, None) for key in"
        " ('TITLE', 'PEER', 'PEER_REQUIRES', 'QUOTED', 'AIM')}"
        " | {'has_theirs': hasattr(work, 'theirs')}))"
    )
    return json.loads(_run([str(python), "-c", code, name]).splitlines()[-1])


def measure(python: Path, name: str, side: str, data: Path, keep: Path) -> Cost:
    """Run 'ours' or 'theirs' in a fresh process; its result is pickled to `keep`.

    Each run of a short side has a process of its own too, so that nothing that one run built (an
    index, a prepared polygon) is there for the next.
    """
    command = [str(python), "-m", "bench.harness", "side", name, side, str(data), str(keep)]
    costs: list[Cost] = []
    while not costs or (costs[0].cpu_s < SHORT_S and len(costs) < SHORT_RUNS):
        costs.append(Cost(**json.loads(_run(command).splitlines()[-1])))
    middle = sorted(costs, key=lambda cost: cost.cpu_s)[len(costs) // 2]
    return replace(middle, runs=len(costs))


def compare(python: Path, name: str, ours: Path, theirs: Path | None, data: Path) -> str:
    """The work's sentence on how the two results agree; SideError when they do not."""
    other = str(theirs) if theirs else "-"
    command = [str(python), "-m", "bench.harness", "agree", name, str(ours), other, str(data)]
    return _run(command).strip().splitlines()[-1]


def _run(command: list[str]) -> str:
    with tempfile.TemporaryDirectory() as fresh:
        # An empty cache, so that what compilation costs is seen, not remembered.
        environment = os.environ | {
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "NUMBA_CACHE_DIR": fresh,
            "DJANGO_SETTINGS_MODULE": "stoop.config.settings",
            "OPENBLAS_NUM_THREADS": "1",  # as `stoop` has it; for both sides
        }
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SideError(f"not finished after {PATIENCE_S} s") from None
    if done.returncode:
        raise SideError(last_words(done.stderr))
    return done.stdout


def last_words(said: str) -> str:
    """The last line of an error, without the addresses and folders of this machine."""
    line = (said.strip().splitlines() or ["no word of why"])[-1]
    return re.sub(r"\w+://\S+|(?<!\w)/\w\S*/", "", line).strip()


def _cpu_s() -> float:
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _peak_mb() -> float:
    """Highest resident memory of this process or of one of its children, in MB of 10^6 bytes."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        own_kib = int(line.split()[1])
    except (OSError, StopIteration):
        own_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return max(own_kib, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024 / 1e6


def _timed(call: Callable[[Any], Any], inputs: Any) -> tuple[Any, float, float]:
    wall, cpu = time.perf_counter(), _cpu_s()
    result = call(inputs)
    return result, _cpu_s() - cpu, time.perf_counter() - wall


def _import_peer(requirements: list[str]) -> None:
    from importlib.metadata import packages_distributions

    wanted = {each.partition("==")[0].strip().lower().replace("_", "-") for each in requirements}
    for package, owners in packages_distributions().items():
        if wanted & {owner.lower().replace("_", "-") for owner in owners} and package[0] != "_":
            importlib.import_module(package)


def _side(name: str, side: str, data: Path, keep: Path) -> Cost:
    work = load(name)
    inputs = work.prepare(data)
    warm = work.warm if side == "ours" else getattr(work, "warm_theirs", lambda _: None)
    if side == "theirs":
        _import_peer(work.PEER_REQUIRES)
    _, warm_cpu_s, _ = _timed(warm, inputs)
    result, cpu_s, wall_s = _timed(getattr(work, side), inputs)
    peak_mb = _peak_mb()
    keep.write_bytes(pickle.dumps(result))
    return Cost(cpu_s, wall_s, peak_mb, warm_cpu_s)


def _agree(name: str, ours: Path, theirs: str, data: Path) -> str:
    # Both files were written a moment ago by this same program.
    mine = pickle.loads(ours.read_bytes())
    other = None if theirs == "-" else pickle.loads(Path(theirs).read_bytes())
    return str(load(name).agree(mine, other, data))


if __name__ == "__main__":
    what, work_name, *rest = sys.argv[1:]
    if what == "side":
        print(json.dumps(asdict(_side(work_name, rest[0], Path(rest[1]), Path(rest[2])))))
    else:
        print(_agree(work_name, Path(rest[0]), rest[1], Path(rest[2])))
