"""The command line: `stoop COMMAND`. Each command parses, calls a door of a module, and prints."""

import os
import sys

import django
import typer

from stoop import __version__
from stoop.config.cli import analyses, brief, demo
from stoop.kernel.errors import Refusal

app = typer.Typer(
    name="stoop",
    help="Where gun violence concentrates, how sure we are, and what is done about it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("brief")(brief.brief)
app.command("forecast")(analyses.forecast)
app.command("knox")(analyses.knox)
app.command("scan")(analyses.scan)
app.command("rank")(analyses.rank)
app.command("demo")(demo.demo)
app.command("serve")(demo.serve)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"stoop {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    pass


def main() -> None:
    """Run a command; a refusal is one sentence on standard error and exit code 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoop.config.settings")
    django.setup()
    try:
        app()
    except Refusal as refusal:
        typer.echo(f"stoop: {refusal}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(1)
