"""`python -m scripts.docs [--check]`: the generated pages of docs/reference, made from the code,
and the picture in the README.

With --check nothing is written; a page that no longer says what the code says is named, and the
exit code is 1.
"""

import argparse
import ast
import configparser
import inspect
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

from scripts.pictures import pictures

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src"
REFERENCE = ROOT / "docs" / "reference"
MADE = "*Made by `make docs` from {source}; change it there.*\n"
DOORS = ("actions", "queries", "public", "permissions", "readers", "studies")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say which pages are stale")
    check = parser.parse_args().check
    stale = [name for name, text in pages().items() if _read(REFERENCE / name) != text]
    if check:
        for name in stale:
            say(f"docs/reference/{name} is stale; make it anew with: make docs")
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    say(f"{len(stale)} of {len(pages())} generated pages changed")
    drawn = pictures()
    say("docs/images made anew" if drawn else "no Chromium: docs/images stays as it is")
    return 0


def pages() -> dict[str, str]:
    """Every generated page: its file name in docs/reference and its text."""
    return {
        "stoopstat.md": stoopstat(),
        "cli.md": cli(),
        "house-map.md": house_map(),
        "settings.md": settings(),
        "roles.md": roles(),
    }


def say(text: str) -> None:
    sys.stderr.write(f"docs: {text}\n")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


# The numbers


def stoopstat() -> str:
    """Each public function and result of the numbers, with its docstring."""
    parts = [
        "# stoopstat, the numbers\n",
        MADE.format(source="the docstrings in `src/stoopstat/`"),
        "Each method is one file. Data are positional, choices are keyword-only, units are in the\n"
        "names, and a result always has all its fields.\n",
    ]
    for path in sorted((SRC / "stoopstat").glob("[!_]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = list(public(tree))
        if named:
            parts.append(f"## {path.stem}\n")
            parts.append(f"{ast.get_docstring(tree) or ''}\n")
            parts += [_described(node) for node in named]
    return "\n".join(parts)


Definition = ast.FunctionDef | ast.ClassDef


def public(tree: ast.Module) -> Iterator[Definition]:
    """Functions and classes at the top of a file that have no underscore."""
    for node in tree.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node


def _described(node: Definition) -> str:
    first, _, rest = (ast.get_docstring(node) or "").partition("\n")
    if isinstance(node, ast.ClassDef):
        head = f"### class {node.name}\n\n{first}\n\n```python\n{_fields(node)}\n```\n"
    else:
        head = f"### {node.name}\n\n{first}\n\n```python\n{signature(node)}\n```\n"
    rest = rest.strip("\n")
    return head + (f"\n```text\n{rest}\n```\n" if rest else "")


def signature(node: ast.FunctionDef) -> str:
    """The call as one would write it, one argument a line where it is long."""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    line = f"{node.name}({', '.join(_arguments(node.args))}){returns}"
    if len(line) <= 88:
        return line
    arguments = ",\n    ".join(_arguments(node.args))
    return f"{node.name}(\n    {arguments},\n){returns}"


def _arguments(args: ast.arguments) -> Iterator[str]:
    """Each argument as it is written, with the star that makes the rest keyword-only."""
    plain = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
    for number, (each, default) in enumerate(zip(plain, defaults, strict=True), 1):
        yield _argument(each, default)
        if number == len(args.posonlyargs):
            yield "/"
    if args.vararg or args.kwonlyargs:
        yield f"*{ast.unparse(args.vararg)}" if args.vararg else "*"
    for each, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield _argument(each, default)
    if args.kwarg:
        yield f"**{ast.unparse(args.kwarg)}"


def _argument(each: ast.arg, default: ast.expr | None) -> str:
    return ast.unparse(each) + (f" = {ast.unparse(default)}" if default else "")


def _fields(node: ast.ClassDef) -> str:
    lines = [ast.unparse(each) for each in node.body if isinstance(each, ast.AnnAssign)]
    methods = [
        f"{each.name}(...)"
        for each in node.body
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("_")
    ]
    return "\n".join([*lines, *methods]) or "..."


# The command line


def cli() -> str:
    """Each command with its arguments and options, from the commands themselves."""
    import typer

    from stoop.config.cli import app

    group: Any = typer.main.get_command(app)
    parts = [
        "# The command `stoop`\n",
        MADE.format(source="`src/stoop/config/cli/`"),
        "A refusal is one sentence on standard error, with exit code 2: what is wrong and how to\n"
        "mend it. Progress goes to standard error, results to standard output.\n",
    ]
    for name, command in _commands(group):
        parts.append(f"## stoop {name}\n")
        parts.append(f"{inspect.cleandoc(command.help or '')}\n")
        if not hasattr(command, "commands"):
            parts.append(_parameters(command))
    return "\n".join(parts)


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """(name, command) of each command; a group stands before its own commands."""
    for name, command in group.commands.items():
        yield before + name, command
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")


def _parameters(command: Any) -> str:
    rows = ["| argument or option | default | what it is |\n|---|---|---|"]
    for each in command.params:
        is_option = each.param_type_name == "option"
        flags = ", ".join([*each.opts, *each.secondary_opts]) if is_option else each.name.upper()
        if "--help" in each.opts or getattr(each, "hidden", False):
            continue
        default = "" if callable(each.default) else _default(each.default)
        need = "required" if each.required else default
        told = " ".join((getattr(each, "help", None) or "").split())
        rows.append(_row(f"`{flags}`", need, told))
    return "\n".join(rows) + "\n" if len(rows) > 1 else ""


def _default(value: Any) -> str:
    if value is None or value is False or value == () or type(value).__name__ == "Sentinel":
        return ""
    return f"`{getattr(value, 'value', value)}`"


# The house


def house_map() -> str:
    """Each module on its floor: what it is for, its doors, and what it looks down on."""
    import grimp

    graph = grimp.build_graph("stoop", cache_dir=None)
    layers = _floors()
    names = [name for layer in layers for name in layer]
    built = [name for name in names if (SRC / "stoop" / name / "__init__.py").exists()]
    doors = {name: told for name in built if (told := _doors(SRC / "stoop" / name))}
    parts = [
        "# Map of the house\n",
        MADE.format(source="`.importlinter`, the modules' README.md and their imports"),
        "Floors from top to bottom. A module looks down, never up, and enters another by a door.\n",
        "| module | what it is for | looks down on |\n|---|---|---|",
    ]
    for name in built:
        below = ", ".join(f"`{each}`" for each in built if each in _looks_at(graph, name))
        link = f"[`{name}`](#{name})" if name in doors else f"`{name}`"
        parts.append(_row(link, _purpose(name), below))
    drawn = ", ".join(f"`{name}`" for name in names if name not in built)
    parts.append(f"\nDrawn, and built when the first feature needs them: {drawn}.\n")
    parts += [f"## {name}\n\n{told}" for name, told in doors.items()]
    return "\n".join(parts)


def _row(*cells: str) -> str:
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


def _floors() -> list[list[str]]:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    lines = contracts["importlinter:contract:floors"]["layers"].strip().splitlines()
    return [[name.strip(" ()") for name in re.split("[|:]", line)] for line in lines]


def _looks_at(graph: Any, name: str) -> set[str]:
    seen = set()
    for importer in {f"stoop.{name}", *graph.find_descendants(f"stoop.{name}")}:
        if "tests" not in importer.split("."):
            for target in graph.find_modules_directly_imported_by(importer):
                seen.update(target.split(".")[1:2])
    return seen - {name}


def _purpose(name: str) -> str:
    """First sentence of the module's README."""
    body = _read(SRC / "stoop" / name / "README.md").partition("\n")[2].strip()
    paragraph = " ".join(body.split("\n\n")[0].split())
    return re.split(r"(?<=[.])\s", paragraph)[0]


def _doors(module: Path) -> str:
    lines = []
    for door in DOORS:
        path = module / f"{door}.py"
        path = path if path.exists() else module / door / "__init__.py"
        if path.exists():
            names = ", ".join(f"`{name}`" for name in _exports(path))
            lines.append(f"- **{door}**: {names or 'nothing yet'}\n")
    return "".join(lines)


def _exports(path: Path) -> list[str]:
    """What a door offers: its `__all__`, else the public names that it defines or passes on."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node.name for node in public(tree)]
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return sorted(ast.literal_eval(node.value))
        passes_on = isinstance(node, ast.ImportFrom) and path.name == "__init__.py"
        if passes_on and (node.module or "").startswith("stoop."):
            found += [alias.asname or alias.name for alias in node.names]
    return sorted(found)


# Settings


def settings() -> str:
    """Each variable of the environment, with its default and the comment above it."""
    path = SRC / "stoop" / "config" / "settings.py"
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    rows = []
    for node in ast.parse(text).body:
        if not isinstance(node, ast.Assign):
            continue
        for variable, default in _variables(node):
            above = node.lineno - 2
            comment: list[str] = []
            while above >= 0 and lines[above].startswith("#"):
                comment.insert(0, lines[above].lstrip("# "))
                above -= 1
            told = " ".join(comment) or f"Django's `{ast.unparse(node.targets[0])}`."
            rows.append(_row(f"`{variable}`", f"`{default}`" if default else "", told))
    return "\n".join(
        [
            "# Settings\n",
            MADE.format(source="`src/stoop/config/settings.py`"),
            "Stoop needs no setting to make a brief. These are read from the environment:\n",
            "| variable | default | what it does |\n|---|---|---|",
            *rows,
            "| `STOOP_REAL_DATA` | `../shared/data` | Only for tests and `make bench`: the folder "
            "that holds `nyc/`, the public New York files. |\n",
        ]
    )


def _variables(node: ast.AST) -> Iterator[tuple[str, str]]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "os.environ.get":
            name, default = (ast.literal_eval(each) for each in call.args)
            yield name, default


# Roles


def roles() -> str:
    """Each role in one sentence, what it may do in words, and all of them as a table."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoop.config.settings")
    django.setup()
    from stoop.accounts.permissions import ROLES, SAYS, Permission

    parts = [
        "# Roles: who may do what\n",
        MADE.format(source="`src/stoop/accounts/permissions.py`"),
        "A role holds at one site or in the whole city, from one day to another. Whoever has no\n"
        "role sees nothing but their own account; what one may not see answers as if it were not\n"
        "there. **No role exists for prosecutors, and none can be given to one**: the police\n"
        "liaison reports shootings and sees nothing of people, of sites' work or of responses.\n",
    ]
    for role in ROLES.values():
        where = "At one site." if role.at_site else "In the whole city."
        factor = "Needs a second factor." if role.staff else "A second factor is offered."
        parts.append(f"## {role.label}\n\n{role.sentence} {where} {factor}\n\nMay:\n")
        parts += [f"- {SAYS[each]}" for each in Permission if each in role.permissions]
        parts.append("")
    parts += ["## As a table\n", _row("may", *(role.label for role in ROLES.values()))]
    parts.append("|---" * (len(ROLES) + 1) + "|")
    for each in Permission:
        held = ("yes" if each in role.permissions else "" for role in ROLES.values())
        parts.append(_row(SAYS[each], *held))
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main())
