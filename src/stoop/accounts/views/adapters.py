"""What the sign-in library asks us: who may come in, what is mailed, what may be taken off."""

import base64
import logging
import secrets
import threading
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.sites.shortcuts import get_current_site
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from stoop.accounts import actions, queries
from stoop.accounts.models import Person
from stoop.accounts.permissions import actor_of
from stoop.kernel.sealing import opened, seal

log = logging.getLogger(__name__)
# Who came in by less than this, or by a password that another may know, goes out.
_ENDS_OTHERS = frozenset(
    {"totp_activated", "webauthn_added", "password_changed", "password_set", "password_reset"}
)

_WAYS = {
    "reauthenticate": _lazy("Use your password"),
    "mfa_reauthenticate": _lazy("Use a code from your app, or a recovery code"),
    "mfa_reauthenticate:webauthn": _lazy("Use a passkey"),
}


class Accounts(DefaultAccountAdapter):
    """Nobody signs up; wrong passwords are counted by django-axes alone; mail goes out apart."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count nothing: a limit by person alone would let anybody lock a colleague out."""

    def is_safe_url(self, url: str) -> bool:
        """Only on to a page of ours: the library would lead to every name of this machine too."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_login_stages(self) -> list[str]:
        """After the password comes the second factor, and nothing else."""
        return ["allauth.mfa.stages.AuthenticateStage"]

    def reauthenticate(self, user: Person, password: str) -> bool:
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def login(self, request: HttpRequest, user: Person) -> None:
        super().login(request, user)
        actions.begin_session(
            key=request.session.session_key or "",
            address=self.get_client_ip(request),
            agent=self.get_http_user_agent(request),
            by=actor_of(user),
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send in a thread: how long an answer takes must not tell who has an account."""
        about = {"request": self.request, "email": email}
        about["current_site"] = get_current_site(self.request)
        message = self.render_mail(template_prefix, email, about | context)
        threading.Thread(target=_send, args=[message], daemon=True, name="sign-in mail").start()

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Person,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """What a person is told of her own account stands in the ledger too."""
        what = template_prefix.rpartition("/")[2]
        actions.note(person=user, what=what, by=actor_of(user))
        if what in _ENDS_OTHERS:
            here = self.request.session.session_key or ""
            actions.end_sessions(person=user, by=actor_of(user), but=here)
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def get_reauthentication_methods(self, user: Person) -> list[dict[str, Any]]:
        """The library's ways to show that one is oneself, in our words."""
        found: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**each, "description": _WAYS[each["id"]]} for each in found]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("me")


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception as error:
        log.error("a mail of the sign-in was not sent: %s", type(error).__name__)


class SingleSignOn(DefaultSocialAccountAdapter):
    """The city's provider says who somebody is; only who was invited comes in."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False


class SecondFactors(DefaultMFAAdapter):
    """Staff may change their second factor, not go without one.

    Secrets of apps and recovery codes are sealed: whoever steals the tables alone cannot use them.
    """

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _lazy("That code is not the right one. Write the one that shows now."),
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Under another key nothing opens: then no code is right, never an empty secret's."""
        text = opened(encrypted_text)
        return base64.b32encode(secrets.token_bytes(20)).decode() if text is None else text

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return not queries.is_last_needed(authenticator.user, authenticator.pk)

    def generate_authenticator_name(self, user: Person, type: Any) -> str:
        """What a new passkey is called until its owner says otherwise."""
        number = queries.factors(user).filter(type=type).count() + 1
        return _("My passkey") if number == 1 else _("My passkey %(n)d") % {"n": number}

    def _get_site_name(self) -> str:
        return "Stoop"
