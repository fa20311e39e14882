"""Had the starts fallen elsewhere: what the same estimate finds where nothing began."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints
from stoopstat.impact.design import Each, Refused
from stoopstat.impact.poisson import paths, poisson
from stoopstat.impact.twoway import FITTED, solve

BLOCK = 64


@dataclass(frozen=True, slots=True)
class Draws:
    """The work of a permutation test, cut into blocks that know nothing of each other.

    outcome: (U, T), 0 where dropped. terms: (K, C, T) and used: (C, T), one row for each of the C
    treatment paths. sizes: (C,) units on each. term: which of the K is asked for. draws: B. seed.
    """

    outcome: Floats
    terms: Floats
    used: Bools
    sizes: Ints
    term: int
    draws: int
    seed: int

    @property
    def blocks(self) -> range:
        """Numbers of the blocks; together, in order, they are all draws."""
        return range(-(-self.draws // BLOCK))


@dataclass(frozen=True, slots=True)
class Permutation:
    """estimate: with the starts as they were. drawn: (B,) with starts re-drawn, NaN where a draw
    has no estimate; failed: how many. p_two_sided: share at least as far from 0; p_lower, p_upper:
    share at most, at least as high; the real one counted in, and failed draws counted as extreme.
    mean, sd: of the drawn. draws: B.
    """

    term: str
    estimate: float
    drawn: Floats
    p_two_sided: float
    p_lower: float
    p_upper: float
    mean: float
    sd: float
    draws: int
    failed: int


def permutation(
    outcome: ArrayLike,
    terms: Mapping[str, ArrayLike],
    *,
    term: str,
    rng: np.random.Generator,
    draws: int = 999,
    used: ArrayLike | None = None,
    each: Each = map,
) -> Permutation | Refused:
    """Permutation test of one term by re-drawing which unit has which start.

    What it asks: how often would dates dealt out at random among these units give an estimate this
    far from none?

    outcome, terms, used: as in poisson. Each draw deals the rows of terms (and of used) out among
    the units anew, so that the starts stay the same dates, and fits again. With B draws and t the
    number at least as extreme, p = (1 + t) / (B + 1).

    each: how the blocks are gone through, see Each. A block's draws depend on nothing but its
    number and the one seed taken from rng.

    When it lies: it takes any unit to have been as likely to start as any other. Programs go where
    shootings are many or rising; what rises by chance falls again, and that fall is not in the
    drawn ones. Terms that say where others started (spillover) cannot be dealt out like this. It
    tests no effect anywhere, and units that vary unlike the treated ones make its p rough.

    Sources: R. Fisher, The Design of Experiments (1935), ch. 3; B. Phipson and G. Smyth,
    Statistical Applications in Genetics and Molecular Biology 9 (2010) article 39 (the one added);
    M. Bertrand, E. Duflo and S. Mullainathan, Quarterly Journal of Economics 119 (2004) 249-275
    (placebo laws).

    Refused as poisson is. Raises ValueError for draws below 1.

    >>> y = [[9, 9, 6, 4], [7, 7, 6, 8], [5, 6, 4, 5], [6, 6, 7, 5]]
    >>> on = [[0, 0, 1, 1], [0] * 4, [0] * 4, [0] * 4]
    >>> test = permutation(y, {"on": on}, term="on", rng=np.random.default_rng(1), draws=199)
    >>> round(test.estimate, 3), round(test.p_lower, 1), test.failed
    (-0.532, 0.3, 0)
    """
    whole = poisson(outcome, terms, used=used)
    if isinstance(whole, Refused):
        return whole
    work = dealt(outcome, terms, term=term, rng=rng, draws=draws, used=used)
    drawn = np.concatenate(list(each(partial(block, work), work.blocks)))
    return summed(term, float(whole.coef[whole.names.index(term)]), drawn)


def dealt(
    outcome: ArrayLike,
    terms: Mapping[str, ArrayLike],
    *,
    term: str,
    rng: np.random.Generator,
    draws: int = 999,
    used: ArrayLike | None = None,
) -> Draws:
    """The work of `permutation`, for a caller who spreads the blocks; one number is taken from rng.

    >>> work = dealt([[3, 1], [2, 2]], {"on": [[0, 1], [0, 0]]}, term="on",
    ...              rng=np.random.default_rng(1), draws=130)
    >>> work.sizes.tolist(), work.blocks
    ([1, 1], range(0, 3))
    """
    if draws < 1:
        raise ValueError("draws must be at least 1")
    y = np.asarray(outcome, dtype=np.float64)
    cells = np.ones(y.shape, dtype=bool) if used is None else np.asarray(used, dtype=bool)
    x = np.array([np.asarray(value, dtype=np.float64) for value in terms.values()])
    path, first = paths(x, cells)
    return Draws(
        outcome=y,
        terms=x[:, first] * cells[first],
        used=cells[first],
        sizes=np.bincount(path, minlength=first.size),
        term=list(terms).index(term),
        draws=draws,
        seed=int(rng.integers(2**63)),
    )


def block(work: Draws, number: int) -> Floats:
    """The drawn estimates of one block, (BLOCK,) or fewer in the last; NaN where there is none.

    >>> work = dealt([[3, 1], [2, 2]], {"on": [[0, 1], [0, 0]]}, term="on",
    ...              rng=np.random.default_rng(1), draws=2)
    >>> sorted(set(block(work, 0).round(3).tolist()) | {-1.099, 1.099})
    [-1.099, 1.099]
    """
    rng = np.random.default_rng(np.random.SeedSequence(work.seed, spawn_key=(number,)))
    size = min(BLOCK, work.draws - number * BLOCK)
    starts = np.concatenate([[0], np.cumsum(work.sizes)[:-1]])
    counts = np.empty((size, *work.used.shape))
    for b in range(size):
        order = rng.permutation(work.outcome.shape[0])
        np.add.reduceat(work.outcome[order], starts, axis=0, out=counts[b])
    solved = solve(counts, work.terms, work.used)
    found: Floats = np.where(solved.state == FITTED, solved.coef[:, work.term], np.nan)
    return found


def summed(term: str, estimate: float, drawn: Floats) -> Permutation:
    """Where the estimate stands among the drawn ones.

    >>> test = summed("on", -2.0, np.array([0.0, -3.0, 1.0, 2.0]))
    >>> test.p_two_sided, test.p_lower, test.p_upper
    (0.6, 0.4, 0.8)
    """
    known = drawn[np.isfinite(drawn)]
    failed = drawn.size - known.size
    # Draws that tie with the real one differ from it by rounding alone.
    near = 1e-9 * (1 + abs(estimate))

    def share(extreme: Bools) -> float:
        return (1 + failed + int(extreme.sum())) / (drawn.size + 1)

    return Permutation(
        term=term,
        estimate=estimate,
        drawn=drawn,
        p_two_sided=share(np.abs(known) >= abs(estimate) - near),
        p_lower=share(known <= estimate + near),
        p_upper=share(known >= estimate - near),
        mean=float(known.mean()) if known.size else float("nan"),
        sd=float(known.std(ddof=1)) if known.size > 1 else float("nan"),
        draws=drawn.size,
        failed=failed,
    )
