"""What is measured of the running platform, each on both engines."""

import asyncio
import csv
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import http_ece
import numpy as np
from cryptography.hazmat.primitives.asymmetric import ec

from bench.live import load
from bench.live.platform import Platform, platform
from bench.live.seed import BOX

ROWS = 1_000_000
USERS, EACH, READS_S = 50, 20, 1.0
SETTLED_S = 5.0  # workers and feed have begun; their first housekeeping is done
WARM = 8  # users who ask as often before the clock starts: every connection has been used by then
STREAMS, STREAMS_EACH = 2_000, 10  # of one person more would push out the oldest
TOKEN = "only-for-a-measurement"


def alert(engine: str, *, a_second: float, many: int) -> dict[str, float]:
    """From the intake request to the push in the push service's hands: p50 and p99, in ms.

    open_s: from the last request until the response to every shooting was open too, which waits
    while people are told one after the other.
    """
    settings = {"STOOP_PUSH_LOOPBACK": "1", "STOOP_METRICS_TOKEN": TOKEN}
    with load.push_service() as service, platform(engine, **settings) as made:
        night = made.run("bench.live.seed", what="night", browser=service.url)
        made.serve()
        asyncio.run(_report(made, night["key"], a_second=2, many=4, first=10**6))  # all awake
        sent = asyncio.run(_report(made, night["key"], a_second=a_second, many=many))
        end = time.monotonic() + 60
        while time.monotonic() < end and len(service.came) < many + 4:
            time.sleep(0.05)
        while time.monotonic() < end and _waiting(made):
            time.sleep(0.2)
        open_s = time.perf_counter() - max(sent.values())
        came = _came(service, night)
        took = [1000 * (came[number] - at) for number, at in sent.items() if number in came]
        return {
            "p50_ms": float(np.percentile(took, 50)),
            "p99_ms": float(np.percentile(took, 99)),
            "lost": many - len(took),
            "twice": service.twice,
            "open_s": open_s,
        }


def _waiting(made: Platform) -> int:
    """Duties that no worker has done yet."""
    asked = urllib.request.Request(
        made.url + "/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
    )
    with urllib.request.urlopen(asked) as answer:
        found = re.search(rb'^stoop_duties\{state="waiting"\} (\d+)', answer.read(), re.M)
    assert found is not None
    return int(found[1])


async def _report(
    made: Platform, key: str, *, a_second: float, many: int, first: int = 0
) -> dict[int, float]:
    """Report shootings through the API; the moment at which each request began."""
    sent: dict[int, float] = {}
    headers = {"Authorization": f"Bearer {key}"}

    async def ask(session: aiohttp.ClientSession, number: int) -> None:
        number += first
        said = {
            "ref": f"b{number}",
            "occurred_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "lon": BOX[0] + 0.005,
            "lat": BOX[1] + 0.005,
            "block": f"Bench street q{number}q",
            "hurt": 1,
        }
        sent[number] = time.perf_counter()
        async with session.post(made.url + "/api/v1/reports", json=said, headers=headers) as answer:
            if answer.status != 201:
                raise RuntimeError(f"a report was answered {answer.status}")

    await load.steadily(ask, a_second=a_second, many=many)
    return sent


def _came(service: load.PushService, night: dict[str, Any]) -> dict[int, float]:
    """When the push of each report came: its number stands in the name of the block."""
    private = ec.derive_private_key(int(night["browser"]["private"]), ec.SECP256R1())
    secret = bytes.fromhex(night["browser"]["secret"])
    found = {}
    for at, body in service.came.values():
        said = json.loads(http_ece.decrypt(body, private_key=private, auth_secret=secret))
        found[int(said["title"].split("q")[1])] = at
    return found


def city(engine: str) -> dict[str, dict[str, float]]:
    """A million rows loaded; then the board and the map, asked by 50 users."""
    with platform(engine) as made:
        found: dict[str, dict[str, float]] = {}
        _load(made)
        cookies = made.run("bench.live.seed", what="desk", many=1)["cookies"]
        made.run("bench.live.seed", what="night")
        made.serve()
        time.sleep(SETTLED_S)
        session = {"sessionid": cookies[0]}
        for name, paths in PATHS.items():
            ask = load.getting(paths, made.url)
            asyncio.run(load.users(ask, many=WARM, each=WARM, cookies=session))
            for how, reads_s in (("", READS_S), (", without a pause", 0.0)):
                times = asyncio.run(
                    load.users(ask, many=USERS, each=EACH, cookies=session, reads_s=reads_s)
                )
                found[name + how] = {
                    "rate": times.rate,
                    "p50_ms": times.p50_ms,
                    "p99_ms": times.p99_ms,
                }
        return found


PATHS = {
    "board": ["/city/"],
    "map data": [
        f"/map/incidents?span={span}&zoom={zoom}&bbox={box}"
        for span in ("7d", "30d", "365d")
        for zoom, box in (
            (11, "-74.0,40.7,-73.7,41.0"),
            (14, "-73.92,40.80,-73.88,40.84"),
            (16, "-73.905,40.803,-73.895,40.811"),
        )
    ],
}


def _load(made: Platform) -> None:
    """`stoop load incidents` on a CSV of a million rows, areas loaded before."""
    made.run("bench.live.seed", what="grid")
    file = made.home / "million.csv"
    write_rows(file, ROWS)
    subprocess.run(
        [sys.executable, "-m", "stoop.config.cli", "load", "incidents", str(file)],
        env=made.env,
        cwd=made.home,
        check=True,
        capture_output=True,
    )
    file.unlink()


def write_rows(path: Path, many: int) -> None:
    """Made-up shootings of twenty years, one row each, a tenth of them with a second victim."""
    rng = np.random.default_rng(1)
    days = rng.integers(0, 365 * 20, many)
    minutes = rng.integers(0, 24 * 60, many)
    lon, lat = rng.uniform(-73.99, -73.71, many), rng.uniform(40.71, 40.99, many)
    last = datetime.now(UTC).date() - timedelta(days=2)
    names = [last - timedelta(days=n) for n in range(365 * 20)]
    dates = [day.strftime("%m/%d/%Y") for day in names]
    keys = np.arange(many) - (rng.random(many) < 0.1)  # the row before, now and then
    same = keys != np.arange(many)
    for at in np.flatnonzero(same):
        days[at], minutes[at] = days[at - 1], minutes[at - 1]
        lon[at], lat[at] = lon[at - 1], lat[at - 1]
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            ["INCIDENT_KEY", "OCCUR_DATE", "OCCUR_TIME", "STATISTICAL_MURDER_FLAG",
             "Latitude", "Longitude"]
        )  # fmt: skip
        for n in range(many):
            out.writerow(
                [
                    100_000_000 + keys[n],
                    dates[days[n]],
                    f"{minutes[n] // 60:02d}:{minutes[n] % 60:02d}:00",
                    "true" if n % 6 == 0 else "false",
                    f"{lat[n]:.6f}",
                    f"{lon[n]:.6f}",
                ]
            )


def streams(engine: str) -> dict[str, float]:
    """2,000 open event streams on one process, and how soon all of them hear of a shooting."""
    _allow_files(2 * STREAMS + 500)
    with platform(engine) as made:
        key = made.run("bench.live.seed", what="night")["key"]
        people = STREAMS // STREAMS_EACH
        sessions = made.run("bench.live.seed", what="desk", many=people)["cookies"]
        made.serve()

        async def happen() -> None:
            await _report(made, key, a_second=1, many=1)

        heard = asyncio.run(load.streams(made.url, many=STREAMS, sessions=sessions, happen=happen))
        return {
            "opened": heard.opened,
            "heard": heard.heard,
            "last_heard_ms": 1000 * heard.last_heard_s,
            "memory_mb": _memory_mb(made),
        }


def _allow_files(many: int) -> None:
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(many, hard), hard))


def _memory_mb(made: Platform) -> float:
    """Resident memory of the web process and its children."""
    pid = made.processes[0].pid
    children = subprocess.run(
        ["ps", "-o", "rss=", "--pid", str(pid), "--ppid", str(pid)],
        capture_output=True,
        text=True,
        check=True,
    )
    return sum(int(line) for line in children.stdout.split()) / 1024


def measured(name: str, engine: str) -> Any:
    """One work by its name."""
    if name in ALERTS:
        return alert(engine, a_second=ALERTS[name], many=20 * ALERTS[name])
    return {"city": city, "streams": streams}[name](engine)


ALERTS = {f"alert, {rate} a second": rate for rate in (1, 25, 50)}
NAMES = (*ALERTS, "city", "streams")
CORES = os.cpu_count()
