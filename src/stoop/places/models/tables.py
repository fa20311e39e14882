"""What the platform keeps of places: areas with their days, and addresses to look up."""

from django.db import models

from stoop.kernel import ids


class Area(models.Model):
    """One area in one shape: an area whose border moved has a row for each shape, one code.

    `valid_from` is its first day, empty when it was always so; `valid_to` the first day on which
    it no longer holds, empty while it does. A site's catchment is an area of kind `catchment` whose
    code is the site's. `changed` is new whenever the row is, and sorts by time: the newest one
    tells every process whether the index that it holds is still right.
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
    changed = models.UUIDField(default=ids.new, db_index=True, editable=False)

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
        "changed": "public",
    }

    class Meta:
        indexes = [models.Index(fields=["kind", "code"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class Drawing(models.Model):
    """An area as it was drawn until a later file corrected it for the same days.

    `until` is the day of the correction, not a day of the area's own.
    """

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="drawings")
    name = models.CharField(max_length=200, blank=True)
    polygon = models.BinaryField(help_text="WKB, longitude and latitude")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=300, blank=True, help_text="file and its SHA-256")
    until = models.DateTimeField(help_text="when it was drawn anew")

    privacy = {
        "area": "public",
        "name": "public",
        "polygon": "public",
        "valid_from": "public",
        "valid_to": "public",
        "source": "public",
        "until": "public",
    }

    def __str__(self) -> str:
        return f"{self.area_id} until {self.until:%Y-%m-%d}"


class Street(models.Model):
    """A street of the city's own list of addresses; `words` is how a search spells it.

    A city has some thousand streets for a million addresses: a misspelled street is looked for
    here, in memory, and the house number then in an index.
    """

    name = models.CharField(max_length=120)
    place = models.CharField(max_length=80, blank=True, help_text="borough, town or ZIP code")
    words = models.CharField(max_length=160)
    lon = models.FloatField(help_text="of the middle one of its addresses")
    lat = models.FloatField()
    changed = models.UUIDField(default=ids.new, db_index=True, editable=False)
    withdrawn = models.DateTimeField(null=True, help_text="when a later list had it no more")

    privacy = {
        "name": "public",
        "place": "public",
        "words": "public",
        "lon": "public",
        "lat": "public",
        "changed": "public",
        "withdrawn": "public",
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["words"], name="street_once")]

    def __str__(self) -> str:
        return f"{self.name}, {self.place}" if self.place else self.name


class Address(models.Model):
    """One address point: `number` as the city writes it, `order` its digits as a number.

    A row never changes: where a later list has it elsewhere, it is withdrawn and another begins.
    """

    street = models.ForeignKey(Street, on_delete=models.CASCADE, related_name="addresses")
    number = models.CharField(max_length=20)
    order = models.IntegerField()
    lon = models.FloatField()
    lat = models.FloatField()
    since = models.DateTimeField(null=True, help_text="when a list had it first")
    withdrawn = models.DateTimeField(null=True, help_text="when a later list had it no more")

    privacy = {
        "street": "public",
        "number": "public",
        "order": "public",
        "lon": "public",
        "lat": "public",
        "since": "public",
        "withdrawn": "public",
    }

    class Meta:
        indexes = [models.Index(fields=["street", "order"])]

    def __str__(self) -> str:
        return f"{self.number} {self.street_id}"


class Crossing(models.Model):
    """Where two streets meet, as the city's list says it; `one` is the street of the lower key.

    A row never changes, as with addresses.
    """

    one = models.ForeignKey(Street, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Street, on_delete=models.CASCADE, related_name="+")
    lon = models.FloatField()
    lat = models.FloatField()
    since = models.DateTimeField()
    withdrawn = models.DateTimeField(null=True)

    privacy = {
        "one": "public",
        "other": "public",
        "lon": "public",
        "lat": "public",
        "since": "public",
        "withdrawn": "public",
    }

    def __str__(self) -> str:
        return f"{self.one_id} & {self.other_id}"
