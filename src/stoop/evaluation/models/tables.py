"""What the platform keeps of its studies: the question, each registered version, each run."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from stoop.kernel import clock, ids

# A run that began and said nothing for so long has lost its worker, and may be started again.
STALE = timedelta(minutes=15)


class Study(models.Model):
    """A question about the city's programs, and how far it has come.

    `text` is the STUDY.toml as it is now; from the first registration on it is that of the newest
    version. What was published stays what it was until another run is published in its place, so
    `published` stands beside `state`.
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


class Registration(models.Model):
    """A version of a study's design, frozen: the first is the registration, the others amend it."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="registrations")
    number = models.IntegerField()
    text = models.TextField(help_text="the STUDY.toml, word for word")
    sha256 = models.CharField(max_length=64)
    registered_at = models.DateTimeField()
    by = models.CharField(max_length=80)
    organization = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="why it was amended")
    after_outcomes = models.BooleanField(
        help_text="whether a run had read the outcome before it was written"
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
