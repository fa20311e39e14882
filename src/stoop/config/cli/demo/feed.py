"""A simulated feed: makes up a shooting now and then and posts it over HTTP, as a feed does."""

import json
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from stoop.config.cli import show

CORRECTED, RETRACTED = 0.35, 0.15
LATER_S = 75.0  # after which a report is corrected or taken back
PATH = "/api/v1/reports"


@dataclass
class Report:
    """One made-up shooting, as the feed tells it."""

    number: str
    block: str
    said: dict[str, Any]
    fate: str


PATIENCE_S = 15.0  # longer than any answer is waited for


class Feed:
    """Tells one shooting after another until it is stopped; what it tells depends on the seed."""

    def __init__(self, file: Path, address: str, seed: int) -> None:
        told = json.loads(file.read_text())
        self.key, self.spots, self.address = told["key"], told["spots"], address
        self.chance = np.random.default_rng(seed)
        self.last = 0
        self.stop = threading.Event()
        self.thread: threading.Thread | None = None

    def end(self) -> None:
        """Stop, and wait for what is under way: a thread that outlives its program leaves the
        libraries that it used half taken down, and they complain of it."""
        self.stop.set()
        if self.thread is not None:
            self.thread.join(PATIENCE_S)

    def run(self, first_s: float, every_s: float) -> None:
        """The first after `first_s`, then one every `every_s`; some are corrected or retracted."""
        self.thread = threading.current_thread()
        wait = first_s
        waiting: list[Report] = []
        number = 0
        while not self.stop.wait(wait):
            number += 1
            report = self._make(number)
            self._tell(report, "A shooting was made up")
            waiting = [*waiting, report] if report.fate else waiting
            wait = every_s
            if waiting and every_s > LATER_S and not self.stop.wait(LATER_S):
                self._second_thoughts(waiting.pop(0))
                wait = every_s - LATER_S

    def _make(self, number: int) -> Report:
        """The first is at the first place of the list, in the catchment of Alice's site; the
        others somewhere else than the one before, or the desk would ask whether it was the same."""
        at = 0 if number == 1 else int(self.chance.integers(len(self.spots) - 1))
        self.last = at = at + (number > 1 and at >= self.last)
        spot = self.spots[at]
        now = datetime.now(UTC)
        dice = self.chance.random()
        fate = "" if number == 1 or dice > CORRECTED + RETRACTED else "corrected"
        said = {
            "ref": f"made-up-{now:%Y%m%d%H%M%S}-{number}",
            "occurred_at": (now - timedelta(minutes=int(self.chance.integers(2, 9)))).isoformat(),
            "lon": spot["lon"],
            "lat": spot["lat"],
            "block": spot["block"],
            "kind": "shooting",
            "killed": 0,
            "hurt": 1,
        }
        fate = "retracted" if fate and dice < RETRACTED else fate
        return Report(said["ref"], spot["block"], said, fate)

    def _second_thoughts(self, report: Report) -> None:
        if report.fate == "retracted":
            said = {"ref": report.number, "why": "Made up twice."}
            self._send(f"{PATH}/withdraw", said)
            show.say(f"  {_clock()}  The feed took back the shooting at {report.block}.")
            return
        report.said["hurt"] += 1
        self._tell(report, "The feed corrected (one more was hit)")

    def _tell(self, report: Report, what: str) -> None:
        status = self._send(PATH, report.said)
        note = "" if status in (200, 201) else f" (the platform answered {status})"
        show.say(f"  {_clock()}  {what}: {report.block}{note}")

    def _send(self, path: str, said: dict[str, Any]) -> int:
        request = urllib.request.Request(  # noqa: S310 (our own platform)
            self.address + path,
            data=json.dumps(said).encode(),
            method="POST",
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code
        except OSError:
            return 0


def _clock() -> str:
    return datetime.now().astimezone().strftime("%H:%M:%S")
