"""All shapes of one area at once, each from a day to another: a catchment follows its programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import shapely
from django.db import transaction

from stoop.kernel.errors import Refusal
from stoop.ledger.actions import record
from stoop.places.actions.actors import Actor, require_edit
from stoop.places.actions.areas import kind_of, shape_of, stamp
from stoop.places.models import Area, area_code
from stoop.places.queries.kept import forget


@dataclass(frozen=True)
class Stretch:
    """A shapely polygon in degrees that holds from a first day to the day after its last."""

    polygon: Any
    valid_from: date | None
    valid_to: date | None


@transaction.atomic
def set_stretches(
    *, kind: str, code: str, name: str, stretches: Sequence[Stretch], by: Actor
) -> int:
    """Make these the only shapes of an area; how many rows that changed, 0 when it was so.

    Refuses what `set_area` refuses, and stretches of which two hold on one day. Without any the
    area keeps its shapes: it may be asked where it was.
    """
    require_edit(by)
    kind, code = kind_of(kind), area_code(code)
    wanted = sorted(stretches, key=lambda each: each.valid_from or date.min)
    _refuse_overlaps(code, wanted)
    rows = list(Area.objects.filter(kind=kind, code=code).order_by("valid_from", "pk"))
    rows.sort(key=lambda row: row.valid_from or date.min)
    if not wanted:
        return 0
    new, changes = stamp(), 0
    for number, each in enumerate(wanted):
        row = rows[number] if number < len(rows) else Area(kind=kind, code=code)
        changes += _bring(row, each, name.strip()[:200], code, new)
    for row in rows[len(wanted) :]:
        row.delete()
        changes += 1
    if changes:
        # One row that is left carries the news to the other processes, also of one that is gone.
        Area.objects.filter(kind=kind, code=code).update(changed=new)
        forget()
        record(
            kind="area.set",
            subject=f"area:{kind}/{code}"[:80],
            by=by.ref,
            site=code if kind == Area.CATCHMENT else "",
            data={"kind": kind, "code": code, "stretches": len(wanted)},
        )
    return changes


def _refuse_overlaps(code: str, wanted: Sequence[Stretch]) -> None:
    for each in wanted:
        if each.valid_from and each.valid_to and each.valid_to <= each.valid_from:
            raise Refusal(
                f"Area {code} would end on {each.valid_to}, before it begins on "
                f"{each.valid_from}; mend one of the two dates."
            )
    for one, other in pairwise(wanted):
        if one.valid_to is None or other.valid_from is None or one.valid_to > other.valid_from:
            raise Refusal(f"Area {code} would have two shapes on one day; mend the dates.")


def _bring(row: Area, each: Stretch, name: str, code: str, new: Any) -> int:
    """Make a row so; 1 when that changed it, 0 when it was so."""
    wkb = shapely.to_wkb(shape_of(each.polygon, code))
    said = (wkb, name, each.valid_from, each.valid_to)
    if row.pk and said == (bytes(row.polygon), row.name, row.valid_from, row.valid_to):
        return 0
    row.polygon, row.name, row.valid_from, row.valid_to = said
    row.west, row.south, row.east, row.north = shapely.bounds(each.polygon).tolist()
    row.changed = new
    row.save()
    return 1
