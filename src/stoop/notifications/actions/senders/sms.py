"""Text messages through any gateway that takes {to, text, key} as JSON."""

import json

import urllib3
from django.conf import settings

from stoop.notifications.actions.senders import console
from stoop.notifications.actions.senders.message import (
    Message,
    Outcome,
    Reason,
    dead,
    later,
    retry_after,
    sent,
    short_message,
)

TIMEOUT = urllib3.Timeout(connect=3.0, read=8.0)
_pool = urllib3.PoolManager(num_pools=4, maxsize=32, retries=False, timeout=TIMEOUT)


def ready() -> bool:
    """Whether a gateway is named."""
    return bool(settings.STOOP_SMS_URL)


def send(message: Message) -> Outcome:
    """Hand a text message to the gateway; `key` lets it know a second attempt for one."""
    if settings.STOOP_SMS_URL.startswith("console:"):
        return console.send(message)
    return hand_over(to=message.address, text=short_message(message), key=message.key.hex)


def hand_over(*, to: str, text: str, key: str) -> Outcome:
    """POST one message to STOOP_SMS_URL: 2xx is sent, 5xx, 408 and 429 later, other 4xx never."""
    if not ready():
        return dead(Reason.NO_GATEWAY)
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    if settings.STOOP_SMS_TOKEN:
        headers["Authorization"] = f"Bearer {settings.STOOP_SMS_TOKEN}"
    body = json.dumps({"to": to, "text": text, "key": key}).encode()
    try:
        answer = _pool.request(
            "POST",
            settings.STOOP_SMS_URL,
            body=body,
            headers=headers,
            redirect=False,
            preload_content=False,
        )
    except urllib3.exceptions.NewConnectionError:
        return later(Reason.UNREACHABLE)
    except urllib3.exceptions.TimeoutError:
        return later(Reason.TIMEOUT)
    except urllib3.exceptions.HTTPError:
        return later(Reason.UNREACHABLE)
    return judged(answer)


def judged(answer: urllib3.BaseHTTPResponse) -> Outcome:
    """What an answer's status means; of its body nothing is used and little is read."""
    try:
        answer.read(4096)
        if answer.length_remaining:
            answer.close()
    except urllib3.exceptions.HTTPError:
        answer.close()  # the status came, so the message did arrive
    finally:
        answer.release_conn()
    if 200 <= answer.status < 300:
        return sent
    if answer.status in (404, 410):
        return dead(Reason.GONE)
    if answer.status in (408, 425, 429) or answer.status >= 500:
        return later(Reason.BUSY, retry_after(answer.headers.get("Retry-After")))
    return dead(Reason.REFUSED)
