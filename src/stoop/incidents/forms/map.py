"""What is asked of the map: a span of time, a kind, a way to show it, a part of the world."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stoop.incidents.models import Incident
from stoop.incidents.queries.maps import AREAS, AUTO, POINTS, Asked, Box
from stoop.kernel import clock

SPANS = {
    "24h": (_("Last 24 hours"), timedelta(hours=24)),
    "72h": (_("Last 72 hours"), timedelta(hours=72)),
    "7d": (_("Last 7 days"), timedelta(days=7)),
    "30d": (_("Last 30 days"), timedelta(days=30)),
    "365d": (_("Last 365 days"), timedelta(days=365)),
}
CHOSEN = "chosen"
USUAL = "7d"
# A report may come from a clock that is a little fast.
_AHEAD = timedelta(minutes=10)
_EARLIEST = date(1900, 1, 1)


class _Day(forms.DateInput):
    input_type = "date"


class MapForm(forms.Form):
    """The filters above the map; everything may be left out."""

    span = forms.ChoiceField(
        label=_("When"),
        required=False,
        choices=[(code, label) for code, (label, _length) in SPANS.items()]
        + [(CHOSEN, _("Days that I choose"))],
    )
    first = forms.DateField(label=_("From"), required=False, widget=_Day(format="%Y-%m-%d"))
    last = forms.DateField(label=_("To"), required=False, widget=_Day(format="%Y-%m-%d"))
    kind = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("Everything")), *Incident.Kind.choices]
    )
    show = forms.ChoiceField(
        label=_("Show as"),
        required=False,
        choices=[
            (AUTO, _("What fits best")),
            (POINTS, _("Points, all of them")),
            (AREAS, _("Areas")),
        ],
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if given.get("span") == CHOSEN and not (first or last) and not self.errors:
            self.add_error("first", _("Choose the first day, the last day, or both."))
        if first and last and first > last:
            self.add_error("last", _("The last day is before the first; exchange them."))
        return given

    def asked(self) -> Asked:
        """What was asked; a form that is wrong asks for what is usual."""
        given = self.cleaned_data if self.is_valid() else {}
        now = clock.now().replace(second=0, microsecond=0)
        since, until = now - SPANS[USUAL][1], now + _AHEAD
        span = given.get("span") or USUAL
        if span == CHOSEN:
            since, until = _days(given.get("first"), given.get("last"))
        elif span in SPANS:
            since = now - SPANS[span][1]
        return Asked(since, until, given.get("kind") or "", given.get("show") or AUTO)


def _days(first: date | None, last: date | None) -> tuple[datetime, datetime]:
    """From the first day to the end of the last one; days that no shooting can have are cut off."""
    tomorrow = timezone.localdate(clock.now() + timedelta(days=1))
    day = min(max(first or _EARLIEST, _EARLIEST), tomorrow)
    past = min(max(last or tomorrow, _EARLIEST), tomorrow) + timedelta(days=1)
    return _midnight(day), _midnight(past)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


class ViewForm(forms.Form):
    """The part of the world that a map shows."""

    zoom = forms.IntegerField(min_value=0, max_value=22, required=False)
    west = forms.FloatField(min_value=-180, max_value=180, required=False)
    south = forms.FloatField(min_value=-90, max_value=90, required=False)
    east = forms.FloatField(min_value=-180, max_value=180, required=False)
    north = forms.FloatField(min_value=-90, max_value=90, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        sides = tuple(given.get(name) for name in ("west", "south", "east", "north"))
        if self.errors or sides == (None,) * 4:
            return given
        if not _right_way_round(*sides):
            raise forms.ValidationError(_("Give west, south, east and north, smaller ones first."))
        return given | {"box": sides}

    def box(self) -> Box | None:
        """West, south, east, north; None for the whole world."""
        found: Box | None = self.cleaned_data.get("box")
        return found

    def zoom_level(self) -> int:
        zoom = self.cleaned_data.get("zoom")
        return 10 if zoom is None else int(zoom)


def _right_way_round(
    west: float | None, south: float | None, east: float | None, north: float | None
) -> bool:
    if west is None or south is None or east is None or north is None:
        return False
    return west <= east and south <= north
