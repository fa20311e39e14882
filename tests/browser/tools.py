"""Chromium and the accessibility rules, for the fixtures in conftest.py."""

import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
NEAR = ("file:", "data:", "blob:", "http://127.0.0.1", "http://localhost")


@contextmanager
def pages(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open pages that may speak to this machine alone; one that asks another raises at the end."""
    contexts = []
    strangers: list[str] = []

    def guard(route: Any) -> None:
        if route.request.url.startswith(NEAR):
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    def open_page(**choices: Any) -> Any:
        context = browser.new_context(**choices)
        contexts.append(context)
        context.route("**/*", guard)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not strangers, f"the page asked other machines for {strangers}"


def violations(page: Any) -> list[str]:
    """One sentence for each broken rule of WCAG 2.1, levels A and AA."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from axe_playwright_python.sync_playwright import Axe

    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    found = []
    for each in Axe().run(page, options=rules).response["violations"]:
        where = ", ".join(str(node["target"]) for node in each["nodes"][:3])
        found.append(f"{each['id']}: {each['help']} ({where})")
    return found
