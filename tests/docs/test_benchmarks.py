"""The page of benchmarks: aims are judged by figures, and every work keeps the contract."""

import ast

import pytest
from bench import report
from bench.harness import WORKS, last_words, work_names

OURS = {"cpu_s": 1.0, "wall_s": 2.0, "peak_mb": 250.0, "warm_cpu_s": 0.5, "runs": 3}
PEER = {"cpu_s": 30.0, "wall_s": 16.0, "peak_mb": 900.0}


@pytest.mark.parametrize(
    ("aim", "verdict"),
    [
        ("20 x less CPU", True),
        ("200 x less CPU", False),
        ("20 x less CPU, under 300 MB", True),
        ("20 x less CPU, under 200 MB", False),
        ("under 3 CPU s", True),
        ("under 1 s wall", False),
        ("under 15 s wall, under 1 GB", True),
        ("within 2 x of pandas", True),
        ("2 x faster, identical", True),
        ("faster than the faster one, exact", True),
        ("as good as can be", None),
    ],
)
def test_an_aim_is_judged_by_the_figures(aim: str, verdict: bool | None) -> None:
    assert report.met(aim, OURS, PEER) is verdict


def test_an_aim_without_the_peers_figure_is_not_judged() -> None:
    assert report.met("20 x less CPU", OURS, None) is None
    assert report.met("under 3 CPU s", None, PEER) is None


def test_the_page_says_what_is_quoted() -> None:
    row = {
        "title": "Scan",
        "peer": "SaTScan",
        "aim": "20 x less CPU",
        "machine": "2 cores",
        "ours": OURS,
        "theirs": PEER,
        "source": "a table",
        "trouble": "",
        "agreement": "The same clusters",
        "wrong": False,
    }
    page = report.page({"scan": row})
    assert "| Scan | 1.00 (2.00) | SaTScan *(quoted)* | 30.00 (16.00) | 30 x |" in page
    assert "**Scan.** The same clusters. Peer's figure: a table." in page


def test_an_error_is_told_without_this_machines_folders() -> None:
    said = "first\nERROR: none at file:///srv/mirror/six in /srv/cache/pip/six.whl\n"
    assert last_words(said) == "ERROR: none at  in six.whl"


@pytest.mark.parametrize("name", work_names())
def test_a_work_keeps_the_contract(name: str) -> None:
    tree = ast.parse((WORKS / f"{name}.py").read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    values = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    assert {"TITLE", "PEER", "PEER_REQUIRES", "QUOTED", "AIM"} <= values
    assert {"prepare", "warm", "ours", "agree"} <= names
