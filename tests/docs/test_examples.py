"""The examples in docstrings print what they say."""

import doctest
import importlib
import pkgutil
from types import ModuleType

import pytest

import stoop.places.models
import stoopstat

METHODS = [
    importlib.import_module(f"stoopstat.{found.name}")
    for found in pkgutil.iter_modules(stoopstat.__path__)
    if not found.ispkg
]


@pytest.mark.parametrize("module", [*METHODS, stoop.places.models], ids=lambda m: m.__name__)
def test_examples_print_what_they_say(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.failed == 0


def test_every_method_has_an_example() -> None:
    """Only what other methods stand on may be without one."""
    silent = {
        m.__name__
        for m in METHODS
        if not any(test.examples for test in doctest.DocTestFinder().find(m))
    }
    assert silent <= {"stoopstat.events", "stoopstat.neighbours"}


def test_a_wrong_example_is_seen() -> None:
    module = ModuleType("wrong")
    module.__doc__ = ">>> 1 + 1\n3\n"
    assert doctest.testmod(module, report=False).failed == 1
