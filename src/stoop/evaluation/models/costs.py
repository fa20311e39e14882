"""What a design holds for true of costs: numbers that nobody knows, each with its source."""

from dataclasses import dataclass

# Without these nothing can be weighed; an outcome's cost is given whole, or by whether one died.
NEEDED = ("program", "share", "discount")
WHOLE, PARTED = ("outcome",), ("fatal", "nonfatal", "fatal_share")
PER = ("year", "total")


@dataclass(frozen=True, slots=True)
class Assumption:
    """A number held for `central`, that may be as low as `low` and as high as `high`."""

    name: str
    low: float
    central: float
    high: float
    source: str


@dataclass(frozen=True, slots=True)
class Costs:
    """[costs] of a design. currency: its code. per: whether program is the cost of one area's year
    or of all of them together. assumptions: NEEDED, and WHOLE or PARTED."""

    currency: str
    per: str
    assumptions: tuple[Assumption, ...]
