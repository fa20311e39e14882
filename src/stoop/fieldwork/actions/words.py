"""The few words that may be typed: a block or a building, and the labels of a plan.

What is typed into the platform can be read by whoever holds its server, so a worker must not be
able to write a person's name here by habit. A place has to look like one.
"""

import re
from collections.abc import Callable
from uuid import UUID

from stoop.kernel.errors import Refusal

MOST = 60
LABEL = 80
_SIGNS = re.compile(r"[^\w .,'’\-/&()]")
_PHONE = re.compile(r"(?:\d[ .()\-/]*){7,}")
_UNIT = re.compile(r"\b(apt|apartment|unit|room|rm|flat|suite|ste|door|floor|fl)\b\.?", re.I)
_PERSON = re.compile(
    r"\b(mr|mrs|ms|miss|mother|father|mom|mama|dad|brother|sister|cousin|son|daughter|uncle|aunt|"
    r"grandmother|grandma|girlfriend|boyfriend|wife|husband|friend|family|victim|shooter|suspect|"
    r"witness|member|named|aka)s?\b",
    re.I,
)
# What a place has and a name has not: a crossing, a street that is a number, or a word for a kind
# of place. A number alone is not enough: "4 Tyrone Smith" has one.
_PLACE = re.compile(
    r"[&/]|\b\d+(st|nd|rd|th)\b|\b([nsew]|north|south|east|west)\b\.? ?\d{1,3}\b|"
    r"\b[nsew]\d{1,3}\b|\b(and|between|at|corner|block|st|street|ave?|avenue|rd|road|blvd|boulevard|broadway|bowery|concourse|pl|place|"
    r"expressway|expy|turnpike|tpke|promenade|esplanade|precinct|pct|sector|ct|court|dr|drive|ln|lane|way|ter|terrace|pkwy|parkway|hwy|sq|square|plaza|park|walk|alley|"
    r"bridge|station|houses|homes|towers?|building|bldg|gardens?|village|projects?|playground|"
    r"church|mosque|temple|synagogue|library|school|center|centre|market|hospital|calle|avenida|"
    r"rue|via)\b",
    re.I,
)
# Kinds of street that are surnames too: these need a number beside them.
_NUMBERED = re.compile(
    r"\d.*\b(alley|circle|cir|close|crescent|cres|crossing|gate|gates|green|grove|heights|hts|hill|"
    r"hills|island|landing|loop|manor|mews|oval|path|pier|point|ridge|row|slip|trail)\b",
    re.I,
)


def checked_place(text: str, known: Callable[[str], bool] = lambda _place: False) -> str:
    """The block or building as it is kept; refused, with the reason, when it may say more.

    `known` says whether the city has such a street, for one that is typed without its kind.
    """
    place = " ".join(text.split())
    reason = _wrong_place(place, known)
    if reason:
        raise Refusal(
            f"{reason} Write a block or a building, like “Elm St, 3rd to 4th” or “Building 4”."
        )
    return place


def _wrong_place(place: str, known: Callable[[str], bool]) -> str:
    if not place:
        return "The place is missing."
    if len(place) > MOST:
        return f"The place is longer than {MOST} letters."
    if not place.isprintable() or _SIGNS.search(place):
        return "The place has signs that no address has."
    if _PHONE.search(place):
        return "That looks like a phone number; no number of a person is kept here."
    if _UNIT.search(place):
        return "That is a home, not a block; homes are not kept here."
    if _PERSON.search(place):
        return "That speaks of a person; no person is kept here."
    if _PLACE.search(place) or _NUMBERED.search(place) or known(place):
        return ""
    if any(each.isdigit() for each in place):
        return "That may be a name; for a street add its kind, like St or Ave."
    return "That may be a name; no name is kept here."


def checked_label(text: object, what: str, most: int = LABEL) -> str:
    """A label of a plan, as the whole city reads it."""
    label = " ".join(text.split()) if isinstance(text, str) else ""
    if not label:
        raise Refusal(f"{what} has no label; write what is to be done in a few words.")
    if len(label) > most:
        raise Refusal(f"{what} is longer than {most} letters; say it shorter.")
    if not label.isprintable() or "@" in label or "<" in label or _PHONE.search(label):
        raise Refusal(f"{what} may not hold an address or a number of a person; say it in words.")
    return label


def checked_key(key: object) -> str:
    """The random key of a form, or nothing; nobody can send a text in it."""
    if not key:
        return ""
    try:
        return str(UUID(str(key)))
    except ValueError:
        raise Refusal("The form is not one of ours; open the page anew.") from None
