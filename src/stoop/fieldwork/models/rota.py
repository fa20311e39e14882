"""Who is on call, who rests, and the calendars that show it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from django.db import models

from stoop.fieldwork.models.responses import Response
from stoop.kernel import ids

Span = tuple[datetime, datetime]


class Shift(models.Model):
    """A stretch of time in which a person is on call for a site; `covers` is who they stand in for.

    `series` joins the shifts that were entered together, week after week.
    """

    key = models.UUIDField(default=ids.new, unique=True, editable=False)
    site = models.ForeignKey("accounts.Site", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    rank = models.IntegerField(default=1, help_text="1 is told first, 2 when nobody answers")
    covers = models.ForeignKey(
        "accounts.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    series = models.UUIDField(null=True)
    changed_at = models.DateTimeField(null=True)

    called = True  # `queries.rota.calling` says where the person is not of the site any more

    site_path = "site"
    privacy = {
        "key": "internal",
        "site": "internal",
        "person": "site",
        "starts": "site",
        "ends": "site",
        "rank": "site",
        "covers": "site",
        "series": "internal",
        "changed_at": "internal",
    }

    class Meta:
        indexes = [
            models.Index(fields=["site", "starts", "ends"]),
            models.Index(fields=["person", "starts"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "person", "starts"], name="shift_once_a_person"
            ),
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("starts")), name="shift_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.site_id} from {self.starts}"


@dataclass(frozen=True)
class Taken:
    """Shifts of one person that were taken off the rota, with all that it needs to put them back.

    `key` joins the two events; people are ids.
    """

    key: str
    person: int
    rank: int
    series: str | None
    covers: int | None
    spans: tuple[Span, ...]

    def kept(self) -> dict[str, Any]:
        """As a session keeps it."""
        spans = [[moment.isoformat() for moment in span] for span in self.spans]
        return {**asdict(self), "spans": spans}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        spans = [[datetime.fromisoformat(moment) for moment in span] for span in kept["spans"]]
        return cls(**{**kept, "spans": tuple((starts, ends) for starts, ends in spans)})


class Rest(models.Model):
    """A worker's own rest after a hard night: seen by the worker and the site's supervisor.

    It moves the worker behind the others who are on call, and says nothing else of anybody.
    `ended_at` is when the worker chose to be called first again.
    """

    site = models.ForeignKey("accounts.Site", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    response = models.ForeignKey(Response, null=True, on_delete=models.SET_NULL)
    since = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    site_path = "site"
    privacy = {
        "site": "internal",
        "person": "site",
        "response": "site",
        "since": "site",
        "until": "site",
        "ended_at": "site",
    }

    class Meta:
        indexes = [models.Index(fields=["person", "until"])]

    def __str__(self) -> str:
        return f"rest of {self.person_id}"


class Calendar(models.Model):
    """An address from which a calendar program reads on-call times.

    Of a person, or of a site when `person` is empty. Only the digest of its token is kept. A site's
    works while `made_by` keeps the rota there.
    """

    site = models.ForeignKey("accounts.Site", null=True, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.CASCADE, related_name="+"
    )
    token = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )

    site_path = "site"
    person_path = "person"
    privacy = {
        "site": "internal",
        "person": "site",
        "token": "sealed",
        "made_at": "internal",
        "made_by": "site",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(site=None), name="calendar_of_person"
            ),
            models.UniqueConstraint(
                fields=["site"], condition=models.Q(person=None), name="calendar_of_site"
            ),
        ]

    def __str__(self) -> str:
        return f"calendar {self.pk}"
