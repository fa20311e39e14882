"""Generated pages tell all that there is, and the check sees when they do not.

Whether they are fresh is asked by `make check`.
"""

import ast
import re
import sys
from pathlib import Path

import pytest

from scripts import docs
from tests.docs.pages import ROOT


def test_a_stale_page_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(docs, "REFERENCE", tmp_path)
    monkeypatch.setattr(docs, "pictures", lambda: False)
    monkeypatch.setattr(docs, "pages", lambda: {"a.md": "new", "b.md": "same"})
    (tmp_path / "a.md").write_text("old", encoding="utf-8")
    (tmp_path / "b.md").write_text("same", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["docs", "--check"])
    assert docs.main() == 1
    said = capsys.readouterr().err
    assert "a.md is stale" in said
    assert "b.md" not in said
    monkeypatch.setattr(sys, "argv", ["docs"])
    assert docs.main() == 0
    monkeypatch.setattr(sys, "argv", ["docs", "--check"])
    assert docs.main() == 0


def test_every_public_method_is_told() -> None:
    page = docs.stoopstat()
    for path in (ROOT / "src" / "stoopstat").glob("[!_]*.py"):
        for node in docs.public(ast.parse(path.read_text(encoding="utf-8"))):
            assert node.name in page
            assert ast.get_docstring(node), f"{path.stem}.{node.name} has no docstring"


def test_every_setting_is_told() -> None:
    files = [*(ROOT / "src").rglob("*.py"), ROOT / "conftest.py", *(ROOT / "bench").rglob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    used = set(re.findall(r"environ\.get\(\s*\"(STOOP_[A-Z_]+)\"", text))
    assert used
    assert {name for name in used if f"`{name}`" not in docs.settings()} == set()


def test_a_long_signature_stands_on_lines_of_its_own() -> None:
    source = (
        "def scan(x: int, /, y: int = 1, *, kind: Literal['a', 'b'] = 'a', rng: Generator)"
        " -> dict[str, int]: ..."
    )
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    assert docs.signature(node).splitlines() == [
        "scan(",
        "    x: int,",
        "    /,",
        "    y: int = 1,",
        "    *,",
        "    kind: Literal['a', 'b'] = 'a',",
        "    rng: Generator,",
        ") -> dict[str, int]",
    ]


def test_every_role_and_permission_is_told() -> None:
    from stoop.accounts.permissions import ROLES, SAYS, Permission

    assert set(SAYS) == set(Permission), "each permission is said in words"
    page = docs.roles()
    for role in ROLES.values():
        assert f"## {role.label}\n\n{role.sentence}" in page
    rows = dict(re.findall(r"^\| (.+?) (\|(?: yes \|| \|)+)$", page, re.M))
    for permission, words in SAYS.items():
        cells = [cell.strip() for cell in rows[words].strip("|").split("|")]
        held = [permission in role.permissions for role in ROLES.values()]
        assert [cell == "yes" for cell in cells] == held, permission
    assert "No role exists for prosecutors" in page
