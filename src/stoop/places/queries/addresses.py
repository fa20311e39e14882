"""Finding an address by what somebody types in a hurry.

A city has a million addresses and some thousand streets. The streets are kept in memory with the
three-letter pieces of their names, so that a slip of the finger finds its street, alike on every
database; the house number is then a look into an index. What was typed is never kept or logged.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from stoop.kernel.errors import Refusal
from stoop.places.models import Address, Crossing, Floats, Street
from stoop.places.queries.projection import metric_crs, project
from stoop.places.queries.streets import MOST, begun, crossing, house, order, words

Geocoder = Callable[[str], "list[Found]"]

FRESH_S = 1.0
ALIKE = 0.5  # share of pieces in common below which two names are two streets
CORNER_M = 60.0  # how far the nearest houses of two streets stand apart where these cross
_STREETS = 6  # likely streets that are looked into


@dataclass(frozen=True)
class Found:
    """A place that answers: what to call it, and where it is in degrees."""

    text: str
    lon: float
    lat: float


@dataclass(frozen=True)
class _Streets:
    """The streets in memory: rows of arrays are streets, `pieces` leads to those with a piece."""

    changed: UUID | None
    asked: float
    keys: tuple[int, ...]
    texts: tuple[str, ...]
    numbers: tuple[frozenset[str], ...]
    points: tuple[tuple[float, float], ...]
    sizes: Floats
    pieces: dict[str, npt.NDArray[np.int64]]


_held: _Streets | None = None


def find_address(text: str, *, limit: int = 8) -> list[Found]:
    """Places that the text may mean, likeliest first: houses, crossings, streets.

    From the city's own list of addresses; where that has no house or crossing of the kind, the
    function named by STOOP_GEOCODER is asked too. A house number that the list lacks gives the
    nearest ones on the street.
    """
    text = " ".join(text[:MOST].split())
    if not text or limit < 1:
        return []
    streets = _streets()
    both = crossing(text)
    if both:
        found, sure = _crossings(streets, *both), True
    else:
        found, sure = _houses(streets, text)
    if not (found and sure):
        found += _geocoded(text)
    unique = {one.text.casefold(): one for one in reversed(found)}
    return list(reversed(unique.values()))[:limit]


def known_street(text: str) -> bool:
    """Whether the city's list has a street of all these words, a house number before it or not."""
    streets, (_number, rest) = _streets(), house(" ".join(text[:MOST].split()))
    typed = [_pieces(word) for word in words(rest).split()]
    for at, _ in _likely(streets, rest):
        has = _pieces(words(streets.texts[at]))
        if all(2 * len(word & has) >= len(word) for word in typed):  # a slip in each is forgiven
            return True
    return False


def _houses(streets: _Streets, text: str) -> tuple[list[Found], bool]:
    """Places, and whether the first is the very house that was asked for."""
    number, rest = house(text)
    likely = _likely(streets, rest)
    if not number:
        return [Found(streets.texts[at], *streets.points[at]) for at, _ in likely], False
    exact: list[Found] = []
    near: list[Found] = []
    for at, _ in likely:
        for one, same in _numbered(streets, at, order(number)):
            (exact if same else near).append(one)
    return exact + near, bool(exact)


def _numbered(streets: _Streets, at: int, wanted: int) -> list[tuple[Found, bool]]:
    """The house, or the next lower and higher that there are."""
    rows = Address.objects.filter(street_id=streets.keys[at], withdrawn=None)
    fields = ("number", "order", "lon", "lat")
    hits = list(rows.filter(order=wanted).order_by("number").values_list(*fields)[:3])
    if not hits:
        below = rows.filter(order__lt=wanted).order_by("-order").values_list(*fields)[:1]
        above = rows.filter(order__gt=wanted).order_by("order").values_list(*fields)[:1]
        hits = sorted([*below, *above], key=lambda hit: abs(hit[1] - wanted))
    return [
        (Found(f"{number} {streets.texts[at]}", lon, lat), its == wanted)
        for number, its, lon, lat in hits
    ]


def _crossings(streets: _Streets, one: str, other: str) -> list[Found]:
    """Where two streets come together: as the list says, else between their nearest houses."""
    place = one.partition(",")[2] or other.partition(",")[2]
    names = [f"{name}, {place}" if place else name for name in (_bare(one), _bare(other))]
    first, second = (_likely(streets, name) for name in names)
    listed = _listed(streets, [at for at, _ in first], [at for at, _ in second])
    found: list[tuple[float, Found]] = []
    for a, likeness_a in first:
        for b, likeness_b in second:
            if a == b:
                continue
            for lon, lat in listed.get(frozenset((a, b)), ()) or _corner(streets, a, b):
                name = _bare(streets.texts[a])
                text = f"{name} & {streets.texts[b]}"
                found.append((likeness_a + likeness_b, Found(text, lon, lat)))
    return [each for _, each in sorted(found, key=lambda pair: -pair[0])]


def _listed(
    streets: _Streets, first: Sequence[int], second: Sequence[int]
) -> dict[frozenset[int], list[tuple[float, float]]]:
    """Points of the crossings that the city's list names between any two of these streets."""
    at = {streets.keys[each]: each for each in (*first, *second)}
    rows = Crossing.objects.filter(one__in=at, other__in=at, withdrawn=None).order_by("pk")
    found: dict[frozenset[int], list[tuple[float, float]]] = defaultdict(list)
    for one, other, lon, lat in rows.values_list("one", "other", "lon", "lat"):
        found[frozenset((at[one], at[other]))].append((lon, lat))
    return found


def _bare(street: str) -> str:
    return street.partition(",")[0]


def _corner(streets: _Streets, a: int, b: int) -> list[tuple[float, float]]:
    """Between the nearest houses of two streets; nothing where these stand too far apart."""
    here, there = (
        np.array(
            Address.objects.filter(street_id=streets.keys[at], withdrawn=None).values_list(
                "lon", "lat"
            )
        ).reshape(-1, 2)
        for at in (a, b)
    )
    if not (len(here) and len(there)):
        return []
    crs = metric_crs(here[:, 0], here[:, 1])
    from scipy.spatial import cKDTree

    xy, uv = (np.column_stack(project(p[:, 0], p[:, 1], crs)) for p in (here, there))
    metres, nearest = cKDTree(uv).query(xy)
    best = int(np.argmin(metres))
    if metres[best] > CORNER_M:
        return []
    lon, lat = (here[best] + there[nearest[best]]) / 2
    return [(float(lon), float(lat))]


def _likely(streets: _Streets, text: str) -> list[tuple[int, float]]:
    """Streets whose names are like the text, likeliest first, and how alike they are."""
    wanted = words(text)
    if not wanted or not streets.keys:
        return []
    alike = _alike(streets, wanted, *begun(text))
    numbers = _numbers(wanted)
    best: list[tuple[int, float]] = []
    for at in np.argsort(-alike, kind="stable")[:200].tolist():
        if alike[at] < ALIKE or len(best) == _STREETS:
            break
        # 148th is no misspelt 149th: a number that was typed must be there.
        if numbers <= streets.numbers[at]:
            best.append((at, float(alike[at])))
    return best


def _alike(streets: _Streets, wanted: str, before: str, last: list[str]) -> Floats:
    """How like each street's name is to the words, of which the last may be a beginning alone.

    What was typed may leave words out, so how much of it is found weighs more than the reverse. A
    beginning weighs less than a word: whatever it leads to comes after what was typed to its end.
    """
    first = _pieces(before)
    known = _shared(streets, first)
    readings = [(0.75, _pieces(wanted) - first)]
    readings += [(0.5, _pieces(word, end="") - first) for word in last]
    found = np.zeros(len(streets.keys))
    for weight, rest in readings:
        common = known + _shared(streets, rest)
        share = common / (len(first) + len(rest))
        np.maximum(found, weight * share + 0.25 * common / streets.sizes, out=found)
    return found


def _shared(streets: _Streets, pieces: set[str]) -> Floats:
    """How many of these pieces each street's name has."""
    common = np.zeros(len(streets.keys))
    for piece in pieces:
        if piece in streets.pieces:
            common[streets.pieces[piece]] += 1
    return common


def _numbers(name: str) -> frozenset[str]:
    return frozenset(word for word in name.split() if word.isdecimal())


def _pieces(name: str, end: str = " ") -> set[str]:
    """Three-letter pieces of each word, with its beginning and its end marked."""
    return {
        padded[at : at + 3]
        for padded in (f"  {word}{end}" for word in name.split())
        for at in range(len(padded) - 2)
    }


def _streets() -> _Streets:
    """The streets as they are now; looked up anew when a list was loaded."""
    global _held
    held, now = _held, monotonic()
    within = transaction.get_connection().in_atomic_block
    if held is not None and not within and 0 <= now - held.asked < FRESH_S:
        return held
    changed = Street.objects.order_by("-changed").values_list("changed", flat=True).first()
    if held is None or held.changed != changed:
        held = _read(changed, now)
    _held = held
    return held


def _read(changed: UUID | None, now: float) -> _Streets:
    rows = list(
        Street.objects.filter(withdrawn=None)
        .order_by("pk")
        .values_list("pk", "name", "place", "words", "lon", "lat")
    )
    pieces: dict[str, list[int]] = defaultdict(list)
    sizes = np.ones(len(rows))
    for at, (_, _, _, spelled, _, _) in enumerate(rows):
        own = _pieces(spelled)
        sizes[at] = max(len(own), 1)
        for piece in own:
            pieces[piece].append(at)
    return _Streets(
        changed=changed,
        asked=now,
        keys=tuple(pk for pk, *_ in rows),
        texts=tuple(f"{name}, {place}" if place else name for _, name, place, *_ in rows),
        numbers=tuple(_numbers(spelled) for _, _, _, spelled, _, _ in rows),
        points=tuple((lon, lat) for *_, lon, lat in rows),
        sizes=sizes,
        pieces={piece: np.array(at) for piece, at in pieces.items()},
    )


def _geocoded(text: str) -> list[Found]:
    """What the city's own geocoder says; nothing when it fails, for there is a map to point at."""
    path = settings.STOOP_GEOCODER
    if not path:
        return []
    try:
        geocoder: Geocoder = import_string(path)
    except ImportError:
        raise Refusal(
            "STOOP_GEOCODER names no function that can be imported; mend it or leave it empty."
        ) from None
    try:
        return [Found(str(one.text), float(one.lon), float(one.lat)) for one in geocoder(text)]
    except Exception:  # the error of somebody else's code may quote what was typed: it ends here
        return []
