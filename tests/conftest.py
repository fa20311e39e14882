"""What the whole run says at its end."""

from typing import Any

from tests.browser import tools


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say it where nobody overlooks it: under the results, in capitals."""
    if tools.CHROMIUM is None and terminalreporter.stats.get("skipped"):
        terminalreporter.section("BROWSER TESTS WERE SKIPPED", sep="*", red=True, bold=True)
        terminalreporter.line("No Chromium was found, so no page was checked in a browser.")
        terminalreporter.line("Mend: apt-get install chromium, then run make test again.")
