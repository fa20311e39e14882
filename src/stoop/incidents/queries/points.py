"""Place and time of every shooting as columns in memory, so that the map can be asked of millions.

Each process holds its own columns and brings them up to date from the ledger when asked: events
have no gaps, so nothing that is true before the question is missing from its answer. A million
incidents take some 35 MB. Nothing here decides who may see what: `queries.maps` does.
"""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import close_old_connections
from django.db.models import Q

from stoop.accounts.permissions import SYSTEM, within
from stoop.incidents.models import Incident
from stoop.kernel.logs import log_error
from stoop.ledger import queries as ledger

KINDS = tuple(Incident.Kind.values)
HIDDEN, REPORTED, CONFIRMED = 0, 1, 2
_STATES = {"reported": REPORTED, "confirmed": CONFIRMED}
WORLD = 2**32  # side of the whole map (Web Mercator) in units of a point: 9 mm at the equator
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS = ("pk", "status", "kind", "occurred_at", "lon", "lat", "area")
_CHUNK = 50_000
_LOADED = ("batch.imported",)
PLACED = "incidents.placed"
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
        """Read what has changed; everything, where what we hold is not the beginning of it."""
        seq, digest = self._anchor
        first = ledger.event(seq) if seq > 0 else None
        newest = ledger.anchor()
        if first is None or first.digest != digest or not self._follow(seq):
            self._empty()
            self._read(Q())
        self._anchor = (newest.seq, newest.digest)

    def _follow(self, seq: int) -> bool:
        """Take what changed after an event; False when that cannot have been all."""
        if ledger.events_after(seq, kinds=(PLACED,), limit=1):
            return False  # the areas of any row may be others, and no row has its number
        if not ledger.events_after(seq, kinds=_LOADED, limit=1):
            self._read(Q(seq__gt=seq))
            return True
        # The new rows of a file come with one event for all of them, and without its number.
        last = int(self._held["pk"][self._n - 1]) if self._n else 0
        self._read(Q(seq__gt=seq) | Q(pk__gt=last))
        return Incident.objects.count() == self._n

    def _read(self, which: Q) -> None:
        rows = Incident.objects.filter(which).order_by("pk").values_list(*_FIELDS)
        flowing = rows.iterator(chunk_size=5000)
        while chunk := list(islice(flowing, _CHUNK)):
            self._take(chunk)

    def _take(self, rows: list[tuple[Any, ...]]) -> None:
        """Change the rows that are held, add the others; `rows` are ordered by pk."""
        columns = self._parsed(rows)
        pks, held = columns["pk"], self._held["pk"][: self._n]
        at = np.searchsorted(held, pks)
        known = np.zeros(pks.size, bool)
        known[at < self._n] = held[at[at < self._n]] == pks[at < self._n]
        for name, column in columns.items():
            self._held[name][at[known]] = column[known]
        fresh = ~known
        if (at[fresh] == self._n).all():
            self._append({name: column[fresh] for name, column in columns.items()})
            return
        # A transaction that began earlier may end later: its key then lies between others.
        for name, column in columns.items():
            whole = self._held[name][: self._n]
            self._held[name] = np.insert(whole, at[fresh], column[fresh])
        self._n += int(fresh.sum())

    def _append(self, columns: dict[str, npt.NDArray[Any]]) -> None:
        more = columns["pk"].size
        self._grow(self._n + more)
        for name, column in columns.items():
            self._held[name][self._n : self._n + more] = column
        self._n += more

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


_store = _Store()


def columns() -> Columns:
    """All incidents, whoever asks: for this module's queries alone."""
    return _store.now()


def warm() -> threading.Thread:
    """Read the columns before anybody asks: a million incidents take some seconds once."""

    def read() -> None:
        try:
            with within(SYSTEM):
                columns()
        except Exception as error:  # then the first who asks reads them
            log_error("map.warm", error)
        finally:
            close_old_connections()

    thread = threading.Thread(target=read, name="stoop-map", daemon=True)
    thread.start()
    return thread
