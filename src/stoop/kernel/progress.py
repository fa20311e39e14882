"""How long work tells that it goes on: a function called with the name of each step."""

from collections.abc import Callable

# Called with a step's name and its place in the work, "3 of 9".
Progress = Callable[[str, int, int], None]


def silent(step: str, number: int, of: int) -> None:
    """Say nothing."""
