"""What the platform keeps of its analyses: each search for the watch zone of a shooting."""

from django.db import models


class WatchRun(models.Model):
    """One search for a watch zone: what it rests on, and what came out.

    `raised` says whether any zone could be told from chance; if not, radius and days are 0 and the
    ratio is that of the nearest cell tested, empty where too few shootings lie near each other.
    """

    found_at = models.DateTimeField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the days and points it rests on")
    seed = models.IntegerField()
    incidents = models.IntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    raised = models.BooleanField()
    radius_m = models.FloatField()
    days = models.IntegerField()
    about_radius_m = models.FloatField()
    about_days = models.IntegerField()
    ratio = models.FloatField(null=True)
    ratio_low = models.FloatField(null=True)
    ratio_high = models.FloatField(null=True)
    extra = models.FloatField(
        null=True, help_text="further incidents that one is followed by there"
    )
    extra_low = models.FloatField(null=True)
    extra_high = models.FloatField(null=True)

    privacy = {
        "found_at": "internal",
        "digest": "internal",
        "seed": "internal",
        "incidents": "internal",
        "first_day": "internal",
        "last_day": "internal",
        "raised": "internal",
        "radius_m": "internal",
        "days": "internal",
        "about_radius_m": "internal",
        "about_days": "internal",
        "ratio": "internal",
        "ratio_low": "internal",
        "ratio_high": "internal",
        "extra": "internal",
        "extra_low": "internal",
        "extra_high": "internal",
    }

    def __str__(self) -> str:
        return f"watch zone sought on {self.found_at:%Y-%m-%d}"
