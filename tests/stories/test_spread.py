"""A study worked out by two workers of a Dask cluster is the study that the plain loop makes."""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from stoop.evaluation.actions import publish_study
from stoop.evaluation.tests.factories import DESIGN, town
from stoop.evaluation.views.page import study_page
from stoop.kernel.cluster import spread
from stoop.kernel.errors import Refusal
from tests.stories.dying import squared
from tests.stories.test_evaluate_command import stoop

distributed = pytest.importorskip("distributed")
NOBODY = "tcp://127.0.0.1:1"


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Address of a cluster of two workers, processes of their own on loopback."""
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs="CRITICAL",
    ) as cluster:
        yield cluster.scheduler_address


def test_the_same_bytes_by_two_workers(scheduler: str, tmp_path: Path) -> None:
    study = town(tmp_path, design='estimators = ["synthetic"]\n' + DESIGN)
    publish_study(study=study, out=tmp_path / "plain", render=study_page)
    done = stoop("evaluate", study, "--out", "shared", "--cluster", scheduler, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "distributed" not in done.stderr
    for path in sorted((tmp_path / "plain").iterdir()):
        assert (tmp_path / "shared" / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_worker_that_dies_is_replaced(scheduler: str, tmp_path: Path) -> None:
    died = tmp_path / "died"
    with spread(scheduler) as each:
        assert list(each(partial(squared, died), range(40))) == [n * n for n in range(40)]
    assert died.exists()
    # What is not the cluster's fault is said as it is.
    with spread(scheduler) as each, pytest.raises(ZeroDivisionError):
        list(each(partial(divmod, 1), range(3)))


def test_a_cluster_that_nobody_answers_for_is_one_sentence(monkeypatch) -> None:
    monkeypatch.setattr("stoop.kernel.cluster.PATIENCE_S", 1)
    for address in (NOBODY, "nowhere"):
        with pytest.raises(Refusal, match=f"No Dask scheduler answers at {address};"):
            spread(address).__enter__()
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Refusal, match="pip install distributed"):
        spread(NOBODY).__enter__()


def test_other_versions_are_refused(scheduler: str, monkeypatch) -> None:
    monkeypatch.setattr("stoop.kernel.cluster.__version__", "0.0.0")
    with pytest.raises(Refusal, match=r"this machine Stoop 0\.0\.0"):
        spread(scheduler).__enter__()


def test_without_a_cluster_it_is_a_plain_loop() -> None:
    with spread(None) as each:
        assert list(each(str, range(2))) == ["0", "1"]
