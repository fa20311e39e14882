"""Numbers as published tables write coordinates: thousands commas, decimal commas, blanks."""

import re

import numpy as np

from stoop.incidents.readers.engine import Numbers
from stoop.incidents.readers.words import is_missing

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d*")
_EUROPEAN = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d*")
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f']\d{3})+(?:\.\d*)?")
_HEMISPHERE = re.compile(r"(\d+(?:\.\d*)?)\s*°?\s*([NSEWnsew])")


def settle(numbers: Numbers, *, degrees: bool) -> dict[int, str]:
    """Read the odd texts of a column into its values; return those that are no number, by row.

    In a column of degrees 40,697 is 40.697; in a column of metres or feet it is 40697.
    """
    unread: dict[int, str] = {}
    known: dict[str, float | None] = {}
    for row, text in numbers.odd.items():
        if text not in known:
            known[text] = number_of(text, degrees=degrees)
        number = known[text]
        if number is None:
            unread[row] = text
            number = np.nan
        numbers.value[row] = number
    return unread


def number_of(text: str, *, degrees: bool) -> float | None:
    """A number, NaN where the text says nothing, None where it is no number."""
    plain = text.strip()
    if is_missing(plain):
        return float("nan")
    if _EUROPEAN.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif degrees and _DECIMAL_COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    elif _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    elif _SPACED.fullmatch(plain):
        plain = re.sub(r"[^\d.+-]", "", plain)
    elif degrees and (found := _HEMISPHERE.fullmatch(plain)):
        plain = f"{'-' if found[2] in 'SWsw' else ''}{found[1]}"
    try:
        number = float(plain)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


_POINT = re.compile(r"\s*(?:SRID=4326;)?POINT\s*Z?\s*\(\s*(\S+)\s+([^\s)]+)[^)]*\)\s*", re.I)
_DEGREES = r"([-+]?\d+\.?\d*)"
# An address may stand above the pair, on lines of its own.
_PAIR = re.compile(rf"(?:.*\n)?\s*[(\[]?\s*{_DEGREES}\s*[,;]\s*{_DEGREES}\s*[)\]]?\s*", re.S)
_BETWEEN = r"[\s\"':=\[]+"
_GEOJSON = re.compile(rf".*coordinates{_BETWEEN}{_DEGREES}\s*,\s*{_DEGREES}.*", re.S)
_NAMED = re.compile(
    rf".*latitude{_BETWEEN}{_DEGREES}.*longitude{_BETWEEN}{_DEGREES}.*", re.S | re.I
)
_LONGEST = 400


def point_of(text: str) -> tuple[float, float] | None:
    """Latitude and longitude of 'POINT (lon lat)', '(lat, lon)' and their kin; None if none."""
    if len(text) > _LONGEST:
        return None
    for pattern, lat_first in ((_POINT, False), (_GEOJSON, False), (_NAMED, True), (_PAIR, True)):
        if found := pattern.fullmatch(text):
            try:
                first, second = float(found[1]), float(found[2])
            except ValueError:
                return None
            return (first, second) if lat_first else (second, first)
    return None
