"""Who is to be told what, over which channel, and whether it arrived."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stoop.kernel import ids

CHANNEL_WORDS = {
    "push": _("Phone or computer"),
    "sms": _("Text message"),
    "email": _("E-mail"),
}
ALERT_WORDS = {
    "shooting": _("Shooting"),
    "nearby": _("Shooting nearby"),
    "correction": _("Correction"),
    "retraction": _("Retraction"),
    "rota": _("On call"),
    "intake": _("Reports"),
    "test": _("Test"),
}
STATE_WORDS = {
    "due": _("On its way"),
    "sent": _("Sent"),
    "dead": _("Could not be sent"),
    "dropped": _("Not needed any more"),
}
REASON_WORDS = {
    "timeout": _("No answer in time"),
    "unreachable": _("Could not be reached"),
    "busy": _("Asked to try later"),
    "refused": _("Refused by the receiving service"),
    "gone": _("The phone or number is not there any more"),
    "no_gateway": _("This kind of message is not set up"),
    "not_allowed": _("An address that may not be used"),
    "broken": _("Could not be put together"),
    "left": _("The person has no account any more"),
    "removed": _("The person took this channel away"),
    "taken": _("Somebody took the alert first"),
    "closed": _("The alert was closed first"),
}


class Channel(models.Model):
    """A way to reach a person, as the person gave it. E-mail needs none: it is the account's."""

    class Kind(StrEnum):
        PUSH = "push"
        SMS = "sms"
        EMAIL = "email"

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=CHANNEL_WORDS)
    address = models.CharField(max_length=500, help_text="phone number, or push endpoint")
    keys = models.JSONField(default=dict, help_text="public keys of a push endpoint")
    label = models.CharField(max_length=80, blank=True)
    active = models.BooleanField(default=True)
    added_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True)

    person_path = "person"
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
            models.UniqueConstraint(fields=["person", "kind", "address"], name="channel_once"),
            # One browser shows alerts to one person: to who turned them on last.
            models.UniqueConstraint(
                fields=["address"], condition=Q(kind="push"), name="push_endpoint_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"


class PhoneCode(models.Model):
    """A number that a person says is theirs, and the digest of the code that was sent there."""

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    number = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    tries = models.IntegerField(default=0)
    made_at = models.DateTimeField()

    person_path = "person"
    privacy = {
        "person": "site",
        "number": "site",
        "digest": "sealed",
        "tries": "internal",
        "made_at": "internal",
    }

    class Meta:
        indexes = [models.Index(fields=["person", "made_at"])]

    def __str__(self) -> str:
        return f"code of {self.person_id}"


class Preference(models.Model):
    """How a person wants to be told. Quiet hours may cross midnight, and never hold back a
    shooting from whoever is on call."""

    person = models.OneToOneField("accounts.Person", on_delete=models.CASCADE, related_name="+")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    short_text = models.BooleanField(default=False, help_text="no place on the lock screen")
    email = models.BooleanField(default=True, help_text="e-mail besides the other channels")

    person_path = "person"
    privacy = {
        "person": "site",
        "quiet_from": "site",
        "quiet_until": "site",
        "short_text": "site",
        "email": "site",
    }

    def __str__(self) -> str:
        return f"preference of {self.person_id}"


class Alert(models.Model):
    """One thing that people of a site, or of the city, are told. `once` keeps it one."""

    class Kind(StrEnum):
        SHOOTING = "shooting"
        NEARBY = "nearby"
        CORRECTION = "correction"
        RETRACTION = "retraction"
        ROTA = "rota"
        INTAKE = "intake"
        TEST = "test"

    key = models.UUIDField(default=ids.new, unique=True, editable=False)
    once = models.CharField(max_length=120, unique=True, help_text="event and site: told once")
    kind = models.CharField(max_length=12, choices=ALERT_WORDS)
    subject = models.CharField(max_length=80, help_text="incident:<key>")
    site = models.ForeignKey("accounts.Site", null=True, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=120)
    text = models.CharField(max_length=300)
    path = models.CharField(max_length=200, help_text="the page of what it is about")
    created_at = models.DateTimeField()
    steps = models.JSONField(
        default=list, help_text="who is told at each step: lists of person ids"
    )
    step = models.IntegerField(default=0)
    step_minutes = models.IntegerField(default=5)
    next_step_at = models.DateTimeField(null=True)
    turn = models.IntegerField(default=1, help_text="1, and one more each time it was given back")
    reached_at = models.DateTimeField(null=True, help_text="when the first message was sent")
    unanswered_at = models.DateTimeField(null=True, help_text="when the last step's time ran out")
    taken_by = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    taken_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, help_text="when nobody needs to take it any more")

    site_path = "site"
    person_path = "steps"
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
        "step_minutes": "internal",
        "next_step_at": "internal",
        "turn": "internal",
        "reached_at": "internal",
        "unanswered_at": "internal",
        "taken_by": "site",
        "taken_at": "internal",
        "closed_at": "internal",
    }

    class Meta:
        indexes = [
            models.Index(fields=["subject"]),
            models.Index(
                fields=["next_step_at"],
                condition=Q(next_step_at__isnull=False),
                name="alert_escalates",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(kind="shooting", taken_at=None, closed_at=None),
                name="alert_open",
            ),
        ]

    def __str__(self) -> str:
        return self.once

    @property
    def to_take(self) -> bool:
        """Whether somebody is to take it: the others only tell."""
        return self.kind == Alert.Kind.SHOOTING

    @property
    def open(self) -> bool:
        """Whether it still waits for somebody to take it."""
        return self.to_take and self.taken_at is None and self.closed_at is None


class Delivery(models.Model):
    """An alert on its way to one person over one channel: sent at least once, shown once.

    `key` is made once and goes with every attempt, so that a second attempt can be known for one.
    Who claims a delivery writes `lease` and moves `not_before` to the end of the lease: a worker
    that dies leaves it due again.
    """

    class State(StrEnum):
        DUE = "due"
        SENT = "sent"
        DEAD = "dead"
        DROPPED = "dropped"

    class Reason(StrEnum):
        TIMEOUT = "timeout"
        UNREACHABLE = "unreachable"
        BUSY = "busy"
        REFUSED = "refused"
        GONE = "gone"
        NO_GATEWAY = "no_gateway"
        NOT_ALLOWED = "not_allowed"
        BROKEN = "broken"
        LEFT = "left"
        REMOVED = "removed"
        TAKEN = "taken"
        CLOSED = "closed"

    key = models.UUIDField(default=ids.new, unique=True, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    # No constraint: a person takes a way away without waiting for, or barring, whoever writes or
    # sends a message to it. Ask `way`: this number may point at nothing, and in a database that
    # was restored it may be given out again.
    channel = models.ForeignKey(
        Channel,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        help_text="none for the account's e-mail; it may be gone",
    )
    kind = models.CharField(max_length=10, choices=CHANNEL_WORDS)
    turn = models.IntegerField(default=1)
    step = models.IntegerField(default=0)
    state = models.CharField(max_length=10, choices=STATE_WORDS, default=State.DUE.value)
    attempts = models.IntegerField(default=0)
    not_before = models.DateTimeField()
    lease = models.CharField(max_length=36, blank=True)
    sent_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, choices=REASON_WORDS, blank=True)

    site_path = "alert__site"
    person_path = "person"
    privacy = {
        "key": "internal",
        "alert": "internal",
        "person": "site",
        "channel": "site",
        "kind": "site",
        "turn": "internal",
        "step": "internal",
        "state": "internal",
        "attempts": "internal",
        "not_before": "internal",
        "lease": "internal",
        "sent_at": "internal",
        "reason": "internal",
    }

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "turn", "channel"], name="delivery_once_a_channel"
            ),
            models.UniqueConstraint(
                fields=["alert", "turn", "person"],
                condition=Q(kind="email"),
                name="delivery_once_by_email",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "not_before"], condition=Q(state="due"), name="delivery_due"
            ),
            models.Index(fields=["alert"], condition=Q(state="dead"), name="delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} to {self.person_id} by {self.kind}"

    @property
    def way(self) -> Channel | None:
        """The phone or number that it goes to; None for e-mail, and for one that is there no more.
        Reads `channel`, loaded with the row."""
        held = self.channel
        if held is None or not held.active:
            return None
        hers = (held.person_id, held.kind) == (self.person_id, self.kind)
        return held if hers else None
