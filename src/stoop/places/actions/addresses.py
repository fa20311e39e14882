"""Writing down the city's list of addresses; a later list is compared with the one before."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import models, transaction

from stoop.kernel import clock, ids
from stoop.kernel.errors import Refusal
from stoop.kernel.progress import Progress, silent
from stoop.kernel.rejects import RejectedRow
from stoop.ledger.actions import record
from stoop.places.actions.actors import Actor, require_edit
from stoop.places.actions.files import digests, loaded_before
from stoop.places.models import Address, Crossing, Street
from stoop.places.queries.streets import order, words
from stoop.places.readers import Addresses, read_addresses

# Houses and streets that are written in one transaction: what a kill costs at most.
CHUNK, STREETS = 20_000, 400
_SUBJECT, _KIND = "addresses:city", "addresses.loaded"

House = tuple[str, float, float]  # number, longitude, latitude


@dataclass(frozen=True)
class AddressesLoaded:
    """What loading a list did: houses and crossings that are new, elsewhere now, gone, as before.

    `known` says when these very files were loaded, and that nothing was done.
    """

    addresses: int = 0
    streets: int = 0
    crossings: int = 0
    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    rejects: tuple[RejectedRow, ...] = ()
    known: datetime | None = None


@dataclass
class _Named:
    """A street of the list, as its first row spells it, and its houses."""

    name: str
    place: str
    houses: set[House] = field(default_factory=set)
    corner: tuple[float, float] = (0.0, 0.0)  # for a street that has crossings alone

    @property
    def middle(self) -> tuple[float, float]:
        """The point of the house whose number is the middle one."""
        if not self.houses:
            return self.corner
        by_number = sorted((order(number), lon, lat) for number, lon, lat in self.houses)
        return by_number[len(by_number) // 2][1:]


def load_addresses(
    *, files: Sequence[Path], by: Actor, progress: Progress = silent
) -> AddressesLoaded:
    """Load CSV files of address points, together the city's list, and crossings if they name some.

    The same files again change nothing. A later list is compared street by street: what it has
    more is added, what it has elsewhere is withdrawn and added anew, what it lacks is withdrawn;
    what is withdrawn stays in the table and is found no more. Each street is whole at any time,
    and what a kill leaves undone the same call completes.
    """
    require_edit(by)
    progress("reading files", 1, 4)
    sha256 = digests(files)
    known = loaded_before(_KIND, _SUBJECT, sha256)
    if known:
        return AddressesLoaded(known=known.at)
    read = read_addresses(files)
    if not read.points:
        raise Refusal("These files have no addresses; the list that is there stays.")
    streets, crossings = _by_street(read)
    load = _Load()
    parts = list(_parts(streets))
    for step, part in enumerate(parts, 1):
        progress(f"writing addresses of {len(streets):,} streets", step, len(parts) + 1)
        load.houses({key: streets[key] for key in part})
    progress("crossings, and what is gone", len(parts) + 1, len(parts) + 1)
    counts = {
        "addresses": sum(len(each.houses) for each in streets.values()),
        "streets": len(streets),
        "crossings": len(crossings),
    }
    with transaction.atomic():
        load.rest(crossings, set(streets))
        counts |= load.counts | {"unchanged": counts["addresses"] + counts["crossings"]}
        counts["unchanged"] -= load.counts["added"] + load.counts["changed"]
        data = {"sha256": sha256, "rejected": len(read.rejects), **counts}
        record(kind=_KIND, subject=_SUBJECT, by=by.ref, data=data)
    return AddressesLoaded(rejects=read.rejects, known=None, **counts)


def _by_street(read: Addresses) -> tuple[dict[str, _Named], set[tuple[str, str, float, float]]]:
    """Streets by their one spelling, with their houses; and crossings, by two of these."""
    spelled: dict[tuple[str, str], str] = {}
    streets: dict[str, _Named] = {}

    def named(street: str, place: str, corner: tuple[float, float]) -> str:
        key = spelled.get((street, place))
        if key is None:
            key = spelled[street, place] = words(f"{street} {place}")[:160]
            streets.setdefault(key, _Named(_called(street), place[:80], corner=corner))
        return key

    crossings = set()
    for point in read.points:
        at = (point.lon, point.lat)
        key = named(point.street, point.place, at)
        if point.other:
            crossings.add((key, named(point.other, point.place, at), *at))
        else:
            streets[key].houses.add((point.number, *at))
    return streets, crossings


def _called(name: str) -> str:
    """A name for people: cities write theirs in capitals."""
    return " ".join(map(str.capitalize, name.split())) if name.isupper() else name


def _parts(streets: dict[str, _Named]) -> Iterator[list[str]]:
    """Streets in an order that is the same each time, some thousand houses at a time."""
    part: list[str] = []
    houses = 0
    for key in sorted(streets):
        part.append(key)
        houses += len(streets[key].houses)
        if houses >= CHUNK or len(part) == STREETS:
            yield part
            part, houses = [], 0
    if part:
        yield part


class _Load:
    """One list on its way into the tables, and what that changed."""

    def __init__(self) -> None:
        self.now = clock.now()
        self.counts = {"added": 0, "changed": 0, "withdrawn": 0}

    @transaction.atomic
    def houses(self, streets: dict[str, _Named]) -> None:
        """Bring some streets to what the list says."""
        held = {row.words: row for row in Street.objects.filter(words__in=streets)}
        for key, named in streets.items():
            held[key] = self._street(key, named, held.get(key))
        rows = Address.objects.filter(street__words__in=streets, withdrawn=None)
        fields = ("street__words", "number", "lon", "lat", "pk")
        have = {tuple(row[:4]): row[4] for row in rows.values_list(*fields)}
        wanted = {(key, *house) for key, named in streets.items() for house in named.houses}
        gone, new = have.keys() - wanted, wanted - have.keys()
        _withdraw(Address, [have[house] for house in gone], self.now)
        Address.objects.bulk_create(
            [
                Address(
                    street=held[key], number=number, order=order(number), lon=lon, lat=lat,
                    since=self.now,
                )
                for key, number, lon, lat in sorted(new)
            ],
            batch_size=5_000,
        )  # fmt: skip
        self._count(Counter(each[:2] for each in gone), Counter(each[:2] for each in new))

    def rest(self, crossings: set[tuple[str, str, float, float]], streets: set[str]) -> None:
        """Crossings, and the streets that the list has no more."""
        standing = dict(Street.objects.filter(withdrawn=None).values_list("words", "pk"))
        lost = [pk for key, pk in standing.items() if key not in streets]
        for start in range(0, len(lost), STREETS):
            part = lost[start : start + STREETS]
            ended = Address.objects.filter(street__in=part, withdrawn=None)
            self.counts["withdrawn"] += ended.update(withdrawn=self.now)
            Street.objects.filter(pk__in=part).update(withdrawn=self.now, changed=ids.new())
        wanted = {
            (*sorted((standing[one], standing[other])), lon, lat)
            for one, other, lon, lat in crossings
            if one != other
        }
        rows = Crossing.objects.filter(withdrawn=None)
        have = {
            tuple(row[:4]): row[4] for row in rows.values_list("one", "other", "lon", "lat", "pk")
        }
        gone, new = have.keys() - wanted, wanted - have.keys()
        _withdraw(Crossing, [have[each] for each in gone], self.now)
        Crossing.objects.bulk_create(
            [
                Crossing(one_id=one, other_id=other, lon=lon, lat=lat, since=self.now)
                for one, other, lon, lat in sorted(new)
            ],
            batch_size=5_000,
        )
        self._count(Counter(each[:2] for each in gone), Counter(each[:2] for each in new))

    def _street(self, key: str, named: _Named, row: Street | None) -> Street:
        lon, lat = named.middle
        said = {"name": named.name, "place": named.place, "lon": lon, "lat": lat, "withdrawn": None}
        if row is None:
            return Street.objects.create(words=key, **said)
        if any(getattr(row, name) != value for name, value in said.items()):
            for name, value in said.items():
                setattr(row, name, value)
            row.changed = ids.new()
            row.save()
        return row

    def _count(self, gone: Counter[tuple[object, ...]], new: Counter[tuple[object, ...]]) -> None:
        """What went and came under one name is changed; the rest is withdrawn, or added."""
        both = (gone & new).total()
        self.counts["changed"] += both
        self.counts["withdrawn"] += gone.total() - both
        self.counts["added"] += new.total() - both


def _withdraw(model: type[models.Model], keys: Sequence[int], now: datetime) -> None:
    for start in range(0, len(keys), 5_000):
        model._default_manager.filter(pk__in=keys[start : start + 5_000]).update(withdrawn=now)
