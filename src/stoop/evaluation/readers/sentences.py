"""Claims as people say them: four shapes of a sentence, read strictly."""

import re
from dataclasses import dataclass

from stoop.kernel.errors import Refusal

SHAPES = (
    "shootings fell by 28 % across all sites in the first 24 months",
    "three times steeper than matched sites",
    "the program covers the 20 precincts with the highest rates",
    "17 precincts hold half of the shootings",
)
LONGEST = 500
# What is spoken of, and the ways in which that is counted.
COUNTED = {
    "shootings": ("incidents", "rows", "victims"),
    "victims": ("rows", "victims"),
    "fatal shootings": ("fatal",),
}
SHARES = {
    "half": 1 / 2,
    "a third": 1 / 3,
    "two thirds": 2 / 3,
    "a quarter": 1 / 4,
    "three quarters": 3 / 4,
}
_WORDS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen", "twenty"),
)
_SPOKEN = {
    "shootings": "shootings",
    "victims": "victims",
    "victimizations": "victims",
    "fatal shootings": "fatal shootings",
}
_NUMBER = rf"(?:\d+(?:\.\d+)?|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_PERCENT = r" ?(?:%|percent|per cent)"
_NOUN = "|".join(sorted(_SPOKEN, key=len, reverse=True))
_WHAT = rf"(?:the )?(?P<what>{_NOUN})"
_LEAST = r"(?P<least>at least |more than )?"
_TIME = rf"(?:in|over|within|during) (?:the|their) first (?P<time>{_NUMBER}) (?P<unit>month|year)s?"
_PATTERNS = {
    "fall": (
        rf"{_WHAT} (?:fell|dropped|declined|decreased) by {_LEAST}(?P<value>{_NUMBER}){_PERCENT}"
        rf"(?: (?:across|at|in) (?:all (?:the )?sites|the sites? (?P<sites>.+?)))? {_TIME}"
    ),
    "steeper": (
        rf"(?:{_WHAT} fell )?{_LEAST}(?P<value>{_NUMBER}) times (?:steeper|more steeply|faster) "
        rf"than (?:in |at )?(?P<against>matched|other|all other) \w+(?: {_TIME})?"
    ),
    "covers": (
        rf"the programs? covers? (?:all (?:of )?)?the (?P<value>{_NUMBER}) (?P<units>[a-z ]+?) "
        rf"with the (?:highest (?P<by>rates?|counts?)(?: of {_WHAT})?|most (?P<most>{_NOUN}))"
    ),
    "concentration": (
        rf"(?P<value>{_NUMBER}) (?P<units>[a-z ]+?) (?:hold|have|account for|see) {_LEAST}"
        rf"(?:(?P<share>{'|'.join(SHARES)})|(?P<percent>{_NUMBER}){_PERCENT}) of (?:all )?{_WHAT}"
    ),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim. kind: fall, steeper, covers or concentration. says: its sentence. source: who
    says so. what: a key of COUNTED. value: percent, times, or how many units; digits: after its
    point. months: length of the windows, None where not said. sites: the areas spoken of, None for
    all. against: matched or other. by: rate or count. share: of the outcome, 0 to 1. units: what
    it calls the areas. least: it says at least so much."""

    kind: str
    says: str
    value: float
    digits: int = 0
    what: str = "shootings"
    months: int | None = None
    sites: tuple[str, ...] | None = None
    against: str = "matched"
    by: str = "rate"
    share: float = 0.0
    units: str = ""
    least: bool = False
    source: str = ""


def claim_of(sentence: str, *, source: str = "") -> Claim:
    """What a sentence claims. Raises Refusal, with the shapes that are known, for any other.

    >>> claim_of("Shootings fell by 28 % across all sites in the first two years.").months
    24
    >>> claim_of("Seventeen communities hold half of the shootings").value
    17.0
    """
    plain = " ".join(sentence.split()).rstrip(".")
    for kind, pattern in _PATTERNS.items() if len(plain) <= LONGEST else ():
        if found := re.fullmatch(pattern, plain, re.IGNORECASE):
            heard = {name: word for name, word in found.groupdict().items() if word}
            return _claim(kind, heard, plain, source)
    known = "; ".join(f"“{shape}”" for shape in SHAPES)
    raise Refusal(
        f"“{plain[:100]}” is no claim that can be read; write it like one of these: {known}."
    )


def _claim(kind: str, heard: dict[str, str], says: str, source: str) -> Claim:
    sites = heard.pop("sites", None)
    low = {name: word.lower() for name, word in heard.items()}
    years = 12 if low.get("unit") == "year" else 1
    months = years * _number(low["time"]) if "time" in low else None
    if months is not None and (months < 1 or months % 1):
        raise Refusal(f"“{says}” speaks of {months:g} months; windows are whole months.")
    percent = _number(low["percent"]) / 100 if "percent" in low else 0.0
    value = _number(low["value"])
    if percent > 1 or (kind == "fall" and value > 100):
        raise Refusal(f"“{says}” speaks of more than 100 %, and nothing can be more than all.")
    if kind in ("covers", "concentration") and value < 1:
        raise Refusal(f"“{says}” speaks of no area; name at least one.")
    return Claim(
        kind=kind,
        says=says,
        value=value,
        digits=len(low["value"].partition(".")[2]),
        what=_SPOKEN[low.get("what") or low.get("most") or "shootings"],
        months=None if months is None else int(months),
        sites=tuple(re.split(r", (?:and )?| and ", sites)) if sites else None,
        against="matched" if low.get("against", "matched") == "matched" else "other",
        by="count" if "most" in low or low.get("by", "").startswith("count") else "rate",
        share=SHARES.get(low.get("share", ""), percent),
        units=low.get("units", ""),
        least="least" in low,
        source=source,
    )


def _number(word: str) -> float:
    return float(_WORDS.index(word) + 1) if word in _WORDS else float(word)
