"""A day and a time of the city's clock as a moment, on the two odd nights of the year as well."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from stoop.kernel import clock


def moment(day: date, at: time) -> datetime:
    """The moment; of an hour that comes twice the later one that is past, if either is.

    An hour that the clock skips is moved on by the hour that is missing.
    """
    zone = timezone.get_default_timezone()
    first, second = (
        datetime.combine(day, at.replace(tzinfo=None, fold=fold), tzinfo=zone).astimezone(UTC)
        for fold in (0, 1)
    )
    early, late = min(first, second), max(first, second)
    if late.astimezone(zone).replace(tzinfo=None) != datetime.combine(day, at):
        return late  # skipped
    return late if late <= clock.now() + timedelta(minutes=5) else early


def local(value: datetime) -> tuple[date, time]:
    """The day and the time that the city's clock showed."""
    here = timezone.localtime(value, timezone.get_default_timezone())
    return here.date(), here.time().replace(second=0, microsecond=0)
