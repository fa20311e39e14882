"""Fields that more than one form has."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

KINDS = (("shooting", _("A person was hit")), ("shots", _("Shots fired, nobody hit")))


def count(label: Any) -> forms.IntegerField:
    """How many persons; empty when it is not known, which is not zero."""
    widget = forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=1000, widget=widget
    )


def degrees(label: Any, most: int) -> forms.FloatField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.FloatField(
        label=label, required=False, min_value=-most, max_value=most, widget=widget
    )


def day(label: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget)


def hour(label: Any) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, required=False, widget=widget)


def reason(*, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=_("Why"),
        required=required,
        max_length=500,
        help_text=_("A few words for your colleagues. No names of people."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
