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

from stoop.kernel import progress

# A pipe has no width of its own; a table that is cut helps nobody.
_PIPE_WIDTH = 160
_out = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
_err = Console(stderr=True)


@contextmanager
def steps() -> Iterator[progress.Progress]:
    """A progress line for the terminal; a plain line per step where there is no terminal."""
    if not _err.is_terminal:
        yield lambda step, number, of: _err.print(f"{number}/{of} {step}", highlight=False)
        return
    columns = (SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=_err, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def report(step: str, number: int, of: int) -> None:
            bar.update(task, description=step, completed=number - 1, total=of)

        yield report


def as_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> None:
    """Print rows; the first column is text, the others are numbers."""
    shown = Table(title=title, title_justify="left", caption=note or None, caption_justify="left")
    for i, name in enumerate(head):
        shown.add_column(name, justify="left" if i == 0 else "right", no_wrap=True)
    for row in rows:
        shown.add_row(*row)
    _out.print(shown)


def say(text: str) -> None:
    """One line for the person at the terminal."""
    _err.print(text, highlight=False, soft_wrap=True)
