"""Links lead somewhere, pages can be found, records are whole, first pages stay short."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Page, pages

PAGES = pages()
DECISIONS = [page for page in PAGES if page.path.parent.name == "decisions"]
OUTSIDE = ("http://", "https://", "mailto:")


def broken(page: Page) -> list[str]:
    """Links of a page that lead nowhere."""
    wrong = []
    for link in page.links():
        if link.startswith(OUTSIDE):
            continue
        file, _, anchor = link.partition("#")
        target = (page.path.parent / file).resolve() if file else page.path
        if not target.exists():
            wrong.append(f"{link}: no such file")
        elif anchor and anchor not in Page(target, target.read_text(encoding="utf-8")).anchors():
            wrong.append(f"{link}: no such heading")
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Page) -> None:
    assert broken(page) == []


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    page = Page(path, "# One two\n[a](#one-two) [b](#three) [c](gone.md) [d](https://a.example)")
    path.write_text(page.text, encoding="utf-8")
    assert broken(page) == ["#three: no such heading", "gone.md: no such file"]


def test_every_page_can_be_found() -> None:
    linked = {
        (page.path.parent / link.partition("#")[0]).resolve()
        for page in PAGES
        for link in page.links()
        if not link.startswith(OUTSIDE)
    }
    lost = {page.name for page in PAGES if "docs" in page.path.parts and page.path not in linked}
    assert lost == set()


@pytest.mark.parametrize(("name", "most"), [("README.md", 150), ("CONTRIBUTING.md", 200)])
def test_first_pages_stay_short(name: str, most: int) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= most


def test_decisions_are_numbered_in_a_row() -> None:
    numbers = [int(page.path.name[:4]) for page in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.path.stem)
def test_a_decision_is_whole(page: Page) -> None:
    heads = re.findall(r"^## (.*)$", page.text, re.MULTILINE)
    assert heads == ["Context", "Decision", "Consequences", "Rejected alternatives"]
    assert page.text.startswith(f"# {page.path.name[:4]}. ")
    assert re.search(r"^Date: \d{4}-\d{2}-\d{2}\.", page.text, re.MULTILINE)


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.path.stem)
def test_what_enforces_a_decision_is_there(page: Page) -> None:
    line = re.search(r"Enforced by: (.*)$", page.text, re.MULTILINE)
    assert line, "a decision names the test or file that enforces it"
    named = re.findall(r"`([^`]+)`", line[1])
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert named


def test_the_nearest_example_is_there() -> None:
    """The table 'Where does my change go?' names files to copy from that exist."""
    page = next(page for page in PAGES if page.name == "CONTRIBUTING.md")
    rows = page.text.partition("Where does my change go?")[2].partition("\n## ")[0]
    cells = [row.split("|")[3] for row in rows.splitlines() if row.startswith("| a")]
    named = re.findall(r"`([\w/]+\.py)`", " ".join(cells))
    roots = (ROOT, ROOT / "src", ROOT / "src" / "stoop")
    assert len(named) > 5
    assert [name for name in named if not any((root / name).exists() for root in roots)] == []
