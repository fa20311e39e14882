"""One table of a TOML file, taken key by key, so that nothing in it goes unread."""

from collections.abc import Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from stoop.kernel.errors import Refusal
from stoop.places.queries import area_code

_NEEDED: Any = object()
_LARGEST = 10**18


def shown(text: str) -> str:
    """A piece of somebody's file as it may stand in a sentence: on one line, and not for ever.

    >>> shown("gone\\n.csv")
    'gone .csv'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:60]


class Keys:
    """The keys of one table. Each taker refuses a wrong type; `end` refuses what was not taken."""

    def __init__(self, values: dict[str, Any], file: str, table: str = "") -> None:
        self._values, self._file, self._table = values, file, table
        self._asked: list[str] = []

    def text(self, key: str, default: Any = _NEEDED) -> Any:
        found = self._take(key, default)
        if found is default:
            return found
        if not isinstance(found, str) or not found.strip():
            raise self._wrong(key, "a text between quotation marks")
        return found.strip()

    def code(self, key: str, default: Any = _NEEDED) -> Any:
        """An area's code, or a year: a text or a whole number."""
        found = self._take(key, default)
        return found if found is default else self._code(key, found)

    def codes(self, key: str, default: Any = _NEEDED) -> Any:
        found = self._take(key, default)
        if found is default:
            return found
        if not isinstance(found, list) or not found:
            raise self._wrong(key, 'a list such as ["1", "5"]')
        return tuple(self._code(key, each) for each in found)

    def texts(self, key: str, default: Any = _NEEDED, *, most: int | None = None) -> Any:
        found = self._take(key, default)
        if found is default:
            return found
        listed = isinstance(found, list) and bool(found)
        if not listed or not all(isinstance(each, str) and each.strip() for each in found):
            raise self._wrong(key, 'a list of texts such as ["a.csv", "b.csv"]')
        if most is not None and len(found) > most:
            raise self._wrong(key, f"a list of at most {most:,}")
        return tuple(found)

    def whole(self, key: str, default: int, *, least: int, most: int) -> int:
        found = self._take(key, default)
        if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
            raise self._wrong(key, f"a whole number from {least:,} to {most:,}")
        return found

    def number(self, key: str, *, least: float, most: float) -> float:
        found = self._take(key, _NEEDED)
        known = isinstance(found, int | float) and not isinstance(found, bool)
        if not known or not least <= found <= most:
            raise self._wrong(key, f"a number from {least:,} to {most:,}")
        return float(found)

    def truth(self, key: str, default: bool) -> bool:
        found = self._take(key, default)
        if not isinstance(found, bool):
            raise self._wrong(key, "true or false")
        return found

    def rising(self, key: str, *, most: float) -> tuple[float, ...]:
        """A list of numbers above nought that rise; empty where it is not given."""
        found = self._take(key, [])
        listed = isinstance(found, list) and len(found) <= 9
        numbers = [each for each in found if type(each) in (int, float)] if listed else [0]
        given = (0, *numbers)
        rises = all(low < high <= most for low, high in pairwise(given))
        if not rises or len(numbers) != len(found):
            raise self._wrong(key, f"a list that rises up to {most:,.0f}, such as [250, 500]")
        return tuple(float(each) for each in numbers)

    def choice(self, key: str, among: Sequence[str], default: Any = _NEEDED) -> Any:
        found = self._take(key, default)
        if found is not default and found not in among:
            raise self._wrong(key, f"one of {', '.join(among)}")
        return found

    def mapping(self, key: str, *, most: int | None = None) -> dict[str, str]:
        found = self._take(key, {})
        if not isinstance(found, dict):
            raise self._wrong(key, "a table of names")
        if most is not None and len(found) > most:
            raise self._wrong(key, f"a table of at most {most:,} names")
        return {str(name): self._code(f"{key}.{name}", each) for name, each in found.items()}

    def table(self, key: str, default: Any = _NEEDED) -> "Keys":
        found = self._take(key, default)
        if not isinstance(found, dict):
            raise Refusal(
                f"In {self._file}, {key} is no table; write a line [{key}] over its keys."
            )
        return Keys(found, self._file, key)

    def tables(self, key: str) -> list["Keys"]:
        found = self._take(key, [])
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise Refusal(f"In {self._file}, write a line [[{key}]] over each {key}.")
        return [Keys(each, self._file, f"[{key}]") for each in found]

    def end(self) -> None:
        """Refuse a key that nobody asked for: a slip would silently change the study."""
        for key in self._values:
            if key not in self._asked:
                near = get_close_matches(key, self._asked, 1)
                mend = f"write {near[0]}." if near else f"known: {', '.join(self._asked)}."
                raise Refusal(f"{self._file} has an unknown key {self._called(key)}; {mend}")

    def has(self, key: str) -> bool:
        return key in self._values

    def _take(self, key: str, default: Any) -> Any:
        self._asked.append(key)
        if key in self._values:
            return self._values[key]
        if default is _NEEDED:
            raise Refusal(f"{self._file} does not give {self._called(key)}; add it.")
        return default

    def _code(self, key: str, found: Any) -> str:
        known = isinstance(found, str | int) and not isinstance(found, bool)
        # Python writes no number of thousands of digits, and a hexadecimal one may have them.
        if isinstance(found, int) and abs(found) > _LARGEST:
            known = False
        if not known or not area_code(found):
            raise self._wrong(key, "a text or a whole number")
        return area_code(found)

    def _wrong(self, key: str, wanted: str) -> Refusal:
        return Refusal(f"In {self._file}, {self._called(key)} must be {wanted}.")

    def _called(self, key: str) -> str:
        return f"{shown(key)} in [{self._table}]" if self._table else shown(key)
