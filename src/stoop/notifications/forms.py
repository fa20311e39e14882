"""What a person gives to be reached."""

import json
from datetime import time
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
    """From when to when; both empty for never. What was shown is sent along unseen."""

    data: Any  # as it was sent

    begins = forms.TimeField(
        label=_("Quiet from"),
        required=False,
        show_hidden_initial=True,
        widget=forms.TimeInput(attrs=TIME, format="%H:%M"),
    )
    ends = forms.TimeField(
        label=_("until"),
        required=False,
        show_hidden_initial=True,
        widget=forms.TimeInput(attrs=TIME, format="%H:%M"),
    )

    def seen(self) -> tuple[time | None, time | None] | None:
        """The hours that were shown; None where that was not sent, or is no time."""
        try:
            begins, ends = (
                field.to_python(self.data[self.add_initial_prefix(name)])
                for name, field in self.fields.items()
            )
        except (KeyError, forms.ValidationError):
            return None
        return begins, ends

    def see(self, begins: time | None, ends: time | None) -> None:
        """Show what stands there by now; what was typed stays."""
        now = {"begins": begins or "", "ends": ends or ""}
        sent = {self.add_initial_prefix(name): str(each) for name, each in now.items()}
        self.data = {**self.data.dict(), **sent}


class WishesForm(forms.Form):
    """What a lock screen shows, and whether e-mail comes besides. What was shown is sent along
    unseen."""

    short_text = forms.BooleanField(
        label=_("Short text only: no place on the lock screen"),
        required=False,
        show_hidden_initial=True,
    )
    email = forms.BooleanField(label=_("E-mail as well"), required=False, show_hidden_initial=True)

    def chosen(self) -> dict[str, bool]:
        """What differs from what was shown; where that was not sent, what was chosen."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in self.changed_data or self.add_initial_prefix(name) not in self.data
        }


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
