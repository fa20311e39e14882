"""Shootings as the platform keeps them: each with all its versions, and the rows they came from."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stoop.kernel import ids


class Source(models.Model):
    """Somebody or something that reports: a desk, a feed, an open-data release."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    key_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of its API key")
    active = models.BooleanField(default=True)
    official = models.BooleanField(default=False, help_text="publishes rows of record, months late")
    confirms = models.BooleanField(
        default=False, help_text="its reports need nobody's confirmation"
    )
    most_an_hour = models.PositiveIntegerField(
        default=20,
        db_default=20,
        help_text="reports and corrections that tell people with nobody's look",
    )
    hour_began = models.DateTimeField(null=True, help_text="since when they are counted")
    hour_count = models.PositiveIntegerField(
        default=0, db_default=0, help_text="how many there were since"
    )
    hour_full = models.BooleanField(default=False, db_default=False, help_text="one too many since")
    feed = models.JSONField(default=dict, help_text="where and how to poll it; empty if it pushes")
    cursor = models.CharField(max_length=200, blank=True, help_text="how far the poller has come")
    polled_at = models.DateTimeField(null=True, help_text="when the last poll ended")
    failures = models.IntegerField(default=0, help_text="polls that failed since the last good one")
    poll_error = models.CharField(max_length=300, blank=True, help_text="why the last poll failed")
    left_out = models.JSONField(
        default=dict,
        db_default={},
        help_text="rows that the last such poll could not use: why, how many",
    )
    left_out_at = models.DateTimeField(null=True, help_text="when that was")

    privacy = {
        "code": "internal",
        "name": "internal",
        "key_hash": "internal",
        "active": "internal",
        "official": "internal",
        "confirms": "internal",
        "most_an_hour": "internal",
        "hour_began": "internal",
        "hour_count": "internal",
        "hour_full": "internal",
        "feed": "internal",
        "cursor": "internal",
        "polled_at": "internal",
        "failures": "internal",
        "poll_error": "internal",
        "left_out": "internal",
        "left_out_at": "internal",
    }

    def __str__(self) -> str:
        return self.name


class Incident(models.Model):
    """A shooting as it is known now. `version` counts its changes; Version holds each.

    Place and time only: block face, never an address or a name.
    """

    class Status(models.TextChoices):
        REPORTED = "reported", "Reported"
        CONFIRMED = "confirmed", "Confirmed"
        RETRACTED = "retracted", "Retracted"
        MERGED = "merged", "Merged into another"

    class Kind(models.TextChoices):
        SHOOTING = "shooting", "Shooting with a person hit"
        SHOTS = "shots", "Shots fired, nobody hit"

    key = models.UUIDField(default=ids.new, unique=True, editable=False)
    version = models.IntegerField(default=1)
    seq = models.BigIntegerField(default=0, help_text="ledger event of the last change")
    status = models.CharField(max_length=12, choices=Status)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.SHOOTING)
    occurred_at = models.DateTimeField()
    time_known = models.BooleanField(default=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    block = models.CharField(max_length=200, blank=True, help_text="block face, no house number")
    areas = models.JSONField(default=dict, help_text="kind to codes, of the boundaries of that day")
    area = models.CharField(max_length=60, blank=True, help_text="first code of the main kind")
    killed = models.IntegerField(null=True, help_text="persons, never rows")
    hurt = models.IntegerField(null=True, help_text="persons hit and not known to be dead")
    published = models.IntegerField(default=0, help_text="rows of the source that tell of it")
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # its constraint below is its index
    source_ref = models.CharField(max_length=80, help_text="the source's own number for it")
    said = models.JSONField(default=dict, help_text="what the source itself said last")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    new = False
    """whether this very report was the first of it; kept nowhere"""

    privacy = {
        "key": "internal",
        "version": "internal",
        "seq": "internal",
        "status": "internal",
        "kind": "public",
        "occurred_at": "internal",
        "time_known": "internal",
        "lon": "internal",
        "lat": "internal",
        "block": "internal",
        "areas": "public",
        "area": "public",
        "killed": "internal",
        "hurt": "internal",
        "published": "internal",
        "source": "internal",
        "source_ref": "internal",
        "said": "internal",
        "merged_into": "internal",
        "reported_at": "internal",
        "changed_at": "internal",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_ref"], name="incident_once_a_source")
        ]
        # Forward in time, for so they grow at their end; a database reads them backwards as well.
        indexes = [
            models.Index(fields=["status", "occurred_at"]),
            models.Index(fields=["occurred_at"]),
            models.Index(fields=["area", "occurred_at"]),
            models.Index(fields=["seq"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class HowLearned(models.TextChoices):
    """Who says so, in one tap: its words are the reason of a first report or a confirmation."""

    POLICE = "police", _("The police say so")
    HOSPITAL = "hospital", _("A hospital says so")
    WORKER = "worker", _("Our worker is there")
    RESIDENT = "resident", _("A resident says so")
    MYSELF = "myself", _("I saw or heard it")
    OTHER = "other", _("Somebody else says so")


class Version(models.Model):
    """One change of an incident: all that was known after it, by whom and why.

    Rows of a loaded file have their first version in the batch alone; from the first change on
    every version is here.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    action = models.CharField(max_length=20, help_text="report, confirm, correct, merge, ...")
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    why = models.CharField(max_length=500, blank=True)
    known = models.JSONField(help_text="the incident's fields after the change")
    untold = models.BooleanField(
        default=False,
        db_default=False,
        help_text="a change that people should hear of, and have not: it waits for a person",
    )

    privacy = {
        "incident": "internal",
        "number": "internal",
        "action": "internal",
        "at": "internal",
        "by": "internal",
        "why": "internal",
        "known": "internal",
        "untold": "internal",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="version_number_once")
        ]
        indexes = [
            models.Index(
                fields=["incident"], condition=models.Q(untold=True), name="version_untold"
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} v{self.number}"


class Batch(models.Model):
    """One file or one poll that was loaded, and how far it came."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    file = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    done = models.IntegerField(default=0, help_text="rows committed: where a second try goes on")
    counts = models.JSONField(default=dict, help_text="rows, rejected, added, changed, withdrawn")
    read = models.JSONField(default=dict, help_text="how: its header, the options, first, last day")

    privacy = {
        "source": "internal",
        "file": "internal",
        "sha256": "internal",
        "started_at": "internal",
        "finished_at": "internal",
        "done": "internal",
        "counts": "internal",
        "read": "internal",
    }

    def __str__(self) -> str:
        return f"{self.file} {self.sha256[:12]}"


class Row(models.Model):
    """A published row, kept word for word, and the incident it is a part of."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="rows")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, db_index=False)
    line = models.IntegerField()
    said = models.TextField(help_text="the row as published: its cells in order, as a JSON list")
    withdrawn = models.ForeignKey(
        Batch,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="the file since which it is gone, or said otherwise",
    )

    privacy = {
        "incident": "internal",
        "batch": "internal",
        "line": "internal",
        "said": "sealed",
        "withdrawn": "internal",
    }

    def __str__(self) -> str:
        return f"line {self.line} of {self.batch_id}"


class Match(models.Model):
    """A live report and an official incident that may be one shooting; a person decides."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "To be decided"
        SAME = "same", "The same shooting"
        DIFFERENT = "different", "Different shootings"

    live = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    official = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=12, choices=State, default=State.PROPOSED)
    reasons = models.JSONField(help_text="metres, minutes, victims: what speaks for and against")
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)

    privacy = {
        "live": "internal",
        "official": "internal",
        "state": "internal",
        "reasons": "internal",
        "proposed_at": "internal",
        "decided_at": "internal",
        "decided_by": "internal",
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["live", "official"], name="match_once")]

    def __str__(self) -> str:
        return f"{self.live_id} ~ {self.official_id}"
