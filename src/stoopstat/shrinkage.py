"""The gamma prior of area rates: fitted, and drawn from with what the fit leaves open."""

import numpy as np

from stoopstat.events import Floats


def fit_gamma(counts: Floats, exposure: Floats, *, method: str = "ml") -> tuple[float, float]:
    """Mean and squared coefficient of variation f of the gamma prior of the rates.

    counts: (A,) y. exposure: (A,) e, above zero. For a prior of shape v and rate a, mean = v / a
    and f = 1 / v; f = 0 when counts vary no more than Poisson counts do. "ml" maximises
    sum log NB(y_i; size v, mean e_i m) over m and f. "moments": m = sum y / sum e,
    s2 = sum e_i (y_i / e_i - m)^2 / sum e, f = max(0, s2 - m / mean(e)) / m^2.

    When it lies: with few areas f is rough, and 0 may only mean that they are few.

    Sources: D. Clayton and J. Kaldor, Biometrics 43 (1987) 671-681 (ml); R. Marshall, Applied
    Statistics 40 (1991) 283-294 (moments).

    >>> m, f = fit_gamma(np.array([2.0, 0, 9, 1]), np.ones(4))
    >>> round(m, 6), round(f, 4)
    (3.0, 1.2327)
    """
    pooled = float(counts.sum() / exposure.sum())
    if pooled == 0 or counts.size < 2:
        return pooled, 0.0
    if method == "moments":
        spread = float((exposure * (counts / exposure - pooled) ** 2).sum() / exposure.sum())
        variance = spread - pooled / float(exposure.mean())
        return pooled, max(variance, 0.0) / pooled**2
    return _fit_ml(counts, exposure, pooled)


def draw_rates(counts: Floats, exposure: Floats, *, rng: np.random.Generator, draws: int) -> Floats:
    """Posterior draws of all rates, (draws, A), the prior being uncertain too.

    f has the uniform shrinkage prior: B = 1 / (1 + f c), c the mean count, is uniform on 0 to 1.
    m has a flat prior on the log scale, normal about its best value given f. Each draw takes f,
    then m, then every rate from Gamma(y_i + 1 / f, e_i + 1 / (f m)).

    When it lies: where all counts are zero there is nothing to draw from (ValueError).

    Source: C. Christiansen and C. Morris, Hierarchical Poisson regression modeling, Journal of the
    American Statistical Association 92 (1997) 618-632.

    >>> y = np.array([2.0, 0, 9, 1])
    >>> draw_rates(y, np.ones(4), rng=np.random.default_rng(1), draws=2).shape
    (2, 4)
    """
    if counts.sum() == 0:
        raise ValueError("no event in any area: nothing to draw rates from")
    c = float(counts.mean())
    # Coarse over all that shrinkage can be, then fine where the posterior is.
    log_f = np.linspace(-14, 14, 113) - np.log(c)
    height = _log_posterior(counts, exposure, log_f, c)[0]
    heavy = np.flatnonzero(height > height.max() - 16)
    ends = log_f[max(heavy[0] - 1, 0)], log_f[min(heavy[-1] + 1, log_f.size - 1)]
    log_f = np.linspace(*ends, 200)
    height, m, information = _log_posterior(counts, exposure, log_f, c)
    weight = np.exp(height - height.max())
    picked = rng.choice(log_f.size, size=draws, p=weight / weight.sum())
    at = log_f[picked] + (log_f[1] - log_f[0]) * rng.uniform(-0.5, 0.5, draws)
    spread = rng.standard_normal(draws) / np.sqrt(information[picked])
    f, m = np.exp(at), np.exp(np.interp(at, log_f, np.log(m)) + spread)
    v = 1 / f[:, None]
    rates: Floats = rng.standard_gamma(counts + v) / (exposure + v / m[:, None])
    return rates


def _fit_ml(y: Floats, e: Floats, pooled: float) -> tuple[float, float]:
    from scipy.optimize import brentq

    def mean_at(f: float) -> float:
        return float(_prior_mean(y, e, np.array([f]))[0][0])

    def score(log_f: float) -> float:
        f = float(np.exp(log_f))
        return _dispersion_score(y, e * mean_at(f), f)

    if float(((y - pooled * e) ** 2 - y).sum()) <= 0:
        return pooled, 0.0
    steps = np.linspace(-16, 12, 57)
    values = [score(float(s)) for s in steps]
    # The likelihood rises up to its maximum and falls after: the last change of sign is it.
    falls = [i for i in range(steps.size - 1) if values[i] > 0 >= values[i + 1]]
    if not falls:
        return pooled, 0.0
    log_f = float(brentq(score, steps[falls[-1]], steps[falls[-1] + 1], xtol=1e-12))
    f = float(np.exp(log_f))
    return mean_at(f), f


def _prior_mean(y: Floats, e: Floats, f: Floats) -> tuple[Floats, Floats]:
    """Best mean for each f, (F,), and the information on its logarithm there.

    The score in m falls steadily and changes sign between the extreme rates: Newton's step, or
    halving where that leaves the bracket.
    """
    rates = y / e
    low, high = np.full(f.shape, rates.min()), np.full(f.shape, rates.max())
    m = np.full(f.shape, y.sum() / e.sum())
    for _ in range(100):
        below = 1 + f[:, None] * m[:, None] * e
        score = ((y - m[:, None] * e) / below).sum(axis=1)
        slope = (e * (1 + f[:, None] * y) / below**2).sum(axis=1)
        low, high = np.where(score > 0, m, low), np.where(score > 0, high, m)
        step = m + score / slope
        new = np.where((step >= low) & (step <= high), step, (low + high) / 2)
        done = np.abs(new - m).max() <= 1e-15 * m.max()
        m = new
        if done:
            break
    mu = m[:, None] * e
    information = (mu * (1 + f[:, None] * y) / (1 + f[:, None] * mu) ** 2).sum(axis=1)
    return m, information


def _log_posterior(y: Floats, e: Floats, log_f: Floats, c: float) -> tuple[Floats, Floats, Floats]:
    """Log posterior density of log f up to a constant, m integrated by Laplace's method.

    Beside it the best m and the information on its logarithm, all (F,).
    """
    from scipy.special import gammaln

    f = np.exp(log_f)
    m, information = _prior_mean(y, e, f)
    v, mu = 1 / f[:, None], m[:, None] * e
    log_nb = gammaln(y + v) - gammaln(v) - v * np.log1p(mu / v) + y * np.log(mu / (v + mu))
    shrinkage = 1 / (1 + f * c)
    prior = np.log(shrinkage) + np.log1p(-shrinkage)
    return log_nb.sum(axis=1) - np.log(information) / 2 + prior, m, information


def _dispersion_score(y: Floats, mu: Floats, f: float) -> float:
    """Derivative of the negative binomial log likelihood in f, times f^2 (the same sign).

    y, mu: (A,) counts and their means.
    """
    from scipy.special import digamma

    v = 1 / f
    if v < 1e4:
        parts = digamma(v) - digamma(y + v) + np.log1p(f * mu) + (y - mu) / (v + mu)
    else:
        # The digammas cancel to nothing here; their expansion in 1 / v does not.
        both = v + y
        parts = np.log1p((mu - y) / both) + (y - mu) / (v + mu)
        parts -= y / (2 * v * both) + y * (v + both) / (12 * (v * both) ** 2)
    return float(parts.sum())
