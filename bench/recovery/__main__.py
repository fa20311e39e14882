"""`python -m bench.recovery [--seeds N] [--workers W]`: draw the cities, write the page in docs."""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoop.config.settings")
django.setup()  # the doors of some modules know tables

from bench.recovery import page, rates  # noqa: E402
from bench.recovery.asking import Asked, ask  # noqa: E402
from bench.recovery.city import make_city  # noqa: E402
from bench.recovery.worlds import WORLDS  # noqa: E402
from stoop.kernel.errors import Refusal  # noqa: E402

KEPT = page.PAGE.with_suffix(".json")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.recovery", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="cities to draw (200)")
    parser.add_argument("--workers", type=int, default=1, help="processes side by side (1)")
    asked = parser.parse_args()
    if asked.seeds < 2:
        parser.error("one city tells no rate; draw two or more")
    seeds, began = range(1, asked.seeds + 1), time.perf_counter()
    told: dict[str, list[Asked]] = {name: [] for name in WORLDS}
    refused = []
    for seed, found in zip(seeds, _each(seeds, asked.workers), strict=True):
        if found is None:
            refused.append(seed)
            continue
        for name, one in found.items():
            told[name].append(one)
        if seed % 20 == 0:
            say(f"{seed} of {asked.seeds} cities, {time.perf_counter() - began:.0f} s")
    kept = {
        "seeds": asked.seeds,
        "without_a_city": refused,
        "worlds": {name: _summed(draws) for name, draws in told.items()},
    }
    KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    page.PAGE.write_text(page.page(kept), encoding="utf-8")
    say(f"written: {page.PAGE.name}, {time.perf_counter() - began:.0f} s")
    return 0


def one_seed(seed: int) -> dict[str, Asked] | None:
    """Every world of one seed; None for the rare seed whose coast leaves no room for a city."""
    try:
        city = make_city(seed)
    except Refusal:
        return None
    return {name: ask(world.make(city), seed) for name, world in WORLDS.items()}


def _each(seeds: range, workers: int) -> Iterator[dict[str, Asked] | None]:
    if workers == 1:
        yield from map(one_seed, seeds)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(one_seed, seeds)


def _summed(draws: list[Asked]) -> dict[str, Any]:
    return {
        "numbers": {name: _plain(asdict(each)) for name, each in rates.numbers(draws).items()},
        "checks": {name: asdict(each) for name, each in rates.checks(draws).items()},
        "verdicts": {name: asdict(each) for name, each in rates.verdicts(draws).items()},
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Six digits of a number are more than any number of draws knows; what is none is null."""
    return {
        name: (round(value, 6) if value == value else None) if isinstance(value, float) else value
        for name, value in row.items()
    }


def say(text: str) -> None:
    print(f"recovery: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
