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
    """Name, phone and language of who is signed in."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=_("Phone for messages"),
        required=False,
        max_length=40,
        help_text=_("With the country in front, like +1 212 555 0100. Leave it out for no SMS."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=LANGUAGES,
        help_text=_(
            "Stoop speaks English only today. Your choice is kept, and changes your pages and "
            "messages once somebody has translated them."
        ),
    )


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
