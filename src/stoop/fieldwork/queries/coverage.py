"""What was counted in a response: sums by the plan's own list, and doors by block and hour."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from stoop.fieldwork.models import Count, Plan, Response


@dataclass(frozen=True)
class Sum:
    """The sum of one count, or of one kind of it. None: nobody wrote it down, which is not zero.

    `part` sums only rows that say a part, and `part_of` is the number in those rows.
    """

    code: str
    label: str
    part_label: str
    kind: str
    number: int | None
    part: int | None
    part_of: int | None


def sums(plan: Plan, counts: list[Count]) -> list[Sum]:
    """Sums of the counts that stand, line by line of the plan, kind by kind."""
    rows = defaultdict(list)
    for each in counts:
        rows[each.what, each.kind].append(each)
    found = []
    for line in plan.counts_said:
        for kind in line["kinds"] or [{"code": "", "label": ""}]:
            said = rows[line["code"], kind["code"]]
            parts = [each for each in said if each.part is not None]
            found.append(
                Sum(
                    code=line["code"],
                    label=line["label"],
                    part_label=line["part"],
                    kind=kind["label"],
                    number=sum(each.number for each in said) if said else None,
                    part=sum(each.part for each in parts) if parts else None,
                    part_of=sum(each.number for each in parts) if parts else None,
                )
            )
    return found


@dataclass(frozen=True)
class Cell:
    """Doors of one block in one hour; None where nobody was. `part` and `part_of` as in a Sum."""

    number: int | None
    part: int | None
    part_of: int | None


@dataclass(frozen=True)
class Matrix:
    """Blocks by hours of the day. An empty cell is an hour in which nobody wrote a door down."""

    label: str
    part_label: str
    hours: list[int | None]
    rows: list[tuple[str, list[Cell], Cell]]


def matrix(line: dict[str, Any], counts: list[Count]) -> Matrix:
    """Coverage by block and hour of a count that is by block."""
    said = [each for each in counts if each.what == line["code"]]
    known = sorted({each.hour for each in said if each.hour is not None})
    hours: list[int | None] = [*known, *([None] if any(e.hour is None for e in said) else [])]
    rows = []
    for block in sorted({each.block for each in said}, key=str.casefold):
        here = [each for each in said if each.block == block]
        cells = [_cell([each for each in here if each.hour == hour]) for hour in hours]
        rows.append((block, cells, _cell(here)))
    return Matrix(line["label"], line["part"], hours, rows)


def _cell(counts: list[Count]) -> Cell:
    parts = [each for each in counts if each.part is not None]
    return Cell(
        number=sum(each.number for each in counts) if counts else None,
        part=sum(each.part for each in parts) if parts else None,
        part_of=sum(each.number for each in parts) if parts else None,
    )


def standing_counts(response: Response) -> list[Count]:
    """The counts of a response that nobody took back, the newest first."""
    held = response.counts.filter(undone_at=None).select_related("by", "organization")
    return list(held.order_by("-at", "-pk"))


@dataclass(frozen=True)
class Counted:
    """One count in the words of the plan."""

    key: UUID
    number: int
    part: int | None
    what_label: str
    kind_label: str
    block: str
    organization: Any
    day: date
    hour: int | None
    by: Any


def in_words(plan: Plan, counts: list[Count]) -> list[Counted]:
    """Counts as a reader sees them."""
    lines = {line["code"]: line for line in plan.counts_said}
    found = []
    for each in counts:
        line = lines.get(each.what, {"label": each.what, "kinds": []})
        kinds = {kind["code"]: kind["label"] for kind in line["kinds"]}
        found.append(
            Counted(
                key=each.key,
                number=each.number,
                part=each.part,
                what_label=line["label"],
                kind_label=kinds.get(each.kind, ""),
                block=each.block,
                organization=each.organization,
                day=each.day,
                hour=each.hour,
                by=each.by,
            )
        )
    return found
