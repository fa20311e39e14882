"""Which processes of the platform are alive, and what they keep in mind together."""

from django.db import models


class Beat(models.Model):
    """A process that said lately that it is there: a web server, a worker or a feed."""

    name = models.CharField(max_length=120, unique=True, help_text="part, machine, process number")
    part = models.CharField(max_length=20, help_text="web, work or feed")
    version = models.CharField(max_length=40, help_text="of Stoop")
    began_at = models.DateTimeField()
    at = models.DateTimeField()
    failures = models.IntegerField(default=0, help_text="rounds that failed since the last beat")

    privacy = {
        "name": "internal",
        "part": "internal",
        "version": "internal",
        "began_at": "internal",
        "at": "internal",
        "failures": "internal",
    }

    def __str__(self) -> str:
        return self.name


class Remembered(models.Model):
    """What is kept for minutes, for all processes alike: limits of the sign-in, codes used up.

    Django's cache alone reads and writes it; the columns are the ones it asks for.
    """

    cache_key = models.CharField(max_length=255, primary_key=True, help_text="a digest")
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    privacy = {"cache_key": "internal", "value": "internal", "expires": "internal"}

    def __str__(self) -> str:
        return self.cache_key
