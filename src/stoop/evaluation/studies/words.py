"""How codes and outcomes are said in the sentences of a panel."""

from collections.abc import Iterable

from stoop.evaluation.models import Design
from stoop.places.queries import area_order

SHOWN = 12


def listed(codes: Iterable[str]) -> str:
    """Codes in their natural order, the first dozen of them.

    >>> listed({"10", "9", "W1"})
    '9, 10, W1'
    """
    shown = sorted(set(codes), key=area_order)
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return ", ".join(shown[:SHOWN]) + more


def outcomes(design: Design) -> str:
    """What is counted, in the plural."""
    return "fatal incidents" if design.measure == "fatal" else design.measure


def few(n: int, design: Design) -> str:
    """A count that stands alone, unless it is too small to be shown."""
    least = design.small_cells.least
    return f"fewer than {least}" if n < least else f"{n:,}"
