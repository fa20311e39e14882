"""People, the organizations and sites they work for, and what each may do there."""

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from stoop.kernel import ids


class Organization(models.Model):
    """Somebody that people work for."""

    class Kind(models.TextChoices):
        CITY = "city", "City office"
        PROVIDER = "provider", "Provider"
        AGENCY = "agency", "Agency"
        POLICE = "police", "Police liaison"
        RESEARCH = "research", "Research"
        CONGREGATION = "congregation", "Congregation"
        HOSPITAL = "hospital", "Hospital"
        SCHOOL = "school", "School"
        TENANTS = "tenants", "Tenant association"

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind)

    privacy = {"code": "public", "name": "public", "kind": "public"}

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A team of a provider and where it works; its catchment is an area with its code."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT)
    neighborhood = models.CharField(max_length=200, blank=True)
    covered_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    listed = models.CharField(max_length=400, blank=True, help_text="what the city's list calls it")
    version = models.IntegerField(default=1, help_text="goes up with each change")

    privacy = {
        "code": "public",
        "name": "public",
        "organization": "public",
        "neighborhood": "public",
        "covered_by": "public",
        "listed": "public",
        "version": "internal",
    }

    def __str__(self) -> str:
        return self.name


class Program(models.Model):
    """A stretch of time in which a site works in an area, or means to."""

    class Status(models.TextChoices):
        OPERATIONAL = "operational", "Operational"
        START_UP = "start_up", "Start-up"
        CLOSED = "closed", "Not operational"
        COVERED = "covered", "Covered by another site"
        PLANNED = "planned", "Planned"

    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    area_kind = models.CharField(max_length=40, blank=True)
    area_code = models.CharField(max_length=60, blank=True)
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True, help_text="the last day")
    planned_start = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=Status)
    said = models.CharField(max_length=200, blank=True, help_text="the list's own words")
    unlisted_at = models.DateTimeField(null=True, help_text="since when the list lacks it")

    privacy = {
        "site": "public",
        "area_kind": "public",
        "area_code": "public",
        "starts": "public",
        "ends": "public",
        "planned_start": "public",
        "status": "public",
        "said": "public",
        "unlisted_at": "public",
    }

    def __str__(self) -> str:
        return f"{self.site_id} {self.starts or self.planned_start}"


class Listing(models.Model):
    """What stood of a program until a later list said otherwise."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="listings")
    area_code = models.CharField(max_length=60, blank=True)
    starts = models.DateField(null=True)
    ends = models.DateField(null=True)
    planned_start = models.DateField(null=True)
    status = models.CharField(max_length=20, choices=Program.Status)
    said = models.CharField(max_length=200, blank=True)
    until = models.DateTimeField(help_text="when the later list was loaded")

    privacy = {
        "program": "public",
        "area_code": "public",
        "starts": "public",
        "ends": "public",
        "planned_start": "public",
        "status": "public",
        "said": "public",
        "until": "public",
    }

    def __str__(self) -> str:
        return f"{self.program_id} until {self.until:%Y-%m-%d}"


class People(BaseUserManager["Person"]):
    """Finds people as the sign-in asks for them."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Somebody who signs in. What they may do stands in their memberships."""

    key = models.UUIDField(default=ids.new, unique=True, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    invited_at = models.DateTimeField(null=True, blank=True, help_text="when the last mail went")

    privacy = {
        "password": "sealed",
        "last_login": "internal",
        "key": "internal",
        "email": "site",
        "name": "site",
        "phone": "site",
        "language": "site",
        "is_active": "internal",
        "joined_at": "internal",
        "invited_at": "internal",
    }

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = People()

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        """How the ledger names this person."""
        return f"person:{self.key}"

    @property
    def reads(self) -> str:
        """The chosen language if Stoop speaks it, else English: half a translation helps nobody."""
        return self.language if self.language in dict(settings.LANGUAGES) else "en"


class Membership(models.Model):
    """A role of a person, at one site or, without a site, in the whole city."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE)
    role = models.CharField(max_length=40, help_text="a code of permissions.ROLES")
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text="the last day")

    privacy = {
        "person": "site",
        "organization": "internal",
        "site": "internal",
        "role": "internal",
        "since": "internal",
        "until": "internal",
    }

    class Meta:
        indexes = [models.Index(fields=["person", "until"])]

    def __str__(self) -> str:
        return f"{self.role} of {self.person_id}"
