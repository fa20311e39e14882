"""`python -m bench [WORK ...]`: measure the works, write docs/reference/benchmarks.md."""

import argparse
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import peers, report
from bench.harness import ROOT, SideError, compare, describe, measure, work_names


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("works", nargs="*", metavar="WORK", help="all of them when none is named")
    names = parser.parse_args().works or work_names()
    unknown = sorted(set(names) - set(work_names()))
    if unknown:
        print(
            f"bench: no work is called {', '.join(unknown)}; there are: {', '.join(work_names())}"
        )
        return 2
    data = Path(os.environ.get("STOOP_REAL_DATA", ROOT.parent / "shared" / "data")) / "nyc"
    if not data.is_dir():
        say(
            f"the public New York files are not at {data}. Set STOOP_REAL_DATA to the folder that\n"
            "       holds nyc/, with shootings_2006_2019.csv, shootings_2020.csv and\n"
            "       precincts.geojson in it, then run make bench again."
        )
        return 2
    peers.make([])
    works = {name: describe(peers.PYTHON, name) for name in names}
    wanted = [each for work in works.values() for each in work["PEER_REQUIRES"]]
    failed = peers.make(wanted)
    wrong = 0
    for number, (name, work) in enumerate(works.items(), 1):
        say(f"{number}/{len(works)} {work['TITLE']}")
        trouble = "; ".join(failed[each] for each in work["PEER_REQUIRES"] if each in failed)
        row = one(name, work, data, trouble)
        report.save({name: row})
        wrong += row["wrong"]
    say(f"written: {report.PAGE.relative_to(ROOT)}")
    return 1 if wrong else 0


def one(name: str, work: dict[str, Any], data: Path, trouble: str) -> report.Row:
    """Both sides of one work, and whether they agree; a peer that fails is said and passed by."""
    row: report.Row = {
        "title": work["TITLE"],
        "peer": work["PEER"],
        "aim": work["AIM"],
        "machine": report.machine(),
        "ours": None,
        "theirs": None,
        "source": "",
        "trouble": trouble,
        "agreement": "",
        "wrong": False,
    }
    quoted = work["QUOTED"]
    runs = work["has_theirs"] and not trouble and bool(work["PEER_REQUIRES"] or not quoted)
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours", Path(folder) / "theirs"
        try:
            row["ours"] = asdict(measure(peers.PYTHON, name, "ours", data, ours))
            say(f"     ours   {row['ours']['cpu_s']:.3f} CPU s")
            if runs:
                runs = _peer(row, name, data, theirs)
            if not runs and quoted:
                row["theirs"] = {key: quoted.get(key) for key in ("cpu_s", "wall_s", "peak_mb")}
                row["source"] = quoted["source"]
            row["agreement"] = compare(peers.PYTHON, name, ours, theirs if runs else None, data)
        except SideError as failure:
            row["agreement"], row["wrong"] = f"**Failed**: {failure}", True
    say(f"     {row['agreement']}")
    return row


def _peer(row: report.Row, name: str, data: Path, keep: Path) -> bool:
    try:
        row["theirs"] = asdict(measure(peers.PYTHON, name, "theirs", data, keep))
    except SideError as failure:
        row["trouble"] = str(failure)
        return False
    say(f"     {row['peer']}   {row['theirs']['cpu_s']:.3f} CPU s")
    return True


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
