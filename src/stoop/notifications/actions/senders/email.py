"""E-mail through the server that settings name, over connections that are kept open."""

import smtplib
import threading
import time
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.template.loader import render_to_string

from stoop.notifications.actions.senders.message import (
    Message,
    Outcome,
    Reason,
    dead,
    later,
    one_line,
    sent,
)

_kept = threading.local()
IDLE_S = 20.0


def send(message: Message) -> Outcome:
    """Send one e-mail. Its Message-ID is the message's key, so a second attempt has the same."""
    try:
        mail = _written(message)
    except (ValidationError, ValueError):  # an address or a header that cannot be
        return dead(Reason.BROKEN)
    try:
        mail.connection = _connection()
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        _hang_up()
        codes = [code for code, _text in error.recipients.values()]
        return dead(Reason.REFUSED) if all(code >= 500 for code in codes) else later(Reason.BUSY)
    except smtplib.SMTPResponseException as error:
        _hang_up()
        permanent = error.smtp_code >= 550 and not isinstance(
            error, smtplib.SMTPAuthenticationError
        )
        return dead(Reason.REFUSED) if permanent else later(Reason.BUSY)
    except TimeoutError:
        _hang_up()
        return later(Reason.TIMEOUT)
    except (OSError, smtplib.SMTPException):
        _hang_up()
        return later(Reason.UNREACHABLE)
    _kept.used = time.monotonic()
    return sent


def _written(message: Message) -> EmailMultiAlternatives:
    validate_email(message.address)  # one address, and nothing that breaks a header
    words = {"message": message, "text": message.text}
    mail = EmailMultiAlternatives(
        subject=one_line(message.line, 150),
        body=render_to_string("notifications/email.txt", words),
        to=[message.address],
        headers={
            "Message-ID": f"<{message.key.hex}@{_host()}>",
            "Date": formatdate(usegmt=True),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    if message.urgent:
        mail.extra_headers["Importance"] = "high"
    mail.attach_alternative(render_to_string("notifications/email.html", words), "text/html")
    return mail


def _host() -> str:
    return urlsplit(settings.STOOP_URL).hostname or "localhost"


def _connection() -> Any:
    """This thread's open connection, made anew when it has been idle for long."""
    server = settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT
    kept = getattr(_kept, "connection", None)
    stale = time.monotonic() - getattr(_kept, "used", 0.0) > IDLE_S
    if kept is None or stale or _kept.server != server:
        _hang_up()
        _kept.connection = get_connection()
        _kept.server = server
        _kept.connection.open()
    return _kept.connection


def _hang_up() -> None:
    """Close and forget this thread's connection, whatever state it is in."""
    kept = getattr(_kept, "connection", None)
    _kept.connection = None
    if kept is not None:
        try:
            kept.close()
        except (OSError, smtplib.SMTPException):
            return
