"""The readings of a claim: one number each, and what they say of it together."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

from stoop.evaluation.models import Design, Panel
from stoop.evaluation.readers import COUNTED, Claim
from stoop.evaluation.studies import panel as panels
from stoop.kernel.errors import Refusal

NAN = float("nan")
Choices = dict[str, tuple[str, ...]]
Asked = tuple[
    Choices, Callable[[dict[str, str]], "Number"], Callable[[dict[str, str]], "Rests | None"]
]


@dataclass(frozen=True, slots=True)
class Number:
    """What one reading gives, in the claim's own scale: percent, times, or how many units.

    low, high: its interval, NaN where it has none. beside: what happened elsewhere in the same
    time, in percent, NaN where nobody asks. units: how many went into it, of: out of how many.
    fewest: how many units it takes to hold the share claimed. named: codes of the units that are
    not covered.
    """

    value: float
    low: float = NAN
    high: float = NAN
    beside: float = NAN
    units: int = 0
    of: int = 0
    fewest: int = 0
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rests:
    """The areas that the number of a reading adds up, and in what; None where it adds up none.

    Two numbers with the same `what`, taken off each other, tell of the areas that only one of them
    holds. whole: areas whose sum is known anyway.
    """

    what: tuple[str, ...]
    areas: frozenset[str]
    whole: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a claim: a choice in each dimension, its number or why there is none."""

    choices: dict[str, str]
    number: Number | None
    holds: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim with its readings, the plainest first.

    choices: the dimensions, each with its codes. idle: those in which every choice gives the same,
    so that the first stands for all. verdict: holds, only_if, not or none (no reading has a
    number). only_if: for the dimensions that decide, the codes under which it can hold. enough:
    with those choices it always holds; else they are needed, and not enough.
    """

    claim: Claim
    choices: Choices
    readings: tuple[Reading, ...]
    idle: tuple[str, ...]
    verdict: str
    only_if: Choices
    enough: bool

    @property
    def known(self) -> tuple[Reading, ...]:
        return tuple(each for each in self.readings if each.number is not None)

    @property
    def beyond(self) -> tuple[int, int]:
        """How many readings without it give more than is claimed, and how many less."""
        wrong = [each.number for each in self.known if not each.holds and each.number]
        more = sum(each.value > self.claimed for each in wrong)
        return more, len(wrong) - more

    @property
    def claimed(self) -> float:
        """The number claimed, in the scale of the readings."""
        return 100 * self.claim.share if self.claim.kind == "concentration" else self.claim.value

    @property
    def holding(self) -> int:
        return sum(each.holds for each in self.readings)


class Bases:
    """The panel counted in each way that a reading may ask for, laid out once each."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self._laid: dict[tuple[str, str, str], Panel | str] = {}

    @property
    def own(self) -> Panel:
        """The panel as the design counts it. Raises Refusal where there is none."""
        return self.panel({"counted": self.design.measure, "area": self.design.area})

    @property
    def inputs(self) -> tuple[tuple[str, str], ...]:
        """Name and digest of every file that was read, once."""
        laid = (panel for panel in self._laid.values() if not isinstance(panel, str))
        return tuple(dict.fromkeys(each for panel in laid for each in panel.inputs))

    def panel(self, choices: dict[str, str]) -> Panel:
        """The panel of a reading. Raises Refusal where there is none."""
        key = choices["counted"], choices["area"], choices.get("release", "own")
        if key not in self._laid:
            try:
                self._laid[key] = panels.build(self._design(*key))
            except Refusal as refusal:
                self._laid[key] = str(refusal)
        found = self._laid[key]
        if isinstance(found, str):
            raise Refusal(found)
        return found

    def choices(self, what: str) -> Choices:
        """How the outcome may be counted and placed, the design's own way first."""
        design = self.design
        # Catchments are on no record.
        either = design.outlines is not None and design.catchments is None
        return {
            "counted": _first(design.measure, COUNTED[what]),
            "area": _first(design.area, ("recorded", "mapped")) if either else (design.area,),
            "release": ("own", "other") if design.vintage else ("own",),
        }

    def _design(self, counted: str, area: str, release: str) -> Design:
        found = replace(self.design, measure=counted, area=area)
        if release == "own" or found.vintage is None:
            return found
        calendar = replace(found.calendar, last=found.calendar.first + found.vintage.last)
        return replace(found, files=found.vintage.files, calendar=calendar)


def found(claim: Claim, choices: Choices, ask: Callable[[dict[str, str]], Number]) -> Finding:
    """Every reading of a claim worked out, and the claim held against all of them."""
    readings = []
    for codes in product(*choices.values()):
        chosen = dict(zip(choices, codes, strict=True))
        try:
            number = ask(chosen)
            readings.append(Reading(chosen, number, _holds(claim, number)))
        except Refusal as refusal:
            readings.append(Reading(chosen, None, False, str(refusal)))
    idle = tuple(name for name in choices if len(choices[name]) > 1 and _is_idle(name, readings))
    kept = choices | {name: choices[name][:1] for name in idle}
    some = [each for each in readings if all(each.choices[name] in kept[name] for name in idle)]
    return _judged(claim, kept, tuple(some), idle)


def _is_idle(name: str, readings: list[Reading]) -> bool:
    """Whether every choice in a dimension gives the same, all others being made alike."""
    seen: dict[tuple[str, ...], str] = {}
    for each in readings:
        others = tuple(code for other, code in each.choices.items() if other != name)
        told = repr(each.number)
        if seen.setdefault(others, told) != told:
            return False
    return True


def _holds(claim: Claim, number: Number) -> bool:
    """Whether a number is the one claimed: it rounds to it, at the digits that the claim has.

    So many times steeper is meant as at least so many. A count of areas is exact. So many areas
    hold a share where they are the fewest that do, or where what they hold rounds to it in whole
    percent.
    """
    if claim.kind == "covers":
        return number.value >= claim.value
    if claim.kind == "concentration":
        if claim.least:
            return number.fewest <= claim.value
        return number.fewest == claim.value or abs(number.value - 100 * claim.share) <= 0.5
    half = 0.5 / 10**claim.digits + 1e-9
    least = claim.least or claim.kind == "steeper"
    return number.value >= claim.value - half and (least or number.value <= claim.value + half)


def _judged(
    claim: Claim, choices: Choices, readings: tuple[Reading, ...], idle: tuple[str, ...]
) -> Finding:
    known = [each for each in readings if each.number is not None]
    holding = [each for each in known if each.holds]
    if len(holding) in (0, len(known)):
        verdict = "none" if not known else "holds" if holding else "not"
        return Finding(claim, choices, readings, idle, verdict, {}, True)
    only_if = {}
    for name, codes in choices.items():
        there = [code for code in codes if any(each.choices[name] == code for each in known)]
        kept = [code for code in there if any(each.choices[name] == code for each in holding)]
        if len(kept) < len(there):
            only_if[name] = tuple(kept)
    enough = all(
        each.holds
        for each in known
        if all(each.choices[name] in codes for name, codes in only_if.items())
    )
    return Finding(claim, choices, readings, idle, "only_if", only_if, enough)


def _first(own: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes with the design's own first."""
    return tuple(sorted(codes, key=lambda code: code != own))
