"""What is sent, and how it went."""

import re
import unicodedata
from dataclasses import dataclass, field
from uuid import UUID

from stoop.notifications.models import Delivery

Reason = Delivery.Reason
# The alphabet of a text message (GSM 03.38); one sign outside it halves what fits.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_LENGTH = 160
PLAIN = str.maketrans({"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."})


@dataclass(frozen=True)
class Message:
    """One message to one person over one channel, with all that a sender needs."""

    key: UUID
    """the same for every attempt"""
    tag: str
    """the same for all that says the same thing: a phone shows it once"""
    address: str
    line: str
    """what a lock screen may show"""
    text: str
    """one or two sentences more; empty where the person wants no place shown"""
    link: str
    """the page to open"""
    short_link: str
    urgent: bool
    keys: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Outcome:
    """Sent, or to be tried later, or never; `after_s` is what the other side asked for."""

    state: str
    reason: str = ""
    after_s: float | None = None


sent = Outcome("sent")


def later(reason: str, after_s: float | None = None) -> Outcome:
    """It may work another time."""
    return Outcome("later", reason, after_s)


def dead(reason: str) -> Outcome:
    """It will not work another time."""
    return Outcome("dead", reason)


def one_line(text: str, most: int = 200) -> str:
    """Without line breaks, control signs and signs that turn the direction of writing."""
    kept = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign
        for sign in text
        if unicodedata.category(sign) != "Cf"
    )
    return re.sub(r"\s+", " ", kept).strip()[:most]


def short_message(message: Message) -> str:
    """The text message: 160 signs of GSM with the link whole, where the alphabet allows it."""
    line = _in_gsm(one_line(f"{message.line}. {message.text}".replace("..", ".")))
    room = GSM_LENGTH - len(message.short_link) - 1
    if not set(line) <= GSM:
        room = 70 - len(message.short_link) - 1
        room = room if room >= 20 else 133 - len(message.short_link)
    if len(line) > room:
        line = line[: room - 3].rstrip(" ,.") + "..."
    return f"{line} {message.short_link}"


def _in_gsm(text: str) -> str:
    """With accents left out where the alphabet has the plain letter; else as it is."""
    text = text.translate(PLAIN)
    plain = "".join(
        sign
        if sign in GSM
        else "".join(part for part in unicodedata.normalize("NFKD", sign) if part in GSM)
        for sign in text
    )
    known = all(sign in GSM or unicodedata.normalize("NFKD", sign)[0] in GSM for sign in text)
    return plain if known else text


def retry_after(value: str | None) -> float | None:
    """Seconds of a Retry-After header, when it says seconds; at most five minutes."""
    return min(float(value), 300.0) if value and value.isdecimal() and len(value) < 6 else None
