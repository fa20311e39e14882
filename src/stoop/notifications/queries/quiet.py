"""Until when a person is left alone, by the city's clock on the wall."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from stoop.notifications.models import Preference


def held_until(preference: Preference | None, moment: datetime) -> datetime | None:
    """When the quiet hours around `moment` end; None outside them."""
    if preference is None or preference.quiet_from is None or preference.quiet_until is None:
        return None
    begins, ends = preference.quiet_from, preference.quiet_until
    zone = ZoneInfo(settings.TIME_ZONE)
    today = moment.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        last = day + timedelta(days=1) if ends <= begins else day
        start = _moment(day, begins, zone, last=False)
        end = _moment(last, ends, zone, last=True)
        if start <= moment < end:
            return end
    return None


def _moment(day: date, at: time, zone: ZoneInfo, *, last: bool) -> datetime:
    """When the wall clock shows `at`; of two such moments the first or the last.

    An hour that the clock leaps over in spring is the moment of the leap.
    """
    wall = datetime.combine(day, at.replace(tzinfo=None))
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early <= late:
        return late if last else early
    early, late = late, early
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)
