"""Every deed leaves an event: an action that writes, also through its helpers, records.

Read from the syntax tree, so it knows calls by name: a function of the same module's actions,
called directly or handed on, counts as called. That a path through the function may write and
return before it records, the rule cannot see; the module's own tests ask for the event.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.borders import is_write
from tests.architecture.tree import Source, dotted, imported, sources

RECORDS = {f"stoop.ledger.actions.events.{name}" for name in ("record", "record_all")}
# Actions, or whole files of them, that write and leave no event, each with its reason.
SILENT = {
    "stoop.ledger.actions.duties": "takes up and lays down work; the event is what obliged to it",
    "stoop.incidents.actions.sources.desk": "made once, by the first report, which is the event",
    "stoop.config.actions.beats": "a sign of life every few seconds is no deed",
}


@dataclass(frozen=True)
class Deed:
    """A function of some `actions`: what it names of the house, and whether it writes itself."""

    name: str
    at: str
    writes: bool
    names: frozenset[str]

    @property
    def module(self) -> str:
        return self.name.split(".")[1]


def events(root: Path, silent: Iterable[str] = tuple(SILENT)) -> list[str]:
    """What can be called from outside and writes must reach `record` or `record_all`."""
    all_sources = [source for source in sources(root) if source.house and not source.is_test]
    exported = dict(_exported(all_sources))
    deeds = {
        deed.name: deed
        for source in all_sources
        if source.room == "actions"
        for deed in _deeds(source, exported)
    }
    entered = {*exported.values(), *_entered(all_sources, exported)}
    complaints = []
    for name in sorted(entered & set(deeds)):
        if any(name == each or name.startswith(f"{each}.") for each in silent):
            continue
        reached = _reached(deeds[name], deeds)
        if any(each.writes for each in reached) and not any(_records(each) for each in reached):
            complaints.append(f"{deeds[name].at} {name} writes and leaves no event")
    known = {part for name in deeds for part in (name, name.rpartition(".")[0])}
    gone = sorted(set(silent) - known)
    return complaints + [f"SILENT names {name}, which is no action" for name in gone]


def _records(deed: Deed) -> bool:
    return not RECORDS.isdisjoint({deed.name, *deed.names})


def _reached(deed: Deed, deeds: dict[str, Deed]) -> list[Deed]:
    """The deed and everything that it names among the actions of its own module."""
    found, todo = {deed.name: deed}, [deed]
    while todo:
        for name in todo.pop().names:
            other = deeds.get(name)
            if other and name not in found and other.module == deed.module:
                found[name] = other
                todo.append(other)
    return list(found.values())


def _exported(found: list[Source]) -> Iterator[tuple[str, str]]:
    """(name at the door, where the function stands) of what an `actions/__init__` brings up."""
    for source in found:
        if source.room == "actions" and source.path.name == "__init__.py":
            for _, short, target in imported(source):
                if target.startswith(f"{source.module}."):
                    yield f"{source.module}.{short}", target


def _entered(found: list[Source], exported: dict[str, str]) -> Iterator[str]:
    """Actions that a file outside the module's own actions names, and those of a single file."""
    for source in found:
        if source.room == "actions":
            if source.path.name == "actions.py":
                for name, node in _functions(source):
                    if not node.name.startswith("_"):
                        yield name
            mine = f"stoop.{source.house}."
        else:
            mine = ""
        known = _known(source)
        for name in _names(source.tree, known, exported):
            if ".actions." in name and not (mine and name.startswith(mine)):
                yield name


def _functions(source: Source) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in source.tree.body:
        for each in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                owner = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
                yield f"{source.module}.{owner}{each.name}", each


def _known(source: Source) -> dict[str, str]:
    """What a name in the file stands for: imported things, and what the file defines itself."""
    known = {short: target for _, short, target in imported(source)}
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            known[node.name] = f"{source.module}.{node.name}"
    return known


def _names(tree: ast.AST, known: dict[str, str], exported: dict[str, str]) -> Iterator[str]:
    """Everything of the house that is named below the node, where it really stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            first, _, rest = dotted(node).partition(".")
            if first in known:
                name = f"{known[first]}.{rest}" if rest else known[first]
                yield exported.get(name, name)


def _deeds(source: Source, exported: dict[str, str]) -> Iterator[Deed]:
    known = _known(source)
    for name, function in _functions(source):
        writes = any(
            isinstance(node, ast.Call) and is_write(node, owns_models=True)
            for node in ast.walk(function)
        )
        yield Deed(
            name,
            source.at(function.lineno),
            writes,
            frozenset(_names(function, known, exported)),
        )
