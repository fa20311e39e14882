"""Forms that change an incident. `version` is what the writer saw."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from stoop.incidents.forms import fields
from stoop.incidents.forms.moments import local, moment


def _version() -> forms.IntegerField:
    return forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class ReasonForm(forms.Form):
    """Why, for a retraction or its return."""

    version = _version()
    why = fields.reason()


class MergeForm(forms.Form):
    """Into which other incident, and why."""

    version = _version()
    into = forms.CharField(
        label=_("The incident that stays"),
        max_length=200,
        help_text=_("Choose one below, or paste the address of its page."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    why = fields.reason()

    def clean_into(self) -> UUID:
        """The key at the end of an address, or alone."""
        text = str(self.cleaned_data["into"]).strip().rstrip("/")
        try:
            return UUID(text.rpartition("/")[2])
        except ValueError as error:
            raise forms.ValidationError(
                now_("That is not the address of an incident's page; copy it from there.")
            ) from error


class CorrectForm(forms.Form):
    """All facts as they stand; what is changed is corrected."""

    version = _version()
    kind = forms.ChoiceField(
        label=_("What happened"), choices=fields.KINDS, widget=forms.RadioSelect
    )
    day = fields.day(_("Day"))
    hour = fields.hour(_("Time"))
    time_unknown = forms.BooleanField(label=_("The time of day is not known"), required=False)
    block = forms.CharField(
        label=_("Where"),
        required=False,
        max_length=200,
        help_text=_("Block or crossing. A house number is turned into its block."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    lon = fields.degrees(_("Longitude"), 180)
    lat = fields.degrees(_("Latitude"), 90)
    hurt = fields.count(_("Hurt"))
    killed = fields.count(_("Killed"))
    why = fields.reason()

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        for name in ("day", "hour"):
            needed = name == "day" or not said.get("time_unknown")
            if needed and said.get(name) is None and name not in self.errors:
                self.add_error(name, now_("Give the day and the time."))
        return said

    def facts(self, was: dict[str, Any]) -> dict[str, Any]:
        """The facts as typed. A moment that was not touched keeps its seconds, of `was`."""
        said = self.cleaned_data
        before = datetime.fromisoformat(was["occurred_at"])
        day, hour = local(before)
        unknown = bool(said["time_unknown"])
        wanted = said["hour"] or hour
        same = (said["day"], wanted) == (day, hour)
        return {
            "kind": said["kind"],
            "occurred_at": before if same else moment(said["day"], wanted),
            "time_known": not unknown,
            "block": said["block"],
            "lon": said["lon"],
            "lat": said["lat"],
            "hurt": said["hurt"],
            "killed": said["killed"],
        }


def as_typed(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts in plain values as the fields of CorrectForm."""
    day, hour = local(datetime.fromisoformat(facts["occurred_at"]))
    return {
        **{name: facts[name] for name in ("kind", "block", "lon", "lat", "hurt", "killed")},
        "day": day,
        "hour": hour,
        "time_unknown": not facts["time_known"],
    }
