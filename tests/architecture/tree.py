"""A tree of Python sources, read once; the rules are small functions over it.

A rule takes a folder that holds the packages and returns complaints, one sentence each. An empty
list means the rule is kept. So the same function runs on the real tree and on a broken little one.
"""

import ast
import configparser
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"


@dataclass(frozen=True)
class Source:
    """One Python file: `module` is its dotted name, `parts` that name split at the dots."""

    path: Path
    module: str
    tree: ast.Module
    lines: int

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.module.split("."))

    @property
    def house(self) -> str:
        """The module of the house it belongs to ('precision'); empty outside `stoop`."""
        return self.parts[1] if self.parts[0] == "stoop" and len(self.parts) > 1 else ""

    @property
    def room(self) -> str:
        """The room inside that module ('studies'); empty for the module's own `__init__`."""
        return self.parts[2] if self.house and len(self.parts) > 2 else ""

    @property
    def is_test(self) -> bool:
        return "tests" in self.parts or self.path.name == "conftest.py"

    def at(self, line: int) -> str:
        return f"{self.module}:{line}"


@cache
def sources(root: Path) -> tuple[Source, ...]:
    """Every Python file below root, in order of name."""
    found = []
    for path in sorted(root.rglob("*.py")):
        names = list(path.relative_to(root).with_suffix("").parts)
        if names[-1] == "__init__":
            names.pop()
        text = path.read_text(encoding="utf-8")
        found.append(Source(path, ".".join(names), ast.parse(text), text.count("\n") + 1))
    return tuple(found)


def imported(source: Source) -> Iterator[tuple[int, str, str]]:
    """(line, name in the file, dotted target); `from a.b import c as d` gives `d` and `a.b.c`."""
    package = source.parts if source.path.name == "__init__.py" else source.parts[:-1]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.asname or alias.name, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            base += node.module.split(".") if node.module else []
            for alias in node.names:
                yield node.lineno, alias.asname or alias.name, ".".join([*base, alias.name])


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """(line, dotted target) of every import; `from a.b import c` gives `a.b.c`."""
    for line, _, target in imported(source):
        yield line, target


def dotted(node: ast.AST) -> str:
    """The dotted name an expression spells ('np.random.seed'); calls are looked through."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return node.id if isinstance(node, ast.Name) else ""


def modules(root: Path) -> list[Path]:
    """The folders of `stoop` that are modules of the house."""
    return [
        folder
        for folder in sorted((root / "stoop").iterdir())
        if folder.is_dir() and (folder / "__init__.py").exists()
    ]


@cache
def floors() -> dict[str, int]:
    """Module of the house -> its floor, 0 the lowest; read from the import contracts."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    layers = contracts["importlinter:contract:floors"]["layers"].strip().splitlines()
    height = {}
    for floor, layer in enumerate(reversed(layers)):
        for name in layer.replace("|", ":").split(":"):
            height[name.strip(" ()")] = floor
    return height


def plant(root: Path, files: dict[str, str]) -> Path:
    """Write a little tree for a deliberate break; folders of Python files become packages."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        for folder in path.relative_to(root).parents:
            if path.suffix == ".py" and folder != Path():
                (root / folder / "__init__.py").touch()
    return root
