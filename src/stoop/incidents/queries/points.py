"""Place and time of every shooting as columns in memory, so that the map can be asked of millions.

Each process holds its own columns and brings them up to date from the ledger when asked: events
have no gaps, so nothing that is true before the question is missing from its answer. A million
incidents take some 35 MB. Nothing here decides who may see what: `queries.maps` does.
"""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from stoop.incidents.models import Incident
from stoop.ledger import queries as ledger

KINDS = tuple(Incident.Kind.values)
HIDDEN, REPORTED, CONFIRMED = 0, 1, 2
_STATES = {"reported": REPORTED, "confirmed": CONFIRMED}
WORLD = 2**32  # side of the whole map (Web Mercator) in units of a point: 9 mm at the equator
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS = ("pk", "status", "kind", "occurred_at", "lon", "lat", "area")
_CHUNK = 50_000
_TYPES = {
    "pk": np.int64,
    "state": np.uint8,
    "kind": np.uint8,
    "at": np.int64,
    "x": np.uint32,
    "y": np.uint32,
    "area": np.int32,
}


@dataclass(frozen=True, slots=True)
class Columns:
    """(n,) each, ordered by `pk`: state, kind (place in KINDS), seconds since 1970, the point on a
    map of WORLD x WORLD (y from the north; 0, 0 where there is none), and the place in `areas` of
    the main area (0 is none)."""

    pk: npt.NDArray[np.int64]
    state: npt.NDArray[np.uint8]
    kind: npt.NDArray[np.uint8]
    at: npt.NDArray[np.int64]
    x: npt.NDArray[np.uint32]
    y: npt.NDArray[np.uint32]
    area: npt.NDArray[np.int32]
    areas: tuple[str, ...]
    version: str


class _Store:
    """The columns of this process. Rows are added in place behind those that readers hold."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._empty()

    def _empty(self) -> None:
        self._n = 0
        self._held = {name: np.empty(0, dtype) for name, dtype in _TYPES.items()}
        self._codes: dict[str, int] = {"": 0}
        self._anchor = (-1, "")

    def now(self) -> Columns:
        """All incidents as they are now."""
        with self._lock:
            newest = ledger.anchor()
            if (newest.seq, newest.digest) != self._anchor:
                self._refresh()
            n = self._n
            held = {name: column[:n] for name, column in self._held.items()}
            seq, digest = self._anchor
            return Columns(**held, areas=tuple(self._codes), version=f"{seq}-{digest[:12]}")

    def _refresh(self) -> None:
        """Read what is new; everything, where what we hold is not the beginning of it."""
        seq, digest = self._anchor
        first = ledger.event(seq) if seq > 0 else None
        known = first is not None and first.digest == digest
        if not known:
            self._empty()
            seq = 0
        newest = ledger.anchor()
        if known:
            keys, whole = _touched(seq, newest.seq)
            changed = Incident.objects.filter(key__in=keys) if len(keys) <= 500 else None
            if whole or changed is None:
                changed = Incident.objects.all()
                self._empty()
        else:
            changed = Incident.objects.all()
        for rows in _chunks(changed.order_by("pk").values_list(*_FIELDS)):
            self._take(rows)
        self._anchor = (newest.seq, newest.digest)

    def _take(self, rows: list[tuple[Any, ...]]) -> None:
        """Add or change rows, ordered by pk."""
        columns = self._parsed(rows)
        last = int(self._held["pk"][self._n - 1]) if self._n else 0
        old = columns["pk"] <= last
        at = np.searchsorted(self._held["pk"][: self._n], columns["pk"][old])
        for name, column in columns.items():
            self._held[name][at] = column[old]
        fresh = int((~old).sum())
        self._grow(self._n + fresh)
        for name, column in columns.items():
            self._held[name][self._n : self._n + fresh] = column[~old]
        self._n += fresh

    def _grow(self, size: int) -> None:
        if size <= self._held["pk"].size:
            return
        room = max(1024, int(size * 1.25))
        for name, column in self._held.items():
            wider = np.empty(room, column.dtype)
            wider[: self._n] = column[: self._n]
            self._held[name] = wider

    def _parsed(self, rows: list[tuple[Any, ...]]) -> dict[str, npt.NDArray[Any]]:
        pk, status, kind, at, lon, lat, area = zip(*rows, strict=True)
        codes = self._codes
        x, y = on_world(np.array(lon, np.float64), np.array(lat, np.float64))
        return {
            "pk": np.array(pk, np.int64),
            "state": np.array([_STATES.get(each, HIDDEN) for each in status], np.uint8),
            "kind": np.array([KINDS.index(each) for each in kind], np.uint8),
            "at": np.array([seconds(each) for each in at], np.int64),
            "x": x,
            "y": y,
            "area": np.array([codes.setdefault(each, len(codes)) for each in area], np.int32),
        }


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int((moment - _EPOCH).total_seconds())


def on_world(
    lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Degrees (n,) to points of the map, NaN to 0, 0."""
    known = np.isfinite(lon) & np.isfinite(lat)
    tilt = np.radians(np.clip(np.where(known, lat, 0), -85.05, 85.05))
    x = np.where(known, lon, -180) / 360 + 0.5
    y = np.where(known, 0.5 - np.arctanh(np.sin(tilt)) / (2 * np.pi), 0)
    top = WORLD - 1
    return (
        np.clip(x * WORLD, 0, top).astype(np.uint32),
        np.clip(y * WORLD, 0, top).astype(np.uint32),
    )


def _touched(after: int, until: int) -> tuple[set[str], bool]:
    """Keys of the incidents of the events (after, until], and whether a whole file was loaded."""
    keys: set[str] = set()
    while after < until:
        events = ledger.events_after(after, limit=2000)
        if not events:
            break
        for event in events:
            noun = event.kind.partition(".")[0]
            if noun == "incident":
                keys.add(event.subject.removeprefix("incident:"))
            elif noun == "batch":
                return keys, True
        after = events[-1].seq
    return keys, False


def _chunks(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    flowing = iter(rows.iterator(chunk_size=5000)) if hasattr(rows, "iterator") else iter(rows)
    while chunk := list(islice(flowing, _CHUNK)):
        yield chunk


_store = _Store()


def columns() -> Columns:
    """All incidents, whoever asks: for this module's queries alone."""
    return _store.now()
