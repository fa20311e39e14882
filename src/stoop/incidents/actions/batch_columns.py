"""What the database is given of new incidents: columns of plain values, made beside its work."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stoop.incidents.actions.batch_facts import Facts, as_json
from stoop.incidents.models import Incident
from stoop.incidents.readers import Verbatim
from stoop.kernel import clock


@dataclass(frozen=True)
class Ready:
    """New incidents as the database takes them: their columns, and those of their rows.

    counts: how many rows each of them has.
    """

    part: NDArray[np.int64]
    columns: dict[str, Sequence[Any]]
    counts: NDArray[np.int64]
    rows: dict[str, list[Any]]


@dataclass(frozen=True)
class Columns:
    """Where they come from. batches: key of the batch of each file."""

    facts: Facts
    read: Verbatim
    batches: NDArray[np.int64]

    def ready(self, part: NDArray[np.int64]) -> Ready:
        """The columns of new incidents; asks no database, for it runs beside what does."""
        facts = self.facts
        areas = list(as_json(facts))
        columns = {
            "key": _public_keys(part.size, clock.now()),
            "kind": [_KINDS[shots] for shots in facts.shots[part].tolist()],
            "occurred_at": _moments(facts.moment[part]),
            "time_known": facts.time_known[part].tolist(),
            "lon": _numbers(facts.lon[part]),
            "lat": _numbers(facts.lat[part]),
            "areas": [areas[which] for which in facts.which[part].tolist()],
            "area": [facts.area[which] for which in facts.which[part].tolist()],
            "killed": _counts(facts.killed[part]),
            "hurt": _counts(facts.hurt[part]),
            "published": facts.published[part].tolist(),
            "source_ref": [facts.refs[at] for at in part.tolist()],
        }
        return Ready(part, columns, *self.rows_of(part))

    def rows_of(self, part: NDArray[np.int64]) -> tuple[NDArray[np.int64], dict[str, list[Any]]]:
        """How many rows each of these incidents has, and their columns, word for word."""
        facts, shootings = self.facts, self.read.shootings
        counts = facts.published[part]
        begins = facts.ends[part] - counts
        steps = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = facts.rows[np.repeat(begins, counts) + steps]
        columns = {
            "batch_id": self.batches[shootings.file[rows]].tolist(),
            "line": shootings.row[rows].tolist(),
            "said": self.read.said[rows].tolist(),
        }
        return counts, columns


def ahead(
    make: Callable[[NDArray[np.int64]], Ready], parts: Sequence[NDArray[np.int64]]
) -> Iterator[Ready]:
    """What `make` makes of each part, the next one made while the caller uses the last."""
    with ThreadPoolExecutor(1) as beside:
        coming = [beside.submit(copy_context().run, make, part) for part in parts[:1]]
        for part in parts[1:]:
            ready = coming.pop().result()
            coming.append(beside.submit(copy_context().run, make, part))
            yield ready
        yield from (last.result() for last in coming)


_KINDS = {False: str(Incident.Kind.SHOOTING), True: str(Incident.Kind.SHOTS)}


def _moments(values: NDArray[np.datetime64]) -> list[str]:
    """As a database reads them, which writes no T between day and time."""
    return "\n".join(np.datetime_as_string(values).tolist()).replace("T", " ").split("\n")


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


def _counts(values: NDArray[np.int64]) -> list[int | None]:
    return [None if value < 0 else value for value in values.tolist()]


def _public_keys(n: int, moment: datetime) -> list[str]:
    """UUIDs of version 7 as `kernel.ids.new` makes them, many at a time, in hexadecimal."""
    stamp = f"{int(moment.timestamp() * 1000) & (1 << 48) - 1:012x}"
    chance = secrets.token_bytes(10 * n).hex()
    # Their index grows at its end; but within the stamp by chance, for the incidents come in the
    # order of time, and keys in that order would tell it to those who may know the day alone.
    return [
        f"{stamp}7{chance[at : at + 3]}{_VARIANT[chance[at + 3]]}{chance[at + 4 : at + 19]}"
        for at in range(0, 20 * n, 20)
    ]


_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
