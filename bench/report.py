"""The page of results: docs/reference/benchmarks.md, from the rows in benchmarks.json."""

import json
import os
import platform
import re
from collections.abc import Sequence
from typing import Any

from bench.harness import ROOT

PAGE = ROOT / "docs" / "reference" / "benchmarks.md"
ROWS = PAGE.with_suffix(".json")
Row = dict[str, Any]

HEAD = """# Speed, beside the public peers

Made by `make bench` on {machine}. Every pair is the same work on the same public New York files,
one side after the other in fresh processes. CPU is user + system time with all threads and child
processes; wall is what one waits. Memory is the peak of the whole process, its input included.
Imports and compilation are not in the times: they are paid once per process and stand in the column
*warm-up*, taken with an empty compiler cache. A side that needs under 2 s runs in three
processes and the middle one counts. Times vary by a tenth or so from run to run; ratios vary less.

"""

COLUMNS = (
    "work",
    "ours, CPU s (wall)",
    "peer",
    "peer, CPU s (wall)",
    "ratio of CPU",
    "aim",
    "met",
    "memory, ours / peer, MB",
    "warm-up, CPU s",
)
FOOT = """
*(quoted)*: the peer cannot be installed here; its figure was taken on another day, on two cores of
the same kind, from the source named below.

## How far the results agree

{agreements}

## Make them again

```bash
make bench
```

The public files are looked for in `../shared/data/nyc`, or in the folder `nyc` below the one that
`STOOP_REAL_DATA` names. The peers go into `.venv-bench`, never into `.venv`. One work alone:
`.venv/bin/python -m bench knox`. Each work is one file in `bench/works/`.
"""


def machine() -> str:
    cores = os.cpu_count() or 1
    return f"{cores} cores ({platform.machine()}), Python {platform.python_version()}"


def save(rows: dict[str, Row]) -> None:
    """Keep the rows of works that were not run now, and write the page anew."""
    known = json.loads(ROWS.read_text(encoding="utf-8")) if ROWS.exists() else {}
    known |= rows
    ROWS.parent.mkdir(parents=True, exist_ok=True)
    ROWS.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(known), encoding="utf-8")


def page(rows: dict[str, Row]) -> str:
    ordered = [rows[name] for name in sorted(rows)]
    machines = sorted({row["machine"] for row in ordered}) or [machine()]
    agreements = [f"- **{row['title']}.** {_sentence(row)}" for row in ordered]
    text = HEAD.format(machine="; ".join(machines))
    text += "".join(_cells(each) for each in (COLUMNS, ["---"] * len(COLUMNS)))
    text += "".join(_line(row) for row in ordered)
    return text + FOOT.format(agreements="\n".join(agreements))


def _sentence(row: Row) -> str:
    parts = [row["agreement"].rstrip(".") + "."]
    if row["source"]:
        parts.append(f"Peer's figure: {row['source'].rstrip('.')}.")
    if row["trouble"]:
        parts.append(f"The peer was not run: {row['trouble'].rstrip('.')}.")
    return " ".join(parts)


def _line(row: Row) -> str:
    ours, theirs = row["ours"], row["theirs"]
    quoted = " *(quoted)*" if row["source"] else ""
    cells = [
        row["title"],
        _time(ours),
        row["peer"] + quoted if row["peer"] else "none",
        _time(theirs) if theirs else "",
        f"{theirs['cpu_s'] / ours['cpu_s']:,.3g} x" if ours and theirs else "",
        row["aim"],
        {True: "yes", False: "**no**", None: "not measured"}[met(row["aim"], ours, theirs)],
        f"{_memory(ours)} / {_memory(theirs)}",
        f"{ours['warm_cpu_s']:.1f}" if ours else "",
    ]
    return _cells(cells)


def _cells(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def _time(cost: Row | None) -> str:
    if not cost:
        return "failed"
    wall = cost.get("wall_s")
    return _digits(cost["cpu_s"]) + (f" ({_digits(wall)})" if wall else "")


def _digits(seconds: float) -> str:
    return (
        f"{seconds:.3f}"
        if seconds < 1
        else f"{seconds:,.2f}"
        if seconds < 100
        else f"{seconds:,.0f}"
    )


def _memory(cost: Row | None) -> str:
    peak = cost.get("peak_mb") if cost else None
    return f"{peak:,.0f}" if peak else "-"


def met(aim: str, ours: Row | None, theirs: Row | None) -> bool | None:
    """Whether every clause of the aim holds; None when one needs a figure that is not there.

    Clauses: '20 x less CPU', '2 x faster', 'within 2 x', 'faster', 'under 3 CPU s', 'under 15 s
    wall', 'under 300 MB', 'under 1 GB'.
    """
    verdicts: list[bool | None] = []
    ratio = theirs["cpu_s"] / ours["cpu_s"] if ours and theirs else None
    for low in re.findall(r"([\d.]+) ?[x×] (?:less CPU|faster)", aim):
        verdicts.append(None if ratio is None else ratio >= float(low))
    for high in re.findall(r"within ([\d.]+) ?[x×]", aim):
        verdicts.append(None if ratio is None else 1 / ratio <= float(high))
    if re.match(r"faster", aim):
        verdicts.append(None if ratio is None else ratio > 1)
    for pattern, key, unit in (
        (r"under ([\d.]+) (?:CPU s|s CPU)", "cpu_s", 1),
        (r"under ([\d.]+) s wall", "wall_s", 1),
        (r"under ([\d.]+) MB", "peak_mb", 1),
        (r"under ([\d.]+) GB", "peak_mb", 1000),
    ):
        for high in re.findall(pattern, aim):
            verdicts.append(None if ours is None else ours[key] < float(high) * unit)
    if False in verdicts:
        return False
    return None if None in verdicts or not verdicts else True
