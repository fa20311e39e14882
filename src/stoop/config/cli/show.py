"""How commands show themselves: progress on standard error, tables and JSON on standard output."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from stoop.kernel import progress

# A pipe has no width of its own; a table that is cut helps nobody.
_PIPE_WIDTH = 160
_err = Console(stderr=True)


@contextmanager
def steps() -> Iterator[progress.Progress]:
    """A progress line for the terminal; a plain line per step where there is no terminal."""
    if not _err.is_terminal:
        yield lambda step, number, of: _err.print(
            f"{number}/{of} {step}", highlight=False, markup=False
        )
        return
    columns = (SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=_err, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def report(step: str, number: int, of: int) -> None:
            bar.update(task, description=step, completed=number - 1, total=of)

        yield report


def as_json(value: Any) -> None:
    """Print a value as JSON."""
    unicode = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
    typer.echo(json.dumps(value, indent=2, ensure_ascii=not unicode, allow_nan=False))


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> None:
    """Print rows; the first column is text, the others are numbers."""
    shown = Table(title=title, title_justify="left", caption=note or None, caption_justify="left")
    for i, name in enumerate(head):
        shown.add_column(name, justify="left" if i == 0 else "right", no_wrap=True)
    for row in rows:
        shown.add_row(*(Text(_harmless(cell)) for cell in row))
    terminal = sys.stdout is not None and sys.stdout.isatty()
    Console(width=None if terminal else _PIPE_WIDTH).print(shown)


def _harmless(text: str) -> str:
    """Text of a file without what would steer a terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def say(text: str) -> None:
    """One line for the person at the terminal."""
    _err.print(text, highlight=False, soft_wrap=True, markup=False)
