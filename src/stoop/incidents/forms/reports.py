"""The form that takes fifteen seconds."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from stoop.incidents.forms import fields
from stoop.incidents.forms.moments import moment
from stoop.incidents.models import HowLearned
from stoop.kernel import clock, ids

OTHER = "at"
AGO = (
    ("0", _("Just now")),
    ("10", _("10 min ago")),
    ("30", _("30 min ago")),
    ("60", _("1 hour ago")),
    (OTHER, _("Another time")),
)
# The choice not to take any of the addresses found.
AS_WRITTEN = "as-written"


class ReportForm(forms.Form):
    """When, where, how many; the button that sends it answers `why`.

    `form_key` makes sending it twice count once.
    """

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("What happened"), choices=fields.KINDS, widget=forms.RadioSelect, initial="shooting"
    )
    ago = forms.ChoiceField(label=_("When"), choices=AGO, widget=forms.RadioSelect, initial="0")
    day = fields.day(_("Day"))
    hour = fields.hour(_("Time"))
    where = forms.CharField(
        label=_("Where"),
        required=False,
        max_length=200,
        help_text=_("An address or a crossing. The house number is not kept."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "enterkeyhint": "search"}),
    )
    place = forms.CharField(required=False, max_length=300)
    lon = fields.degrees(_("Longitude"), 180)
    lat = fields.degrees(_("Latitude"), 90)
    hurt = fields.count(_("Hurt"))
    killed = fields.count(_("Killed"))
    anyway = forms.BooleanField(required=False)
    why = forms.TypedChoiceField(
        choices=HowLearned.choices,
        coerce=HowLearned,
        error_messages={"required": _("Who says so? Tap the answer that is true: it sends.")},
    )

    def __init__(self, data: Any = None):
        super().__init__(data, initial={"form_key": ids.new()}, label_suffix="")

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("ago") == OTHER:
            for name in ("day", "hour"):
                if said.get(name) is None and name not in self.errors:
                    self.add_error(name, now_("Give the day and the time."))
        half = (said.get("lon") is None) != (said.get("lat") is None)
        if half and "lon" not in self.errors and "lat" not in self.errors:
            self.add_error("lon", now_("Give both longitude and latitude, or neither."))
        return said

    def occurred_at(self) -> datetime:
        """The moment that was chosen."""
        said = self.cleaned_data
        if said["ago"] == OTHER:
            return moment(said["day"], said["hour"])
        return clock.now() - timedelta(minutes=int(said["ago"]))

    def picked(self) -> tuple[str, float, float] | None:
        """The address that was picked: its text, longitude and latitude."""
        parts = self.cleaned_data.get("place", "").split(" ", 2)
        try:
            return parts[2], float(parts[0]), float(parts[1])
        except (IndexError, ValueError):
            return None

    def as_written(self) -> bool:
        return bool(self.cleaned_data.get("place") == AS_WRITTEN)
