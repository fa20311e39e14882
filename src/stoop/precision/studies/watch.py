"""The near-repeat study on the platform's own record, for the watch zone on the live map."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.utils import timezone

from stoop.accounts.permissions import SYSTEM
from stoop.incidents import queries as incidents
from stoop.precision.studies import near_repeat
from stoop.precision.studies.city import Days
from stoopstat.events import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Confirmed shootings with a point: (k,) degrees, and (k,) local days."""

    lon: Floats
    lat: Floats
    day: Days

    def digest(self) -> str:
        """SHA-256 of the points and days, in the order they were asked."""
        days = self.day.astype(np.int64).astype(np.float64)
        return hashlib.sha256(np.concatenate([self.lon, self.lat, days]).tobytes()).hexdigest()


def points(since: datetime) -> Points:
    """Those that happened at `since` or later, oldest first; days by the city's time zone."""
    rows = list(
        incidents.incidents(SYSTEM)
        .filter(status="confirmed", kind="shooting", lon__isnull=False, occurred_at__gte=since)
        .order_by("occurred_at", "key")
        .values_list("lon", "lat", "occurred_at")
    )
    return Points(
        np.array([row[0] for row in rows], dtype=np.float64),
        np.array([row[1] for row in rows], dtype=np.float64),
        np.array([timezone.localdate(row[2]) for row in rows], dtype="datetime64[D]"),
    )


def study(seen: Points, *, seed: int) -> near_repeat.NearRepeat | None:
    """The near-repeat study of them; None with fewer than three."""
    if seen.day.size < 3:
        return None
    return near_repeat.of_points(seen.lon, seen.lat, seen.day, seed=seed)
