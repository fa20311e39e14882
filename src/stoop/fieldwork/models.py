"""What a site does after a shooting, by when, and who is on call. Counts, never names."""

from django.db import models

from stoop.kernel import ids


class Shift(models.Model):
    """A stretch of time in which a person is on call for a site; `covers` stands in for another."""

    key = models.UUIDField(default=ids.new, unique=True, editable=False)
    site = models.ForeignKey("accounts.Site", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    rank = models.IntegerField(default=1, help_text="1 is told first, 2 when nobody answers")
    covers = models.ForeignKey(
        "accounts.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    site_path = "site"
    privacy = {
        "key": "internal",
        "site": "internal",
        "person": "site",
        "starts": "site",
        "ends": "site",
        "rank": "site",
        "covers": "site",
    }

    class Meta:
        indexes = [models.Index(fields=["site", "starts", "ends"])]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.site_id} from {self.starts}"


class Plan(models.Model):
    """A response plan as data: its clocks and tasks. A change makes a new version."""

    code = models.SlugField(max_length=60)
    version = models.IntegerField(default=1)
    title = models.CharField(max_length=120)
    sentence = models.CharField(max_length=300, blank=True)
    clocks = models.JSONField(default=list, help_text="code, label, hours, needs")
    tasks = models.JSONField(default=list, help_text="code, label, hours, role")
    counts = models.JSONField(default=list, help_text="what may be counted: code and label")
    active = models.BooleanField(default=True)

    privacy = {
        "code": "public",
        "version": "public",
        "title": "public",
        "sentence": "public",
        "clocks": "public",
        "tasks": "public",
        "counts": "public",
        "active": "public",
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="plan_version")]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class Response(models.Model):
    """What one site does about one thing that happened, by a plan."""

    key = models.UUIDField(default=ids.new, unique=True, editable=False)
    site = models.ForeignKey("accounts.Site", on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT)
    incident = models.ForeignKey(
        "incidents.Incident", null=True, on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(max_length=160)
    lead = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    opened_at = models.DateTimeField()
    began_at = models.DateTimeField(help_text="when what it answers was known: the clocks' zero")
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True, help_text="done, stood_down, handed_over")
    version = models.IntegerField(default=1)
    retaliation = models.IntegerField(null=True, help_text="of the situation, 0 to 3")
    retaliation_until = models.DateTimeField(null=True)
    retaliation_by = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    debrief_at = models.DateTimeField(null=True)

    site_path = "site"
    privacy = {
        "key": "internal",
        "site": "internal",
        "plan": "internal",
        "incident": "internal",
        "title": "internal",
        "lead": "site",
        "opened_at": "internal",
        "began_at": "internal",
        "closed_at": "internal",
        "outcome": "internal",
        "version": "internal",
        "retaliation": "site",
        "retaliation_until": "site",
        "retaliation_by": "site",
        "debrief_at": "site",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "incident", "plan"], name="one_response_a_site_and_incident"
            )
        ]
        indexes = [models.Index(fields=["closed_at", "opened_at"])]

    def __str__(self) -> str:
        return f"{self.title} at {self.site_id}"


class Clock(models.Model):
    """Something that a plan wants by a time."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="clocks")
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True)
    met_by = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    not_needed = models.CharField(max_length=40, blank=True, help_text="code of the reason")

    site_path = "response__site"
    privacy = {
        "response": "internal",
        "code": "internal",
        "label": "internal",
        "due_at": "internal",
        "met_at": "internal",
        "met_by": "site",
        "not_needed": "internal",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "code"], name="clock_once_a_response")
        ]
        indexes = [models.Index(fields=["met_at", "due_at"])]

    def __str__(self) -> str:
        return f"{self.code} of {self.response_id}"


class Task(models.Model):
    """A piece of work in a response, with its owner and how it ended."""

    class Outcome(models.TextChoices):
        DONE = "done", "Done"
        PART = "part", "Done in part"
        NOT_DONE = "not_done", "Not done"
        NOT_NEEDED = "not_needed", "Not needed"

    key = models.UUIDField(default=ids.new, unique=True, editable=False)
    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="tasks")
    label = models.CharField(max_length=160)
    owner = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    due_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    ended_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    site_path = "response__site"
    privacy = {
        "key": "internal",
        "response": "internal",
        "label": "site",
        "owner": "site",
        "due_at": "internal",
        "outcome": "internal",
        "ended_at": "internal",
        "version": "internal",
    }

    def __str__(self) -> str:
        return f"task {self.key}"


class Count(models.Model):
    """Something counted in a response: doors, people at a vigil, services offered and accepted.

    `what` is a code of the plan; `block` and `hour` say where and when of a canvass.
    """

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="counts")
    what = models.SlugField(max_length=40)
    number = models.IntegerField()
    of = models.IntegerField(null=True, help_text="out of how many: doors tried, services offered")
    block = models.CharField(max_length=120, blank=True, help_text="block face or building")
    day = models.DateField()
    hour = models.IntegerField(null=True)
    by = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField()
    once = models.CharField(
        max_length=40, blank=True, help_text="key of the form: sent twice, counted once"
    )
    undone_at = models.DateTimeField(null=True)

    site_path = "response__site"
    privacy = {
        "response": "internal",
        "what": "site",
        "number": "site",
        "of": "site",
        "block": "site",
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

    def __str__(self) -> str:
        return f"{self.number} {self.what}"


class Rest(models.Model):
    """A worker's own rest after a hard night: seen by the worker and the site's supervisor."""

    site = models.ForeignKey("accounts.Site", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    response = models.ForeignKey(Response, null=True, on_delete=models.SET_NULL)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    site_path = "site"
    privacy = {
        "site": "internal",
        "person": "site",
        "response": "site",
        "until": "site",
        "ended_at": "site",
    }

    def __str__(self) -> str:
        return f"rest of {self.person_id}"
