"""What the API takes and gives, field by field."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

Count = Annotated[int | None, Field(strict=True, ge=0, le=1000)]
Longitude = Annotated[float | None, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float | None, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Kind = Literal["shooting", "shots"]
Ref = Annotated[
    str,
    Field(min_length=1, max_length=80, description="The source's own number for the incident."),
]
Moment = Annotated[
    str,
    Field(
        max_length=40,
        description="With its time zone: 2026-11-20T23:40:00-05:00.",
        json_schema_extra={"format": "date-time"},
    ),
]
Block = Annotated[
    str, Field(max_length=200, description="Block or crossing; a house number is not kept.")
]


class Strict(Schema):
    """A body in which nothing unknown stands."""

    model_config = ConfigDict(extra="forbid")


class ReportIn(Strict):
    """A shooting, as the source tells of it. Leave out, or null, what is not known."""

    ref: Ref
    occurred_at: Moment
    time_known: Annotated[bool, Field(strict=True)] = True
    kind: Kind = "shooting"
    lon: Longitude = None
    lat: Latitude = None
    block: Block = ""
    killed: Count = None
    hurt: Count = None


class ReportPatch(Strict):
    """Facts to set right in one's own report; what is left out stays, null is "not known"."""

    ref: Ref
    occurred_at: Moment | None = None
    time_known: Annotated[bool | None, Field(strict=True)] = None
    kind: Kind | None = None
    lon: Longitude = None
    lat: Latitude = None
    block: Block | None = None
    killed: Count = None
    hurt: Count = None


class Withdrawal(Strict):
    """One's own report that was wrong: no such shooting."""

    ref: Ref
    why: Annotated[str, Field(max_length=500)] = ""


class ReportOut(Schema):
    """What became of a report."""

    key: UUID
    ref: str
    status: Literal["reported", "confirmed", "retracted", "merged"]
    version: int
    note: str = Field(
        default="",
        description="One sentence, where it was kept but not as it was said: a point outside the "
        "city, or no place at all. A person decides then; no site is told by it.",
    )


class IncidentOut(Schema):
    """A shooting as precisely as the reader's role may see it.

    Without `precise` there are the day and the areas alone; nulls then mean "not shown".
    """

    key: UUID
    seq: int
    version: int
    status: Literal["reported", "confirmed", "retracted", "merged"]
    kind: Kind
    occurred_at: datetime
    time_known: bool
    areas: dict[str, list[str]]
    precise: bool
    block: str
    lon: float | None
    lat: float | None
    killed: int | None
    hurt: int | None


class IncidentPage(Schema):
    """Incidents in the order of their last change; ask again with `since` = `next`."""

    incidents: list[IncidentOut]
    next: int
    more: bool


class Problem(Schema):
    """An error (RFC 9457): `detail` is one sentence, `errors` names the fields."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[str] = Field(default_factory=list)
