"""What the platform keeps of its studies: the question, each registered version, each run, and
each time that a finding was made public."""

import tomllib
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stoop.evaluation.models.design import Calendar, period
from stoop.kernel import clock, ids
from stoop.places.queries import area_code

# A run that began and said nothing for so long has lost its worker, and may be started again.
STALE = timedelta(minutes=15)


class Study(models.Model):
    """A question about the city's programs, and how far it has come.

    `text` is the STUDY.toml as it is now; from the first registration on it is that of the newest
    version. What was published stays what it was until another run is published in its place, so
    `published` stands beside `state`; all that ever stood in public are its `publications`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REGISTERED = "registered", _("Registered")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed")

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    question = models.CharField(max_length=500)
    text = models.TextField()
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    made_at = models.DateTimeField()
    by = models.CharField(max_length=80, help_text="who drafted it, as the ledger says")
    organization = models.CharField(max_length=200, blank=True, help_text="whom they work for")
    published = models.ForeignKey("Run", null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    publisher = models.CharField(max_length=200, blank=True, help_text="organization, no person")
    withdrawn_at = models.DateTimeField(null=True, help_text="of what was published")
    withdrawn_why = models.CharField(max_length=500, blank=True)

    privacy = {
        "slug": "public",
        "title": "public",
        "question": "public",
        "text": "internal",
        "state": "internal",
        "made_at": "internal",
        "by": "internal",
        "organization": "public",
        "published": "public",
        "published_at": "public",
        "publisher": "public",
        "withdrawn_at": "public",
        "withdrawn_why": "public",
    }

    def __str__(self) -> str:
        return self.title

    @property
    def is_public(self) -> bool:
        """Whether a finding of it stands in public now."""
        return self.published_id is not None and self.withdrawn_at is None


class Known(models.TextChoices):
    """How far the period of a design had come when it was registered."""

    AHEAD = "ahead", _("before its period began: nobody could know the outcome")
    GOING_ON = "going on", _("while its period was going on")
    OVER = "over", _("when its period was over: its outcome could be known")


class Registration(models.Model):
    """A version of a study's design, frozen: the first is the registration, the others amend it.

    What it is called, asks and covers is read from its own text: that of its study is amended.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="registrations")
    number = models.IntegerField()
    text = models.TextField(help_text="the STUDY.toml, word for word")
    sha256 = models.CharField(max_length=64)
    registered_at = models.DateTimeField()
    by = models.CharField(max_length=80)
    organization = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="why it was amended")
    after_outcomes = models.BooleanField(
        help_text="whether a run of this study or another had read such outcomes by then"
    )
    seq = models.BigIntegerField(help_text="the ledger's event of it")
    ledger = models.CharField(max_length=64, help_text="the digest of that event")

    privacy = {
        "study": "public",
        "number": "public",
        "text": "public",
        "sha256": "public",
        "registered_at": "public",
        "by": "internal",
        "organization": "public",
        "reason": "public",
        "after_outcomes": "public",
        "seq": "public",
        "ledger": "public",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="registration_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.study_id} v{self.number}"

    @cached_property
    def _said(self) -> dict[str, Any]:
        return tomllib.loads(self.text)

    @property
    def question(self) -> str:
        return " ".join(self._said["question"].split())

    @property
    def title(self) -> str:
        return " ".join(self._said.get("title", self.question).split())

    @property
    def days(self) -> tuple[date, date]:
        """The first day of its period, and the first day after it."""
        said = self._said["period"]
        length = said.get("length", "year")
        first, last = (period(area_code(said[key]), length) for key in ("first", "last"))
        edges = Calendar(length, first, last).edges
        return edges[0].item(), edges[-1].item()

    @property
    def known(self) -> Known:
        """Whether somebody could have known the outcome when it was registered."""
        first, after = self.days
        day = timezone.localdate(self.registered_at)
        return Known(Known.AHEAD if day < first else Known.GOING_ON if day < after else Known.OVER)


class Run(models.Model):
    """One time that a registered version was worked out on the platform's own record.

    Until `started_at` it waits, however long the work before it takes. From then on it has lost
    its worker when its last sign of life, `seen_at`, is older than STALE.
    """

    key = models.UUIDField(default=ids.new, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="runs")
    asked_at = models.DateTimeField()
    by = models.CharField(max_length=80)
    started_at = models.DateTimeField(null=True, help_text="from here on the outcome is read")
    seen_at = models.DateTimeField(help_text="when the worker last said how far it is")
    finished_at = models.DateTimeField(null=True)
    step = models.IntegerField(default=0)
    steps = models.IntegerField(default=0)
    doing = models.CharField(max_length=120, blank=True)
    failure = models.CharField(max_length=500, blank=True, help_text="one sentence; empty if well")
    answer = models.TextField(blank=True, help_text="the finding in one sentence")
    inputs = models.JSONField(default=dict, help_text="SHA-256 of each file that went in")

    privacy = {
        "key": "internal",
        "registration": "internal",
        "asked_at": "internal",
        "by": "internal",
        "started_at": "internal",
        "seen_at": "internal",
        "finished_at": "public",
        "step": "internal",
        "steps": "internal",
        "doing": "internal",
        "failure": "internal",
        "answer": "public",
        "inputs": "public",
    }

    class Meta:
        constraints = [
            # Of two who press the button at once, one starts it.
            models.UniqueConstraint(
                fields=["registration"],
                condition=models.Q(finished_at=None),
                name="run_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"run {self.key}"

    @property
    def is_well(self) -> bool:
        return self.finished_at is not None and not self.failure

    def is_stale(self, now: datetime | None = None) -> bool:
        """Whether its worker is gone."""
        begun = self.started_at is not None and self.finished_at is None
        return begun and self.seen_at < (now or clock.now()) - STALE

    def waits_long(self, now: datetime | None = None) -> bool:
        """Whether it has waited so long for a worker that one may be asked for again."""
        waits = self.started_at is None and self.finished_at is None
        return waits and self.seen_at < (now or clock.now()) - STALE


class Publication(models.Model):
    """A finding that was made public: when, in whose name, and when and why it was taken back.

    Rows are added, and withdrawn once; none is changed back or removed.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="publications")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="publication")
    published_at = models.DateTimeField()
    publisher = models.CharField(max_length=200, blank=True, help_text="organization, no person")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=500, blank=True)

    privacy = {
        "study": "public",
        "run": "public",
        "published_at": "public",
        "publisher": "public",
        "withdrawn_at": "public",
        "withdrawn_why": "public",
    }

    def __str__(self) -> str:
        return f"{self.study_id}, {self.run_id}"
