"""What a city does after something happened, as data."""

from typing import Any

from django.db import models

from stoop.fieldwork.models.shipped import in_words, said


class Plan(models.Model):
    """A response plan: its clocks, tasks and counts. A change makes a new version.

    Only the newest version of a code is `active`; an open response keeps the version it began with.
    """

    code = models.SlugField(max_length=60)
    version = models.IntegerField(default=1)
    title = models.CharField(max_length=120)
    sentence = models.CharField(max_length=300, blank=True)
    clocks = models.JSONField(default=list, help_text="code, label, hours")
    tasks = models.JSONField(default=list, help_text="code, label, hours, at_start")
    counts = models.JSONField(default=list, help_text="code, label, part, where, hour, kinds")
    by_hand = models.BooleanField(
        default=False, help_text="a site may open one without an incident"
    )
    active = models.BooleanField(default=True)
    made_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=80, blank=True, help_text="person:<key> or system")

    privacy = {
        "code": "public",
        "version": "public",
        "title": "public",
        "sentence": "public",
        "clocks": "public",
        "tasks": "public",
        "counts": "public",
        "by_hand": "public",
        "active": "public",
        "made_at": "internal",
        "made_by": "internal",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="plan_version"),
            models.UniqueConstraint(
                fields=["code"], condition=models.Q(active=True), name="plan_active_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    @property
    def said(self) -> str:
        """The title as the reader reads it."""
        return said(self.title)

    @property
    def sentence_said(self) -> str:
        """The sentence as the reader reads it."""
        return said(self.sentence)

    @property
    def counts_said(self) -> list[dict[str, Any]]:
        """The lines of counts as the reader reads them."""
        return [in_words(line) for line in self.counts]
