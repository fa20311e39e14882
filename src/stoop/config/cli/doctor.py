"""`stoop doctor`: what is wrong, and what mends it."""

from dataclasses import asdict

import typer
from rich.console import Console
from rich.text import Text

from stoop.config.actions import doctor as doctors
from stoop.config.cli import options, show

MARKS = {doctors.GOOD: "  ok  ", doctors.ODD: " look ", doctors.BAD: " MEND "}
STYLES = {doctors.GOOD: "green", doctors.ODD: "yellow", doctors.BAD: "bold red"}


def doctor(json: options.AsJson = False) -> None:
    """Say what is wrong with this set-up, and how to mend each; exit code 1 if anything is."""
    found = doctors.examine()
    bad = [each for each in found if each.state == doctors.BAD]
    if json:
        show.as_json({"ok": not bad, "found": [asdict(each) for each in found]})
    else:
        _print(found, len(bad))
    raise typer.Exit(1 if bad else 0)


def _print(found: list[doctors.Finding], bad: int) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for each in found:
        line = Text(MARKS[each.state], style=STYLES[each.state])
        line.append(f" {each.part}: {each.said}", style="default")
        console.print(line)
        if each.mend:
            console.print(Text(f"        {each.mend}"))
    console.print()
    console.print("All is well." if not bad else f"{bad} to mend.")
