"""The published Poisson answers on New York's precincts by year, and how to compare with them."""

import json
from functools import cache
from pathlib import Path

import pytest

from stoopstat.events import Bools
from stoopstat.impact.design import Treated, treated
from stoopstat.impact.poisson import Fit
from stoopstat.tests.nyc_staggered import FIRST, precincts

ERRORS = {"model": "se_model", "HC0": "se_hc0", "HC1": "se", "CR1": "se_cluster_precinct"}


@cache
def answers(folder: Path) -> dict:
    return json.loads((folder / "expected_evaluation_2006_2020.json").read_text())


def sample(folder: Path, name: str) -> Treated:
    """The samples that the treatment years alone define."""
    _, counts, onset = precincts(folder)
    start, never = onset + FIRST, onset == onset.max()
    periods = 14 if name == "preCovid" else 15
    units: dict[str, Bools] = {
        "main": never | ~never,
        "preCovid": never | (start <= 2018),
        "onlyCure": ~never,
        "early": never | (start <= 2014),
        "mid": never | ((start >= 2015) & (start <= 2016)),
        "late": never | (start >= 2019),
    }
    return treated(counts[units[name], :periods], onset[units[name]])


def same(fit: Fit, answer: dict) -> None:
    """Every number of the answer, to 1e-6 and better."""
    said = (fit.n, fit.k, fit.deviance, fit.loglik, fit.dispersion)
    keys = ("n", "k_params", "deviance", "loglik", "pearson_dispersion")
    assert said == pytest.approx([answer[key] for key in keys], abs=1e-6)
    assert list(fit.names) == list(answer["terms"])
    for name, wanted in answer["terms"].items():
        for se_type, key in ERRORS.items():
            assert fit.estimate(name, se_type=se_type).se == pytest.approx(wanted[key], abs=1e-8)
        robust, clustered = fit.estimate(name), fit.estimate(name, se_type="CR1")
        assert robust.estimate == pytest.approx(wanted["coef"], abs=1e-8)
        assert robust.p == pytest.approx(wanted["p"], abs=1e-8)
        assert clustered.p == pytest.approx(wanted["p_cluster_precinct"], abs=1e-8)
        assert robust.n == wanted["n"]
