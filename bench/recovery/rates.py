"""What hundreds of draws say of one number: its bias, whether its error is honest, how often it
covers and how often it finds; each rate with the error of having drawn so few."""

from dataclasses import dataclass

import numpy as np

from bench.recovery.asking import Asked, Found

LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Rate:
    """hits of n, and the 95% interval of the share (Wilson's)."""

    hits: int
    n: int

    @property
    def share(self) -> float:
        return self.hits / self.n

    @property
    def interval(self) -> tuple[float, float]:
        z, n, p = 1.959963984540054, self.n, self.share
        middle, reach = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
        return ((middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n))

    def holds(self, nominal: float) -> bool:
        low, high = self.interval
        return low <= nominal <= high


@dataclass(frozen=True, slots=True)
class Summary:
    """One number over the draws that have it.

    draws: all; with_number: those with one. done: mean log change that the programs made, truth:
    mean of what the estimator says of expected counts; bias: mean of estimate - truth, bias_se its
    error; sd: of estimate - truth; se: mean of what it said its error was. covers: intervals that
    hold the truth; covers_done: those that hold what the programs did; finds: p below LEVEL.
    """

    draws: int
    with_number: int
    done: float
    truth: float
    bias: float
    bias_se: float
    sd: float
    se: float
    covers: Rate
    covers_done: Rate | None
    finds: Rate


def summary(found: list[Found], draws: int) -> Summary | None:
    """None where fewer than two draws have the number, or its truth is unknown in all of them."""
    kept = [each for each in found if np.isfinite(each.truth)]
    if len(kept) < 2:
        return None
    estimate, se, reach, p, truth, done = np.array(
        [(f.estimate, f.se, f.reach, f.p, f.truth, f.done) for f in kept]
    ).T
    off, wide = estimate - truth, reach * se
    known = np.isfinite(done).all()
    return Summary(
        draws=draws,
        with_number=len(kept),
        done=float(done.mean()),
        truth=float(truth.mean()),
        bias=float(off.mean()),
        bias_se=float(off.std(ddof=1) / np.sqrt(off.size)),
        sd=float(off.std(ddof=1)),
        se=float(se.mean()),
        covers=_rate(np.abs(off) <= wide),
        covers_done=_rate(np.abs(estimate - done) <= wide) if known else None,
        finds=_rate(p < LEVEL),
    )


def numbers(draws: list[Asked]) -> dict[str, Summary]:
    names = dict.fromkeys(name for each in draws for name in each.found)
    found = {
        name: summary([each.found[name] for each in draws if name in each.found], len(draws))
        for name in names
    }
    return {name: each for name, each in found.items() if each is not None}


def checks(draws: list[Asked]) -> dict[str, Rate]:
    """How often each joint test finds movement before the start."""
    names = dict.fromkeys(name for each in draws for name in each.checks)
    return {
        name: _rate(np.array([d.checks[name] < LEVEL for d in draws if name in d.checks]))
        for name in names
    }


def verdicts(draws: list[Asked]) -> dict[str, Rate]:
    return {
        said: _rate(np.array([each.verdict == said for each in draws]))
        for said in ("fell", "rose", "open", "none")
    }


def _rate(hits: np.ndarray) -> Rate:
    return Rate(int(hits.sum()), int(hits.size))
