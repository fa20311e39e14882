"""What happened, in order, and what still has to follow from it."""

import hashlib
import json
from datetime import UTC
from typing import Any

from django.db import models

NOTHING = "0" * 64  # what the first event follows


def _alike(value: Any) -> Any:
    """The value with whole floats as integers: one database keeps 2.0, another makes it 2."""
    if isinstance(value, dict):
        return {name: _alike(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_alike(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Event(models.Model):
    """One thing that happened. Rows are added, never changed or removed.

    `seq` has no gaps and is the order in which events became true: an event is written under a
    lock that is kept until its transaction ends. `digest` covers the row and the digest before it.
    No personal text, no foreign keys: `subject` and `actor` are "incident:<key>", "person:<key>",
    "source:<code>", "system".
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=60, help_text="noun.verb: incident.confirmed")
    subject = models.CharField(max_length=80)
    actor = models.CharField(max_length=80)
    site = models.CharField(max_length=60, blank=True, help_text="code of the site it concerns")
    data = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    privacy = {
        "seq": "internal",
        "at": "internal",
        "kind": "internal",
        "subject": "internal",
        "actor": "internal",
        "site": "internal",
        "data": "internal",
        "previous": "internal",
        "digest": "internal",
    }

    class Meta:
        indexes = [models.Index(fields=["subject", "seq"]), models.Index(fields=["kind", "seq"])]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.subject}"

    def computed(self) -> str:
        """SHA-256, in hexadecimal, over all that the row says and the digest before it."""
        said = [
            self.seq,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.kind,
            self.subject,
            self.actor,
            self.site,
            _alike(self.data),
            self.previous,
        ]
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


class Duty(models.Model):
    """Work that an event obliges to: written with the event, gone when done, kept when it fails.

    A worker leases it for a while; if the worker dies, the lease runs out and another takes it.
    """

    event = models.BigIntegerField(help_text="seq of the event")
    flow = models.CharField(max_length=60, help_text="a key of settings.STOOP_FLOWS")
    attempts = models.IntegerField(default=0)
    not_before = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=36, blank=True)
    dead_since = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True, help_text="kind of error, never its text")

    privacy = {
        "event": "internal",
        "flow": "internal",
        "attempts": "internal",
        "not_before": "internal",
        "leased_until": "internal",
        "lease": "internal",
        "dead_since": "internal",
        "error": "internal",
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "flow"], name="duty_once")]
        indexes = [models.Index(fields=["dead_since", "not_before"])]

    def __str__(self) -> str:
        return f"{self.flow} of {self.event}"
