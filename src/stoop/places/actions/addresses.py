"""Writing down the city's list of addresses."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.db import transaction

from stoop.kernel import ids, progress
from stoop.kernel.errors import Refusal
from stoop.ledger.actions import record
from stoop.places.actions.actors import Actor, require_edit
from stoop.places.models import Address, Street
from stoop.places.queries.streets import order, words
from stoop.places.readers import Addresses, read_addresses

_CHUNK = 20_000
_SUBJECT = "addresses:city"


@dataclass(frozen=True)
class AddressesLoaded:
    """What loading a list of addresses did; `before` addresses were there and are gone."""

    addresses: int
    streets: int
    skipped: int
    before: int


@transaction.atomic
def load_addresses(
    *, file: Path, by: Actor, progress: progress.Progress = progress.silent
) -> AddressesLoaded:
    """Load a CSV of address points in place of the list that was there.

    The whole list or nothing: whoever searches meanwhile finds the old one.
    """
    require_edit(by)
    progress(f"reading {file.name}", 1, 3)
    read = read_addresses(file)
    if not read.numbers:
        raise Refusal(f"{file.name} has no addresses; the list that is there stays.")
    before = Address.objects.count()
    Address.objects.all().delete()
    Street.objects.all().delete()
    progress(f"writing {len(read.numbers):,} addresses", 2, 3)
    streets, which = _write_streets(read)
    rows = (
        Address(street_id=streets[which[at]], number=number, order=order(number), lon=lon, lat=lat)
        for at, (number, lon, lat) in enumerate(
            zip(read.numbers, read.lon.tolist(), read.lat.tolist(), strict=True)
        )
    )
    Address.objects.bulk_create(rows, batch_size=_CHUNK)
    progress("writing", 3, 3)
    counts = {"addresses": len(read.numbers), "streets": len(streets), "skipped": read.skipped}
    data = {"sha256": read.sha256, **counts, "before": before}
    record(kind="addresses.loaded", subject=_SUBJECT, by=by.ref, data=data)
    return AddressesLoaded(**counts, before=before)


def _write_streets(read: Addresses) -> tuple[list[int], list[int]]:
    """Keys of the streets, and which of them each address is on."""
    spelled: dict[tuple[str, str], int] = {}
    number: dict[str, int] = {}
    first: list[tuple[str, str]] = []
    which = []
    for pair in zip(read.streets, read.places, strict=True):
        if pair not in spelled:
            key = words(" ".join(pair))[:160]
            if key not in number:
                number[key] = len(first)
                first.append(pair)
            spelled[pair] = number[key]
        which.append(spelled[pair])
    middle = _middles(np.array(which), read)
    stamp = ids.new()
    made = Street.objects.bulk_create(
        Street(
            name=_called(first[at][0]),
            place=first[at][1][:80],
            words=key,
            lon=float(read.lon[middle[at]]),
            lat=float(read.lat[middle[at]]),
            changed=stamp,
        )
        for key, at in number.items()
    )
    return [street.pk for street in made], which


def _called(name: str) -> str:
    """A name for people: cities write theirs in capitals."""
    return " ".join(map(str.capitalize, name.split())) if name.isupper() else name


def _middles(which: np.ndarray[tuple[int], np.dtype[np.int64]], read: Addresses) -> list[int]:
    """The address of each street whose number is the middle one."""
    numbers = np.array([order(number) for number in read.numbers])
    by_number = np.lexsort((numbers, which))
    counts = np.bincount(which)
    starts = np.cumsum(counts) - counts
    middles: list[int] = by_number[starts + counts // 2].tolist()
    return middles
