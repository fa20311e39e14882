"""How a street is spelled so that two spellings of it meet: "E 149 St", "East 149th Street"."""

import re
import unicodedata

_SAME = {
    "n": "north", "s": "south", "e": "east", "w": "west",
    "ne": "northeast", "nw": "northwest", "se": "southeast", "sw": "southwest",
    "st": "street", "str": "street", "ave": "avenue", "av": "avenue", "aven": "avenue",
    "rd": "road", "blvd": "boulevard", "bvd": "boulevard", "boul": "boulevard", "pl": "place",
    "dr": "drive", "ln": "lane", "ct": "court", "crt": "court", "ter": "terrace", "terr": "terrace",
    "pkwy": "parkway", "pky": "parkway", "sq": "square", "plz": "plaza", "aly": "alley",
    "cir": "circle", "hwy": "highway", "expy": "expressway", "expwy": "expressway",
    "tpke": "turnpike", "cres": "crescent", "br": "bridge", "brg": "bridge", "ext": "extension",
    "mt": "mount", "ft": "fort", "hts": "heights", "jr": "junior", "dr.": "drive", "wy": "way",
    "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6",
    "seventh": "7", "eighth": "8", "ninth": "9", "tenth": "10", "eleventh": "11",
    "twelfth": "12",
}  # fmt: skip
# "149th", and "149ht" in a hurry.
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th|ht|ts|dn|dr)")
_TOKEN = re.compile(r"\d+[a-z]{2}\b|\d+|[^\W\d_]+")
_HOUSE = re.compile(r"\s*(\d{1,6}(?:-\d{1,5})?)[A-Za-z]?(?:\s+1/2)?[\s,]+(?=\S)")
_CROSSING = re.compile(r"\s+(?:&|and|at|@|y|/|\+)\s+|\s*[&@+]\s*|(?<=\D)/(?=\D)", re.IGNORECASE)
_CORNER_OF = re.compile(r"\s*(?:the\s+)?(?:corner|intersection)\s+of\s+", re.IGNORECASE)
_SAINT = frozenset({"street"})
MOST = 200  # characters of a question that are looked at


def words(text: str) -> str:
    """The words of a name in their one spelling, lower case and without marks.

    >>> words("E. 149th St."), words("East 149 Street"), words("St. Ann's Av")
    ('east 149 street', 'east 149 street', 'saint anns avenue')
    """
    found = [_one(token) for token in _tokens(text)]
    if len(found) > 1 and found[0] in _SAINT:  # a street does not begin with its kind
        found[0] = "saint"
    return " ".join(found)


def begun(text: str) -> tuple[str, list[str]]:
    """The words but the last, which is still being typed, and what that may be the beginning of.

    Nothing where it is a number: 14 is no half-typed 148, nor a t the third.

    >>> begun("Elm Bl"), begun("East 14")
    (('elm', ['bl', 'boulevard']), ('east', []))
    """
    tokens = _tokens(text)
    if not tokens or tokens[-1][0].isdecimal():
        return words(text).rpartition(" ")[0], []
    last = tokens[-1]
    spelled = {word for short, word in _SAME.items() if short.startswith(last)}
    longer = sorted(word for word in spelled if not (word.startswith(last) or word.isdecimal()))
    return words(text).rpartition(" ")[0], [last, *longer]


def _tokens(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _TOKEN.findall(re.sub(r"['’`.]", "", plain))


def _one(token: str) -> str:
    ordinal = _ORDINAL.fullmatch(token)
    if ordinal:
        return str(int(ordinal.group(1)))
    if token.isdecimal():
        return str(int(token))
    return _SAME.get(token, token)


def crossing(text: str) -> tuple[str, str] | None:
    """The two streets of "Main St & 3rd Ave"; None where there are not two."""
    bare = _CORNER_OF.sub("", text, count=1)
    parts = [part.strip() for part in _CROSSING.split(bare) if part.strip()]
    if len(parts) != 2 or not all(any(c.isalnum() for c in part) for part in parts):
        return None
    return parts[0], parts[1]


def house(text: str) -> tuple[str, str]:
    """The house number and the rest; '' where the text begins with none.

    "149 Street" is a street and no house: a number before nothing but a kind of street stays.
    """
    found = _HOUSE.match(text)
    if not found:
        return "", text
    rest = text[found.end() :]
    street = words(rest.partition(",")[0]).split()
    if not street or (len(street) == 1 and street[0] in _SAME.values()):
        return "", text
    return found.group(1), rest


def order(number: str) -> int:
    """The digits of a house number as a number: 130-11 is 13011; -1 for none."""
    digits = re.sub(r"\D", "", number.split(" ")[0])[:9]
    return int(digits) if digits else -1
