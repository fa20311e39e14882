"""What people type about themselves."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html as rules
from django.contrib.auth.password_validation import validate_password
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

# Each in its own words. Which of them the pages speak stands in settings.LANGUAGES.
LANGUAGES = [
    ("en", "English"),
    ("es", "Español"),
    ("zh-hans", "中文"),
    ("ru", "Русский"),
    ("bn", "বাংলা"),
    ("ko", "한국어"),
    ("ar", "العربية"),
    ("ur", "اردو"),
    ("fr", "Français"),
    ("pl", "Polski"),
]


class MeForm(forms.Form):
    """Name, phone and language of who is signed in.

    What was shown is sent along unseen: what was changed elsewhere meanwhile stays, or is told.
    """

    data: Any  # as it was sent

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        show_hidden_initial=True,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Phone for messages"),
        show_hidden_initial=True,
        required=False,
        max_length=40,
        help_text=_("With the country in front, like +1 212 555 0100. Leave it out for no SMS."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=LANGUAGES,
        show_hidden_initial=True,
        help_text=_(
            "Stoop speaks English only today. Your choice is kept, and changes your pages and "
            "messages once somebody has translated them."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """What was typed, over what stands now; an error where both have changed one thing."""
        said: dict[str, Any] = super().clean() or {}
        for name, now in self.initial.items():
            seen = self.data.get(self.add_initial_prefix(name), now)
            if name not in said or said[name] == now or seen == now:
                continue
            if said[name] == seen:
                said[name] = now
                continue
            told = _(
                "You changed this elsewhere meanwhile: there it says “%(now)s”. Send it again."
            )
            self.add_error(name, told % {"now": now})
            self.data = {**self.data.dict(), self.add_initial_prefix(name): now}
        return said


class NewPasswordForm(forms.Form):
    """The first password of somebody who was invited."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        help_text=lazy(rules, str)(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *given: Any, person: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.person = person

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password
