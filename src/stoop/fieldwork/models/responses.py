"""A response and what hangs on it: clocks, tasks, counts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stoop.fieldwork.models.plans import Plan
from stoop.fieldwork.models.shipped import said
from stoop.kernel import ids


class Response(models.Model):
    """What one site does about one thing that happened, by a plan.

    `place` is a block or a building, checked; it is empty where an incident says the place.
    `notice` tells that the incident was corrected, merged or retracted since.
    """

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        STOOD_DOWN = "stood_down", _("Stood down")
        HANDED_OVER = "handed_over", _("Handed over to another site")

    class Notice(models.TextChoices):
        NONE = "", _("Nothing changed")
        CORRECTED = "corrected", _("The report was corrected")
        MERGED = "merged", _("The report was joined with another")
        RETRACTED = "retracted", _("The report was withdrawn")

    key = models.UUIDField(default=ids.new, unique=True, editable=False)
    site = models.ForeignKey("accounts.Site", on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT)
    plan_code = models.SlugField(max_length=60)
    incident = models.ForeignKey(
        "incidents.Incident", null=True, on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(max_length=120, help_text="the plan's title when it was opened")
    place = models.CharField(max_length=60, blank=True, help_text="block or building")
    lead = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    opened_at = models.DateTimeField()
    began_at = models.DateTimeField(help_text="when what it answers was known: the clocks' zero")
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    version = models.IntegerField(default=1)
    once = models.CharField(
        max_length=36, blank=True, help_text="key of the form that opened it by hand"
    )
    notice = models.CharField(max_length=12, choices=Notice, blank=True)
    notice_at = models.DateTimeField(null=True)
    notice_version = models.IntegerField(null=True, help_text="version of the incident it tells of")
    retaliation = models.IntegerField(null=True, help_text="of the situation, 0 to 3")
    retaliation_until = models.DateTimeField(null=True)
    retaliation_by = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )

    site_path = "site"
    privacy = {
        "key": "internal",
        "site": "internal",
        "plan": "internal",
        "plan_code": "internal",
        "incident": "internal",
        "title": "internal",
        "place": "site",
        "lead": "site",
        "opened_at": "internal",
        "began_at": "internal",
        "closed_at": "internal",
        "outcome": "internal",
        "version": "internal",
        "once": "internal",
        "notice": "internal",
        "notice_at": "internal",
        "notice_version": "internal",
        "retaliation": "site",
        "retaliation_until": "site",
        "retaliation_by": "site",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "incident", "plan_code"], name="one_response_a_site_and_incident"
            ),
            models.UniqueConstraint(
                fields=["site", "once"], condition=~models.Q(once=""), name="response_once"
            ),
        ]
        indexes = [
            models.Index(fields=["site", "closed_at", "-opened_at"]),
            models.Index(fields=["incident"]),
            models.Index(fields=["-opened_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.title} at {self.site_id}"

    @property
    def said(self) -> str:
        """The title as the reader reads it."""
        return said(self.title)


class Clock(models.Model):
    """Something that a plan wants by a time; the lead answers for it until somebody else does."""

    class Reason(models.TextChoices):
        NEEDED = "", _("Needed")
        ANOTHER = "another", _("Another team does it")
        NOBODY_HURT = "nobody_hurt", _("Nobody was hurt")
        UNSAFE = "unsafe", _("It is not safe")
        REFUSED = "refused", _("It was not wanted")
        UNREACHED = "unreached", _("Nobody could be reached")
        WAIVED = "waived", _("The lead decided so")
        RETRACTED = "retracted", _("The report was withdrawn")

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="clocks")
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=80)
    due_at = models.DateTimeField()
    owner = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    met_at = models.DateTimeField(null=True)
    met_by = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    not_needed = models.CharField(max_length=12, choices=Reason, blank=True)

    site_path = "response__site"
    privacy = {
        "response": "internal",
        "code": "internal",
        "label": "internal",
        "due_at": "internal",
        "owner": "site",
        "met_at": "internal",
        "met_by": "site",
        "not_needed": "internal",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "code"], name="clock_once_a_response")
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                # Only "is null": SQLite cannot see that a bound value matches a condition.
                condition=models.Q(met_at=None),
                name="clock_running",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.response_id}"

    @property
    def said(self) -> str:
        """The label as the reader reads it."""
        return said(self.label)


class Task(models.Model):
    """A piece of work of the plan in a response, with its owner and how it ended."""

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        PART = "part", _("Done in part")
        NOT_DONE = "not_done", _("Not done")
        NOT_NEEDED = "not_needed", _("Not needed")

    key = models.UUIDField(default=ids.new, unique=True, editable=False)
    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="tasks")
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=80)
    owner = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    due_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    ended_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    once = models.CharField(max_length=36, blank=True, help_text="key of the form that added it")

    site_path = "response__site"
    privacy = {
        "key": "internal",
        "response": "internal",
        "code": "internal",
        "label": "internal",
        "owner": "site",
        "due_at": "internal",
        "outcome": "internal",
        "ended_at": "internal",
        "version": "internal",
        "once": "internal",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["response", "once"], condition=~models.Q(once=""), name="task_once"
            )
        ]
        indexes = [models.Index(fields=["outcome", "due_at"])]

    def __str__(self) -> str:
        return f"task {self.key}"

    @property
    def said(self) -> str:
        """The label as the reader reads it."""
        return said(self.label)


class Count(models.Model):
    """Something counted in a response: doors, people at a vigil, services offered and accepted.

    `what` and `kind` are codes of the plan. `part` is how many of the `number` (doors that opened,
    services accepted); empty means that nobody said, which is not zero.
    """

    key = models.UUIDField(default=ids.new, unique=True, editable=False)
    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="counts")
    what = models.SlugField(max_length=40)
    kind = models.SlugField(max_length=40, blank=True)
    number = models.IntegerField()
    part = models.IntegerField(null=True)
    block = models.CharField(max_length=60, blank=True, help_text="block or building")
    organization = models.ForeignKey(
        "accounts.Organization", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    day = models.DateField()
    hour = models.IntegerField(null=True)
    by = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField()
    once = models.CharField(
        max_length=36, blank=True, help_text="key of the form: sent twice, counted once"
    )
    undone_at = models.DateTimeField(null=True)

    site_path = "response__site"
    privacy = {
        "key": "internal",
        "response": "internal",
        "what": "site",
        "kind": "site",
        "number": "site",
        "part": "site",
        "block": "site",
        "organization": "site",
        "day": "site",
        "hour": "site",
        "by": "site",
        "at": "site",
        "once": "internal",
        "undone_at": "site",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["response", "once"], condition=~models.Q(once=""), name="count_once"
            )
        ]
        indexes = [models.Index(fields=["response", "day"])]

    def __str__(self) -> str:
        return f"{self.number} {self.what}"
