"""The sign-in library's forms, in our words: no text inside a field, no link inside a label."""

from typing import Any

from allauth.account.forms import LoginForm, ReauthenticateForm, ResetPasswordForm
from django.utils.translation import gettext_lazy as _


def _plain(form: Any, **labels: Any) -> None:
    """Our labels, and neither placeholders nor the library's own help."""
    for name, field in form.fields.items():
        field.label = labels.get(name, field.label)
        field.help_text = ""
        field.widget.attrs.pop("placeholder", None)


class SignInForm(LoginForm):
    """E-mail and password."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _plain(self, login=_("E-mail"), password=_("Password"))


class SureForm(ReauthenticateForm):
    """The password once more."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _plain(self, password=_("Password"))


class ForgottenForm(ResetPasswordForm):
    """Where the code goes."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _plain(self, email=_("E-mail"))
