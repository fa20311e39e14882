"""What an administrator types about a source."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stoop.incidents.actions.sources import MOST


class SourceForm(forms.Form):
    """A new source."""

    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.SlugField(
        label=_("Code"),
        max_length=60,
        help_text=_("Letters, digits and -, for keys and records. It never changes."),
    )
    official = forms.BooleanField(
        label=_("It publishes rows of record, months later"),
        required=False,
        help_text=_("Its rows alert nobody."),
    )
    confirms = forms.BooleanField(
        label=_("What it reports needs no confirmation"),
        required=False,
        help_text=_("Sites are told at once, without the duty officer."),
    )

    def __init__(self, data: Any = None):
        super().__init__(data, label_suffix="")


class LimitForm(forms.Form):
    """How much of what a source says may reach people in an hour with nobody's look."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, max_value=MOST)
    most_an_hour = forms.IntegerField(
        label=_("Reports in an hour that people are told at once"),
        min_value=1,
        max_value=MOST,
        help_text=_("What comes beyond it is kept and waits for the duty officer, who is told."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None):
        super().__init__(data, initial=initial, label_suffix="")


class FeedForm(forms.Form):
    """Where and how a source is asked for what is new; `seen` marks what the writer saw."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)
    url = forms.CharField(
        label=_("Address of the data"),
        required=False,
        max_length=500,
        help_text=_("https://data.city.example/resource/abcd-1234.json. Empty: it is not asked."),
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    minutes = forms.IntegerField(
        label=_("Ask every ... minutes"), min_value=1, max_value=7 * 24 * 60, initial=15
    )
    cursor_column = forms.CharField(
        label=_("Column of the last change"), max_length=100, initial=":updated_at"
    )
    columns = forms.CharField(
        label=_("Columns that are not found by themselves"),
        required=False,
        max_length=500,
        help_text=_("role=column, with commas: date=occurred_on, incident=case_number"),
    )
    timezone = forms.CharField(
        label=_("Time zone of its times"),
        required=False,
        max_length=60,
        help_text=_("America/New_York. Empty: the city's own."),
    )

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None):
        super().__init__(data, initial=initial, label_suffix="")
