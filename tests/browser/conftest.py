"""A page in Debian's Chromium, and the accessibility rules run on it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser import tools
from tests.browser.screens import Screens
from tests.world import World


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for the tests of a file; skips when there is none.

    It ends with the file: while it is open an event loop runs in this thread, and Django refuses
    to touch a database from there.
    """
    if tools.CHROMIUM is None:
        pytest.skip("BROWSER TESTS ARE SKIPPED: no chromium; mend with: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=tools.CHROMIUM, args=tools.FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a new page: `page()`, `page(java_script_enabled=False)`, `page(color_scheme="dark")`.

    Takes what Playwright's `new_context` takes; a request to another machine fails the test.
    """
    with tools.pages(browser) as open_page:
        yield open_page


@pytest.fixture(scope="session")
def axe() -> Callable[[Any], list[str]]:
    """Accessibility: `axe(sheet)` gives one sentence for each broken WCAG 2.1 A or AA rule."""
    return tools.violations


@pytest.fixture(scope="session")
def full_world(new_world: Callable[[], World]) -> Iterator[World]:
    """A platform with one of each thing in it; tests look at it and leave it as it was."""
    with new_world() as made:
        yield made


@pytest.fixture
def screens(page: Callable[..., Any], full_world: World) -> Iterator[Screens]:
    """All screens of the platform; fails when a page complained of something."""
    made = Screens(page, full_world)
    yield made
    assert made.complaints == []
