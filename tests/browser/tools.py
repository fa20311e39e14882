"""Chromium and the accessibility rules, for the fixtures in conftest.py."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
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
    # No other machine is found, by name or by number. Asking Python about each request instead
    # would take the browser's memory of files away: every page would load every one of them anew.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
NEAR = ("file:", "data:", "blob:", "http://127.0.0.1", "http://localhost")


@contextmanager
def pages(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open pages that may speak to this machine alone; one that asks another raises at the end."""
    contexts = []
    strangers: list[str] = []

    def asked(request: Any) -> None:
        if not request.url.startswith(NEAR):
            strangers.append(request.url)

    def open_page(**choices: Any) -> Any:
        context = browser.new_context(**choices)
        contexts.append(context)
        context.on("request", asked)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not strangers, f"the page asked other machines for {strangers}"


# The rules are looked at by the page; only what is broken comes back, as sentences.
BROKEN = """async () => {
  const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
  const found = await axe.run({ runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
  return found.violations.map(({ id, help, nodes }) =>
    `${id}: ${help} (${nodes.slice(0, 3).map((node) => node.target).join(', ')})`);
}"""


@cache
def _axe() -> str:
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Any) -> list[str]:
    """One sentence for each broken rule of WCAG 2.1, levels A and AA."""
    page.evaluate(_axe())
    found: list[str] = page.evaluate(BROKEN)
    return found
