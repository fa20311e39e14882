"""`python -m bench.live [WORK ...]`: measure the running platform, write its page in docs."""

import argparse
import json
import platform as machine
import sys
from datetime import UTC, datetime
from typing import Any

from bench.live import works
from bench.live.platform import ENGINES, ROOT

PAGE = ROOT / "docs" / "reference" / "benchmarks-live.md"
KEPT = ROOT / "docs" / "reference" / "benchmarks-live.json"
AIM_ALERT_MS, AIM_ASK_MS = 1_000, 200
ENGINE = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("works", nargs="*", metavar="WORK", help="all of them when none is named")
    parser.add_argument("--engine", choices=ENGINES, help="one engine alone")
    asked = parser.parse_args()
    names = asked.works or list(works.NAMES)
    if unknown := sorted(set(names) - set(works.NAMES)):
        say(f"no work is called {', '.join(unknown)}; there are: {', '.join(works.NAMES)}")
        return 2
    kept: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for engine in [asked.engine] if asked.engine else ENGINES:
        for name in names:
            say(f"{name}, {ENGINE[engine]}")
            found = works.measured(name, engine)
            say(f"     {json.dumps(found)}")
            kept.setdefault(engine, {})[name] = found
            kept["machine"] = f"{machine.machine()}, {works.CORES} cores"
            kept["day"] = datetime.now(UTC).date().isoformat()
            KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
            PAGE.write_text(page(kept))
    say(f"written: {PAGE.relative_to(ROOT)}")
    return 0


def page(kept: dict[str, Any]) -> str:
    """The page in words and tables."""
    engines = [each for each in ENGINES if each in kept]
    lines = [
        "# The running platform, measured",
        "",
        "*Made by `make bench`. Absolute times are of the machine named below, on which the",
        "senders, the users and the platform share the same cores.*",
        "",
        f"Measured {kept['day']} on {kept['machine']}.",
        "",
        *_alerts(kept, engines),
        *_city(kept, engines),
        *_streams(kept, engines),
        "## Make them again",
        "",
        "```bash",
        "make bench",
        "```",
        "",
        "Each measurement starts a platform of its own: a folder, a database, the web server, two",
        "workers and a feed, as `stoop serve` runs them. One alone:",
        "`.venv/bin/python -m bench.live streams`.",
    ]
    return "\n".join(lines) + "\n"


def _alerts(kept: dict[str, Any], engines: list[str]) -> list[str]:
    rows = [
        (
            f"{name.removeprefix('alert, ')} | {ENGINE[engine]}",
            f"{found['p50_ms']:.0f} | {found['p99_ms']:.0f}",
            f"{found['lost']:.0f} | {found['twice']:.0f} | {found['open_s']:.1f}",
            _met(found["p99_ms"] < AIM_ALERT_MS and not found["lost"]),
        )
        for engine in engines
        for name in works.ALERTS
        if (found := kept[engine].get(name))
    ]
    return [
        "## From the report to the phone",
        "",
        "A source posts a confirmed shooting through the API; the clock stops when the encrypted",
        "web push for whoever is on call is in the push service's hands. Aim: p99 under "
        f"{AIM_ALERT_MS / 1000:g} s, none lost, none twice.",
        "",
        "Reports come for 20 s. While many come at once the responses wait for the alerts; the",
        "last column but one says how long after the last report all of them were open.",
        "",
        "| reports | engine | p50 ms | p99 ms | lost | twice | responses open after s | aim met |",
        "|---|---|---:|---:|---:|---:|---:|---|",
        *_table(rows),
        "",
    ]


def _city(kept: dict[str, Any], engines: list[str]) -> list[str]:
    found = {engine: kept[engine]["city"] for engine in engines if "city" in kept[engine]}
    asks = [
        (
            f"{name} | {ENGINE[engine]}",
            f"{each[name]['rate']:.0f} | {each[name]['p50_ms']:.0f} | {each[name]['p99_ms']:.0f}",
            _met(each[name]["p99_ms"] < AIM_ASK_MS),
        )
        for engine, each in found.items()
        for name in each
    ]
    return [
        f"## The board and the map, with {works.ROWS:,} rows loaded",
        "",
        f"{works.USERS} users beside each other ask {works.EACH} times each. They read for "
        f"{works.READS_S:g} s after each",
        "answer; or they ask again at once, which tells how much one web process can give.",
        f"The clock starts {works.SETTLED_S:g} s after the platform, and after "
        f"{works.WARM * works.WARM} questions. Aim: p99 under {AIM_ASK_MS} ms.",
        "",
        "| page | engine | a second | p50 ms | p99 ms | aim met |",
        "|---|---|---:|---:|---:|---|",
        *_table(asks),
        "",
    ]


def _streams(kept: dict[str, Any], engines: list[str]) -> list[str]:
    rows = [
        (
            ENGINE[engine],
            f"{found['opened']:,.0f} | {found['heard']:,.0f}",
            f"{found['last_heard_ms']:.0f} | {found['memory_mb']:.0f}",
            _met(found["heard"] == works.STREAMS),
        )
        for engine in engines
        if (found := kept[engine].get("streams"))
    ]
    return [
        "## Open event streams on one process",
        "",
        "| engine | open | heard of one shooting | the last after ms | memory MB | all heard |",
        "|---|---:|---:|---:|---:|---|",
        *_table(rows),
        "",
    ]


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in rows] or ["| not measured yet |"]


def _met(met: bool) -> str:
    return "yes" if met else "**no**"


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
