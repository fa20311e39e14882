"""Is a new password known from a breach? Asked without giving it away, and never waited for."""

import queue
import threading

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from pwned_passwords_django.api import PwnedPasswords  # type: ignore[import-untyped]
from pwned_passwords_django.exceptions import PwnedPasswordsError  # type: ignore[import-untyped]

# The longest that somebody who sets a password waits for the answer, whatever the network does.
PATIENCE_S = 3.0


class NotBreached:
    """A validator: refuses a password found in a breach; without an answer it lets it pass.

    Only the first five signs of the password's hash leave the machine. Where no answer comes,
    Django's own list of common passwords, the validator before this one, has had its say.
    """

    @sensitive_variables()
    def validate(self, password: str, user: object = None) -> None:
        endpoint = settings.STOOP_BREACHED_PASSWORDS
        if endpoint and _times_seen(password, endpoint):
            raise ValidationError(
                _("This password is known from a breach of another service; choose another."),
                code="password_compromised",
            )

    def get_help_text(self) -> str:
        return _("It must not be known from a breach of another service.")


@sensitive_variables()
def _times_seen(password: str, endpoint: str) -> int:
    """How often it was seen in breaches; 0 when no answer comes in time.

    In a thread of its own, because a name look-up that hangs knows no time limit.
    """
    answers: queue.SimpleQueue[int] = queue.SimpleQueue()

    @sensitive_variables()
    def ask() -> None:
        client = PwnedPasswords()
        client.api_endpoint = endpoint
        try:
            answers.put(client.check_password(password))
        except PwnedPasswordsError:
            answers.put(0)

    threading.Thread(target=ask, daemon=True, name="breached-passwords").start()
    try:
        return answers.get(timeout=PATIENCE_S)
    except queue.Empty:
        return 0
