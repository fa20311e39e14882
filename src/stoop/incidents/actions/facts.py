"""What a report may say: each fact is checked, and refused with how to mend it."""

import math
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from stoop.incidents.models import Incident
from stoop.incidents.queries.facts import EXCHANGED, astray
from stoop.incidents.queries.sources import spaced
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.places import queries as places

# Clocks of two machines are never quite the same.
SKEW = timedelta(minutes=5)
# Days 0 and 1 of a spreadsheet, of an old Macintosh and of Unix are no days of a shooting.
EARLIEST = datetime(1970, 1, 3, tzinfo=UTC)
# More than any shooting on record, far less than a slip of the finger.
MOST = 1000
BLOCK_LENGTH, WHY_LENGTH, REF_LENGTH = 200, 500, 80

_TYPES = (
    "street st avenue ave av road rd boulevard blvd place pl drive dr lane ln court ct terrace ter"
    " parkway pkwy way square sq plaza plz alley aly circle cir highway hwy walk expressway expy"
    " loop crescent"
)
_TYPE = rf"(?:{'|'.join(_TYPES.split())})\b"
_NUMBER = r"(?<![\w-])(\d{1,6})(?:-(\d{1,5}))?[A-Za-z]?(?:\s+1/2)?"
_BLOCK_OF = re.compile(rf"{_NUMBER}\s+block(?:\s+of)?\s+", re.IGNORECASE)
# A number before a street's name; "86 Street" is itself a name and stays.
_HOUSE = re.compile(
    rf"{_NUMBER}\s+(?!block\b)(?!{_TYPE})(?=(?:[\w.'’]+\s+){{1,4}}{_TYPE})", re.IGNORECASE
)
_FIRST = re.compile(rf"^{_NUMBER}\s+(?!block\b)(?!{_TYPE})(?=[^\W\d])", re.IGNORECASE)
_AFTER = re.compile(rf"\b({_TYPE})\.?,?\s+\d{{1,6}}[A-Za-z]?$", re.IGNORECASE)
_UNIT = re.compile(
    r"[,\s]*(?:\b(?:apt|apartment|unit|suite|room|rm|floor|flat)\b\.?\s*#?\s*|#\s*)\w{1,8}\b",
    re.IGNORECASE,
)
_STEERING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def checked(
    said: dict[str, Any], *, official: bool = False, anywhere: bool = False
) -> dict[str, Any]:
    """The facts of a report, tidied; raises Refusal for what cannot be.

    `anywhere` lets a point outside the city pass, and a shooting without a word of where it was:
    a machine cannot be asked again, and a person can decide. So may an official row lack it.
    """
    lon, lat = point(said.get("lon"), said.get("lat"), anywhere=anywhere)
    block = block_face(said.get("block") or "")
    if lon is None and not (block or official or anywhere):
        raise Refusal("Say where it was: an address, a crossing, or a point on the map.")
    kind = said.get("kind")
    if kind not in Incident.Kind.values:
        raise Refusal("Say what it was: 'shooting' if a person was hit, 'shots' if nobody was.")
    killed, hurt = _count("killed", said.get("killed")), _count("hurt", said.get("hurt"))
    _agree(kind, killed, hurt)
    return {
        "kind": kind,
        "occurred_at": moment(said.get("occurred_at")),
        "time_known": bool(said.get("time_known", True)),
        "lon": lon,
        "lat": lat,
        "block": block,
        "killed": killed,
        "hurt": hurt,
    }


def moment(value: Any) -> datetime:
    """A moment of the past that knows its time zone, to the second, in UTC."""
    if not isinstance(value, datetime):
        raise Refusal("Say when it was: a day and a time.")
    if value.utcoffset() is None:
        raise Refusal(
            "The time has no time zone; write it with one, as in 2026-11-20T23:40:00-05:00."
        )
    try:
        value = value.astimezone(UTC).replace(microsecond=0)
    except OverflowError:  # the first or the last day that there is
        value = value.replace(tzinfo=UTC)
    if value > clock.now() + SKEW:
        raise Refusal("The time lies in the future; check the day, the time and the time zone.")
    if value < EARLIEST:
        raise Refusal("The time lies before 1970; check the year.")
    return value


def point(lon: Any, lat: Any, *, anywhere: bool = False) -> tuple[float | None, float | None]:
    """Longitude and latitude in the city, or neither."""
    if lon is None and lat is None:
        return None, None
    if lon is None or lat is None:
        raise Refusal("A point needs both its longitude and its latitude; give both or neither.")
    try:
        lon, lat = float(lon), float(lat)
    except (TypeError, ValueError, OverflowError):
        lon = lat = math.nan
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise Refusal("Longitude and latitude are degrees, such as -73.95 and 40.68.")
    where = astray(lon, lat)
    if where == EXCHANGED and not anywhere:
        raise Refusal("Longitude and latitude are exchanged; give them the other way round.")
    if where and not anywhere:
        raise Refusal("That point lies outside the city; check its longitude and latitude.")
    return round(lon, 6), round(lat, 6)


def line(text: Any, *, most: int, what: str) -> str:
    """One line of text without characters that cannot be seen; raises Refusal otherwise."""
    if not isinstance(text, str):
        raise Refusal(f"The {what} has to be text.")
    text = spaced(text)
    odd = any(unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") for each in text)
    if odd or _STEERING.search(text):
        raise Refusal(
            f"The {what} holds a character that cannot be seen; type it anew, on one line."
        )
    if len(text) > most:
        raise Refusal(f"The {what} is longer than {most} characters; shorten it.")
    return text


def block_face(text: Any) -> str:
    """The block and no house: "123 Main St, apt 4" becomes "100 block of Main St"."""
    text = line(text, most=BLOCK_LENGTH, what="place")
    text = _UNIT.sub("", text)
    text = _BLOCK_OF.sub(lambda found: f"{_hundred(found)} block of ", text)
    text = _FIRST.sub(lambda found: f"{_hundred(found)} block of ", text)
    text = _HOUSE.sub(lambda found: f"{_hundred(found)} block of ", text)
    return _AFTER.sub(r"\1", text).strip(" ,")[:BLOCK_LENGTH]


def _hundred(found: re.Match[str]) -> str:
    first, second = found.group(1), found.group(2)
    if second and len(second) <= 2:  # 123-45: block 123 of Queens
        return f"{int(first)}-00"
    return str(int(first) // 100 * 100)


def _count(name: str, value: Any) -> int | None:
    if value is None:
        return None  # not known, which is not zero
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise Refusal(f"'{name}' is a number of persons from 0 to {MOST}, or nothing if not known.")
    return value


def _agree(kind: Any, killed: int | None, hurt: int | None) -> None:
    if kind == "shots" and (killed or hurt):
        raise Refusal("If a person was hit it is a shooting; choose that, or take the count away.")
    if kind == "shooting" and killed == 0 and hurt == 0:
        raise Refusal("If nobody was hit choose 'shots fired'; if it is not known leave it empty.")


def place(incident: Incident) -> None:
    """Set the areas that hold its point, of the boundaries of that day."""
    incident.areas, incident.area = {}, ""
    if incident.lon is None or incident.lat is None:
        return
    day = timezone.localdate(incident.occurred_at)
    found, incident.area = places.placed_mainly(incident.lon, incident.lat, on=day)
    incident.areas = {kind: list(codes) for kind, codes in found.items()}
