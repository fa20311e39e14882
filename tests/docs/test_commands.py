"""What a page tells the reader to type works: make targets, commands and their options."""

import re
import shlex

import click
import pytest
import typer

from stoop.config.cli import app
from tests.docs.pages import ROOT, Page, pages

PAGES = pages()
GROUP = typer.main.get_command(app)
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def wrong_commands(page: Page) -> list[str]:
    """Commands of a page that would not run as they stand there."""
    wrong = []
    for line in page.commands():
        words = [word for word in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=.*", word)]
        if words[0] == "make":
            wrong += [f"make {word}" for word in words[1:] if word not in TARGETS]
        elif words[0].removeprefix(".venv/bin/") == "stoop":
            wrong += _refused(words[1:])
    for span in page.spans():
        words = span.split()
        if words[0] == "make" and len(words) == 2 and words[1] not in TARGETS:
            wrong.append(span)
        if words[0] == "stoop" and len(words) > 1 and words[1] not in GROUP.commands:
            wrong += _refused(words[1:])
    return wrong


def _refused(words: list[str]) -> list[str]:
    command, rest = GROUP, words
    while hasattr(command, "commands") and rest and rest[0] in command.commands:
        command, rest = command.commands[rest[0]], rest[1:]
    try:
        command.make_context("stoop", rest)
    except (click.exceptions.Exit, typer.Exit):
        return []
    except Exception as error:  # click and typer have families of their own
        return [f"stoop {' '.join(words)}: {getattr(error, 'message', error)}"]
    unknown = hasattr(command, "commands") and not (rest and rest[0].startswith("-"))
    return [f"stoop {' '.join(words)}: no such command"] if unknown else []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_work_as_they_stand(page: Page) -> None:
    assert wrong_commands(page) == []


@pytest.mark.parametrize(
    ("block", "count"),
    [
        ("make demo\nPYTHON=python3 make setup", 0),
        ("make coffee", 1),
        ("stoop brief A.csv --out brief", 0),
        (".venv/bin/stoop brief A.csv \\\n  --colour red", 1),
        ("stoop forecast A.csv", 1),
        ("stoop divine A.csv", 1),
        ("stoop load areas A.geojson --kind precinct", 0),
        ("stoop load areas A.geojson --colour red", 1),
        ("stoop load dreams A.csv", 1),
        ("stoop --version", 0),
    ],
)
def test_a_wrong_command_is_seen(block: str, count: int) -> None:
    page = Page(ROOT / "page.md", f"```bash\n{block}\n```\n")
    assert len(wrong_commands(page)) == count


def test_a_wrong_command_in_a_sentence_is_seen() -> None:
    page = Page(ROOT / "page.md", "Type `make coffee` or `stoop divine`, not `make demo`.")
    assert len(wrong_commands(page)) == 2
