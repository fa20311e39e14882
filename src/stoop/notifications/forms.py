"""What a person gives to be reached."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

TIME = {"type": "time"}


class PhoneForm(forms.Form):
    """A number of one's own."""

    number = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_("A code comes to it by text message."),
    )


class CodeForm(forms.Form):
    """The digits that came."""

    digits = forms.CharField(
        label=_("The six digits that came"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "size": 8}
        ),
    )


class QuietForm(forms.Form):
    """From when to when; both empty for never."""

    begins = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs=TIME, format="%H:%M")
    )
    ends = forms.TimeField(
        label=_("until"), required=False, widget=forms.TimeInput(attrs=TIME, format="%H:%M")
    )


class WishesForm(forms.Form):
    """What a lock screen shows, and whether e-mail comes besides."""

    short_text = forms.BooleanField(
        label=_("Short text only: no place on the lock screen"), required=False
    )
    email = forms.BooleanField(label=_("E-mail as well"), required=False)


class PushForm(forms.Form):
    """A browser's subscription, as its script sends it."""

    endpoint = forms.CharField(max_length=500)
    p256dh = forms.CharField(max_length=200)
    auth = forms.CharField(max_length=100)

    @classmethod
    def of(cls, body: bytes) -> "PushForm":
        """Read a JSON body; anything else is an empty form."""
        try:
            said: Any = json.loads(body[:4000])
            keys = said.get("keys") or {}
            return cls(
                {
                    "endpoint": said.get("endpoint"),
                    "p256dh": keys.get("p256dh"),
                    "auth": keys.get("auth"),
                }
            )
        except (ValueError, AttributeError, RecursionError):
            return cls({})
