"""Who is to be told what, over which channel, and whether it arrived."""

from django.db import models

from stoop.kernel import ids


class Channel(models.Model):
    """A way to reach a person, as the person gave it."""

    class Kind(models.TextChoices):
        PUSH = "push", "This phone or computer"
        SMS = "sms", "Text message"
        EMAIL = "email", "E-mail"

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    address = models.CharField(max_length=500, help_text="number, e-mail address, push endpoint")
    keys = models.JSONField(default=dict, help_text="public keys of a push endpoint")
    label = models.CharField(max_length=80, blank=True)
    active = models.BooleanField(default=True)
    added_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True)

    privacy = {
        "person": "site",
        "kind": "site",
        "address": "site",
        "keys": "site",
        "label": "site",
        "active": "site",
        "added_at": "site",
        "failed_at": "site",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "address"], name="channel_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"


class Quiet(models.Model):
    """Hours in which a person is left alone unless on call; may cross midnight."""

    person = models.OneToOneField("accounts.Person", on_delete=models.CASCADE, related_name="+")
    begins = models.TimeField()
    ends = models.TimeField()

    privacy = {"person": "site", "begins": "site", "ends": "site"}

    def __str__(self) -> str:
        return f"quiet of {self.person_id}"


class Alert(models.Model):
    """One thing that people of a site, or of the city, are told. `once` keeps it one."""

    class Kind(models.TextChoices):
        SHOOTING = "shooting", "Shooting"
        NEARBY = "nearby", "Shooting nearby"
        CORRECTION = "correction", "Correction"
        RETRACTION = "retraction", "Retraction"
        TEST = "test", "Test"

    key = models.UUIDField(default=ids.new, unique=True, editable=False)
    once = models.CharField(max_length=120, unique=True, help_text="event and site: told once")
    kind = models.CharField(max_length=12, choices=Kind)
    subject = models.CharField(max_length=80, help_text="incident:<key>")
    site = models.ForeignKey("accounts.Site", null=True, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=120)
    text = models.CharField(max_length=300)
    path = models.CharField(max_length=200, help_text="the page to open")
    created_at = models.DateTimeField()
    steps = models.JSONField(
        default=list, help_text="who is told at each step: lists of person ids"
    )
    step = models.IntegerField(default=0)
    next_step_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    taken_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, help_text="when nobody needs to take it any more")

    site_path = "site"
    privacy = {
        "key": "internal",
        "once": "internal",
        "kind": "internal",
        "subject": "internal",
        "site": "internal",
        "title": "internal",
        "text": "internal",
        "path": "internal",
        "created_at": "internal",
        "steps": "internal",
        "step": "internal",
        "next_step_at": "internal",
        "taken_by": "site",
        "taken_at": "internal",
        "closed_at": "internal",
    }

    class Meta:
        indexes = [models.Index(fields=["subject"]), models.Index(fields=["next_step_at"])]

    def __str__(self) -> str:
        return self.once


class Delivery(models.Model):
    """An alert on its way to one person over one channel: sent at least once, shown once."""

    class State(models.TextChoices):
        DUE = "due", "On its way"
        SENT = "sent", "Sent"
        DEAD = "dead", "Could not be sent"
        DROPPED = "dropped", "Not needed any more"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.SET_NULL)
    kind = models.CharField(max_length=10, choices=Channel.Kind)
    step = models.IntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    attempts = models.IntegerField(default=0)
    not_before = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=36, blank=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    site_path = "alert__site"
    privacy = {
        "alert": "internal",
        "person": "site",
        "channel": "site",
        "kind": "site",
        "step": "internal",
        "state": "internal",
        "attempts": "internal",
        "not_before": "internal",
        "leased_until": "internal",
        "lease": "internal",
        "sent_at": "internal",
        "error": "internal",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "channel"], name="delivery_once_a_channel")
        ]
        indexes = [models.Index(fields=["state", "not_before"])]

    def __str__(self) -> str:
        return f"{self.alert_id} to {self.person_id} by {self.kind}"
