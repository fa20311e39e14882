"""On how many units does an estimate stand? Leverage, and the effective number of units."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Floats
from stoopstat.impact.poisson import Fit


@dataclass(frozen=True, slots=True)
class Leverage:
    """How what is known of one term is spread over the units.

    shares: (U,) of each unit, adding up to 1. effective: the number of units that would know as
    much, were all shares alike. carriers: units in which the term changes; one that is under
    treatment throughout carries nothing. effective_carriers: the same number among them. half: the
    fewest of them that together hold half of what the carriers hold. heaviest: the unit with the
    largest share.
    """

    term: str
    shares: Floats
    effective: float
    carriers: int
    effective_carriers: float
    half: int
    heaviest: int


def leverage(fit: Fit, terms: Mapping[str, ArrayLike], *, term: str) -> Leverage:
    """How many units carry an estimate?

    What it asks: errors clustered by unit are right when many units share the weight. Do they?

    fit: of poisson. terms: as they were given to it. With z what unit and period effects and all
    other terms leave of the term at the fitted means m, unit i has the share
    L_i = sum_t m_it z_it^2 / sum_jt m_jt z_jt^2 (partial leverage), and the effective number of
    units is G* = G / (1 + V), V the squared coefficient of variation of the shares over the G
    units, which is 1 / sum_i L_i^2. The same over the carriers alone, with their shares scaled to
    add up to 1, is the effective number of treated units.

    When it lies: it takes the periods of a unit as independent given the means, at Poisson's
    variance; where they hang together the number is lower still. (With unit effects the other end,
    periods of a unit moving as one, says nothing: z adds up to 0 in each.) A rule of thumb, not a
    test: below about 10 treated units clustered errors are too small, how much nobody can say.

    Sources: A. Carter, K. Schnepel and D. Steigerwald, Review of Economics and Statistics 99 (2017)
    698-709 (effective number of clusters); J. MacKinnon, M. Nielsen and M. Webb, Stata Journal 23
    (2023) 942-982 (partial leverage).

    >>> from stoopstat.impact.poisson import poisson
    >>> on = {"on": [[0, 0], [0, 1], [0, 1], [0, 0]]}
    >>> found = leverage(poisson([[9, 9], [30, 10], [9, 5], [9, 8]], on), on, term="on")
    >>> found.carriers, round(found.effective_carriers, 2), found.half, found.heaviest
    (2, 1.62, 1, 1)
    """
    shares = fit.leverage[fit.names.index(term)]
    x = np.asarray(terms[term], dtype=np.float64)
    most, least = (np.where(fit.used, x, -np.inf), np.where(fit.used, x, np.inf))
    carries = most.max(axis=1) > least.min(axis=1)
    own = np.sort(shares[carries])[::-1]
    reached = np.cumsum(own) >= own.sum() / 2
    return Leverage(
        term=term,
        shares=shares,
        effective=float(1 / (shares**2).sum()),
        carriers=int(carries.sum()),
        effective_carriers=float(own.sum() ** 2 / (own**2).sum()),
        half=int(np.argmax(reached)) + 1,
        heaviest=int(np.argmax(shares)),
    )
