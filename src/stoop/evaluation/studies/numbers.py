"""Every estimator asked; what each of them said is kept by `told`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from stoop.evaluation.models import Bools, Calendar, Design, Floats, Panel, label
from stoop.evaluation.models import Sample as Part
from stoop.evaluation.studies import notes
from stoop.evaluation.studies.told import WHOLE, Answers, Told, laid_out
from stoopstat.impact import beforeafter, callaway, imputation, matched, stacked, sunabraham
from stoopstat.impact import synthetic as mixes
from stoopstat.impact.design import NEVER, Each, Estimate, Refused, Treated, treated
from stoopstat.impact.eventstudy import EventStudy, event_study
from stoopstat.impact.fewclusters import few_clusters
from stoopstat.impact.influence import Joint
from stoopstat.impact.poisson import Fit, poisson
from stoopstat.impact.spillover import graded_terms, net_effect, spillover_terms
from stoopstat.impact.terms import terms

CLOSURES = "closures end the treatment"
TERM = "on"
BEFORE, AFTER = 6, 3
# Placebos of a study, shared by its starts: more would cost hours; and the fewest of a start.
PLACEBOS, LEAST = 2_000, 19
PER = 100_000
QUASI = "quasi-Poisson"


def ask(
    panel: Panel, design: Design, told: Told, progress: Callable[[str], None], each: Each = map
) -> None:
    """Ask each estimator that the design names, on the whole panel and on its samples."""
    y = laid_out(panel)
    asked: dict[str, Callable[[], None]] = {
        "poisson": lambda: _poisson(y, told, WHOLE),
        "event_study": lambda: _event_studies(y, told, WHOLE),
        "imputation": lambda: _imputation(y, told),
        "callaway_santanna": lambda: _callaway(y, design, told),
        "sun_abraham": lambda: _sun_abraham(y, told),
        "stacked": lambda: _stacked(y, told),
        "matched": lambda: _matched(y, design, told),
        "before_after": lambda: _before_after(panel, told),
        "synthetic": lambda: _synthetic(panel, design, told, each),
        "spillover": lambda: _spillover(panel, design, y, told),
    }
    for name in design.estimators:
        progress(name.replace("_", " "))
        asked[name]()
    if panel.ended.any():
        # A start that lasts is what the methods above assume; these two can do without the rest.
        _poisson(y, told, CLOSURES, ~panel.ended)
        _event_studies(y, told, CLOSURES, ~panel.ended)
    for part in design.samples:
        progress(f"sample {part.name}")
        some = sample(y, part)
        if isinstance(some, Refused):
            told.add([some], sample=part.name)
            continue
        _poisson(some, told, part.name)
        _event_studies(some, told, part.name)


def sample(y: Treated, part: Part) -> Treated | Refused:
    """The treated units of some starts, with the comparison, up to a period."""
    size = y.outcome.shape[1]
    low = -np.inf if part.first_start is None else part.first_start
    high = np.inf if part.last_start is None else part.last_start
    keep = (y.onset == NEVER) | ((y.onset >= low) & (y.onset <= high))
    until = size if part.last is None else part.last + 1
    if not (keep & (y.onset < until)).any():
        return Refused("poisson", "on", "no treated unit is in this sample; widen its starts")
    return treated(y.outcome[keep, :until], y.onset[keep], dose=y.dose[keep, :until])


def both(fit: Fit | Refused) -> Answers:
    """Each coefficient twice: with errors that allow unequal spread, and by unit clustered."""
    if isinstance(fit, Refused):
        return [fit]
    return [each for kind in ("HC1", "CR1") for each in fit.estimates(se_type=kind)]


def _poisson(y: Treated, told: Told, name: str, used: Bools | None = None) -> None:
    kinds = ["binary", "linear", "quadratic", "next"]
    if ((y.dose > 0) & (y.dose < 1)).any() or (y.dose != terms(y)["on"]).any():
        kinds.append("fraction")
    for kind in kinds:
        asked = terms(y, kind)
        fit = poisson(y.outcome, asked, used=used)
        threat = "closures" if used is not None and kind == "binary" else ""
        told.add(both(fit), sample=name, estimator=f"poisson_{kind}", threat=threat, of=y)
        if kind == "binary" and name == WHOLE and not isinstance(fit, Refused):
            told.few(few_clusters(fit, y.outcome, asked, term=TERM), n=fit.n)


def _event_studies(y: Treated, told: Told, name: str, used: Bools | None = None) -> None:
    late = np.isfinite(y.onset) & (y.onset >= y.outcome.shape[1])
    _event_study(y, told, name, ("event_study", "treated"), used)
    if late.any():
        _event_study(y, told, name, ("event_study_later_as_comparison", "control"), used)


def _event_study(
    y: Treated, told: Told, name: str, kind_of: tuple[str, str], used: Bools | None
) -> None:
    estimator, beyond_end = kind_of
    size = y.outcome.shape[1]
    known = y.onset[np.isfinite(y.onset) & ((y.onset < size) | (beyond_end == "treated"))]
    before = int(min(BEFORE, known.max(initial=0)))
    after = int(min(AFTER, size - 1 - known.min(initial=size)))
    if before < 2 or after < 1:
        why = "it needs two periods before some start and one after; add periods"
        told.add([Refused(estimator, "event", why)], sample=name)
        return
    for kind in ("HC1", "CR1", "model"):
        found = event_study(
            y, before=before, after=after, beyond_end=beyond_end, se_type=kind, used=used
        )
        if isinstance(found, Refused):
            told.add([found], sample=name, estimator=estimator)
            return
        if kind == "model":
            told.check(_scaled(found), estimator=f"{estimator} {QUASI}", sample=name, of=y)
            return
        told.add(found.fit.estimates(se_type=kind), sample=name, estimator=estimator, of=y)
        told.check(_joint(found), estimator=f"{estimator} {kind}", sample=name, of=y)


def _scaled(found: EventStudy) -> Joint | Refused:
    """The joint test with the model's errors widened by the dispersion: it keeps its level with
    few treated units, where robust errors are far too small."""
    from scipy.special import chdtrc

    plain = _joint(found)
    if isinstance(plain, Refused):
        return plain
    statistic = plain.statistic / max(1.0, found.fit.dispersion)
    return Joint(statistic, plain.terms, float(chdtrc(plain.terms, statistic)))


def _joint(found: EventStudy) -> Joint | Refused:
    if not np.isfinite(found.pretrend_p):
        return Refused("event_study", "pretrend", "the terms before the start cannot be tested")
    return Joint(found.pretrend_statistic, found.pretrend_df, found.pretrend_p)


def _imputation(y: Treated, told: Told) -> None:
    for family in ("poisson", "linear"):
        found = imputation.impute(y, family=family)
        name = f"imputation_{family}"
        if isinstance(found, Refused):
            told.add([found], estimator=name)
            continue
        told.add([found.overall, found.excess, *found.terms, *found.refused], estimator=name)
        told.check(found.pretrend, estimator=name)


def _callaway(y: Treated, design: Design, told: Told) -> None:
    against = {"never": "", "not_yet": "_not_yet"} if design.not_yet_treated else {"never": ""}
    for control, name in against.items():
        cells = callaway.group_time(y, control=control)
        told.add(cells.refused, estimator=callaway.ESTIMATOR + name)
        for by in ("simple", "cohort", "period", "event"):
            found = callaway.aggregate(cells, by=by)
            if isinstance(found, Refused):
                told.add([found], estimator=callaway.ESTIMATOR + name)
                continue
            overall = replace(found.overall, term=f"{by} overall")
            told.add([overall, *found.terms], estimator=callaway.ESTIMATOR + name)


def _sun_abraham(y: Treated, told: Told) -> None:
    for family in ("poisson", "linear"):
        found = sunabraham.sun_abraham(y, family=family)
        name = f"sun_abraham_{family}"
        if isinstance(found, Refused):
            told.add([found], estimator=name)
            continue
        told.add([found.overall, *found.terms, *found.refused], estimator=name)
        told.check(found.pretrend, estimator=name)


def _stacked(y: Treated, told: Told) -> None:
    for family, weights in (("poisson", "plain"), ("linear", "plain"), ("linear", "shares")):
        found = stacked.stack(y, family=family, weights=weights)
        if isinstance(found, Refused):
            told.add([found])
        else:
            told.add([found.overall, *found.terms, *found.refused], areas=int(found.treated.sum()))


def _matched(y: Treated, design: Design, told: Told) -> None:
    found = matched.match(y, not_yet=design.not_yet_treated)
    if isinstance(found, Refused):
        told.add([found])
        return
    areas = np.unique(found.unit).size
    told.add([found.net], areas=areas, note=notes.of_matches(found))
    told.add([found.against_everyone, *found.refused], areas=areas)
    if not found.balanced:
        why = (
            "the matches differ from the treated units in level or trend before the start, by up "
            f"to {float(np.abs(found.difference).max()):.2f} standard deviations: read it with care"
        )
        told.add([Refused("matched", "balance", why)])


def _before_after(panel: Panel, told: Told) -> None:
    if panel.launch is None:
        why = "some start is known to the year only; give months in the list of sites"
        told.add([Refused(beforeafter.ESTIMATOR, "treated", why)])
        return
    found = beforeafter.before_after(panel.months, panel.launch)
    if isinstance(found, Refused):
        told.add([found])
    else:
        told.add(
            [found.treated, found.beside, found.net, *found.refused],
            areas=int(found.closed.sum()),
        )


def _synthetic(panel: Panel, design: Design, told: Told, each: Each) -> None:
    if panel.population is None:
        why = "units differ in size and no residents are given; add population to [unit]"
        told.add([Refused("synthetic", "overall", why)])
        return
    rates = panel.counts / panel.population[:, None] * PER
    y = treated(rates, panel.onset, dose=panel.dose)
    most, note = _placebos(y, told), notes.of_placebos(y)
    for version in mixes.VERSIONS:
        # The same placebos in each version, or the versions could not be compared.
        drawn = np.random.default_rng([design.seed, len(mixes.VERSIONS)])
        found = mixes.synthetic(y, version=version, most=most, rng=drawn, each=each)
        answers = _as_rates(one if isinstance(one, Refused) else one.estimate for one in found)
        told.add(answers, note=note)
        rng = np.random.default_rng([design.seed, mixes.VERSIONS.index(version)])
        whole = mixes.together(found, rng=rng, draws=design.permutations)
        answers = _as_rates([whole if isinstance(whole, Refused) else whole.estimate])
        fitted = sum(not isinstance(one, Refused) for one in found)
        told.add(answers, estimator=f"synthetic_{version}", areas=fitted, note=note)


def _placebos(y: Treated, told: Told) -> int:
    """How many placebos each start may have, said where that is not all there are."""
    starts, donors = max(1, y.cohorts.size), int((y.onset == NEVER).sum())
    most = max(LEAST, PLACEBOS // starts)
    if donors > most:
        told.said.append(
            f"Synthetic controls are mixed from all {donors:,} units without a program. The "
            f"placebos of each start are {most:,} of those units, drawn at random by the seed of "
            f"the study, so no p of a single unit is below 1/{most + 1}."
        )
    return most


def _as_rates(answers: Answers) -> Iterator[Estimate | Refused]:
    """Outcomes a period for each 100,000 residents are not outcomes a unit and period."""
    for each in answers:
        yield each if isinstance(each, Refused) else replace(each, scale="rate")


def _spillover(panel: Panel, design: Design, y: Treated, told: Told) -> None:
    if panel.adjacent is None:
        why = "no outlines are given, so nobody knows who lies next door; add outlines to [unit]"
        told.add([Refused("poisson_spillover", "onSO", why)])
        return
    x = terms(y) | spillover_terms(y, panel.adjacent)
    told.add(both(poisson(y.outcome, x)), estimator="poisson_spillover", areas=_fewest(x))
    if panel.within is not None:
        _rings(y, panel.within, design.rings_m, told)


def _rings(y: Treated, within: Floats, rings_m: tuple[float, ...], told: Told) -> None:
    """How counts differ in rings around programs, and what is left once these are counted in."""
    ends = zip((0.0, *rings_m), rings_m, strict=False)
    names = [f"ring {near:g}-{far:g} m" for near, far in ends]
    graded = dict(zip(names, graded_terms(y, within).values(), strict=True))
    x = terms(y) | {name: share for name, share in graded.items() if share.any()}
    why = "no ground of another unit lies in this ring; widen it"
    told.add(Refused("poisson_rings", name, why) for name in graded if name not in x)
    fit = poisson(y.outcome, x)
    told.add(both(fit), estimator="poisson_rings", areas=_fewest(x))
    if not isinstance(fit, Refused):
        found = net_effect(fit, x, own=y.event_time >= 0)
        effects = [found.direct, found.diffuse, found.net]
        told.add(effects, estimator="poisson_rings", areas=_fewest(x))


def _fewest(x: Mapping[str, Floats]) -> int:
    """Areas under the term that the fewest have; next door it may be one that has no program."""
    return min(int((each > 0).any(axis=1).sum()) for each in x.values())


def ends(calendar: Calendar, column: int) -> str:
    """The name of a sample that ends early."""
    return f"to {label(calendar.length, calendar.first + column)}"
