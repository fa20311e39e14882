"""The sign-in library's forms, in our words: no text inside a field, no link inside a label."""

from typing import Any

from allauth.account.forms import LoginForm, ReauthenticateForm, ResetPasswordForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
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


class SecondForm(AuthenticateForm):
    """The code of the app, or one from the paper."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _plain(self, code=_("Code"))


class SureCodeForm(CodeForm):
    """The same, to change something of the account."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _plain(self, code=_("Code from your app, or a recovery code"))


class AppForm(ActivateTOTPForm):
    """The first code of a new app."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _plain(self, code=_("Code from the app"))


class PasskeyForm(AddWebAuthnForm):
    """A new passkey: what it is called, and whether it does without the password."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _plain(
            self,
            name=_("What you call it"),
            passwordless=_("Let me in with it alone, without my password"),
        )
        self.fields["name"].help_text = _("After where it is: my phone, the office computer.")


class PasskeyNameForm(EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _plain(self, name=_("What you call it"))
