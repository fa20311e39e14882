"""What the platform keeps of places: areas with their days, and addresses to look up."""

from django.db import models


class Area(models.Model):
    """One area in one shape: an area whose border moved has a row for each shape, one code.

    `valid_from` is its first day, empty when it was always so; `valid_to` the first day on which
    it no longer holds, empty while it does. A site's catchment is an area of kind `catchment` whose
    code is the site's.
    """

    CATCHMENT = "catchment"

    kind = models.CharField(max_length=40)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200, blank=True)
    polygon = models.BinaryField(help_text="WKB, longitude and latitude")
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300, blank=True, help_text="file and its SHA-256")

    privacy = {
        "kind": "public",
        "code": "public",
        "name": "public",
        "polygon": "public",
        "west": "public",
        "south": "public",
        "east": "public",
        "north": "public",
        "valid_from": "public",
        "valid_to": "public",
        "source": "public",
    }

    class Meta:
        indexes = [models.Index(fields=["kind", "code"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class Address(models.Model):
    """One address point of the city's own list; `words` is what a search looks in."""

    text = models.CharField(max_length=200)
    words = models.CharField(max_length=200, db_index=True)
    lon = models.FloatField()
    lat = models.FloatField()

    privacy = {"text": "public", "words": "public", "lon": "public", "lat": "public"}

    def __str__(self) -> str:
        return self.text
