"""The tables of a study, for those who read numbers."""

from math import isnan

from django.utils.translation import gettext as _

from stoop.evaluation.studies import Check, Line, Study
from stoop.evaluation.views.sentences import change
from stoop.ui.charts import Table, format_number, format_p

# The terms that stand for a whole estimator; the others are in study.json.
LEADING = (
    *("on", "yrs", "yrs2", "frac", "on_next", "onSO", "overall", "simple overall", "net"),
    *("treated", "beside", "excess", "direct", "diffuse"),
)
# Terms without a number that are told one by one.
SHOWN = 3


def leads(line: Line) -> bool:
    """Whether a line stands for its estimator: a leading term, or a ring around programs."""
    return line.term in LEADING or line.estimator == "poisson_rings"


def convention(name: str, *, not_yet: bool = True) -> str:
    """What an estimator asks, and the convention that it follows, by the start of its code."""
    pool = _("not yet treated allowed") if not_yet else _("of the never treated alone")
    said = {
        "poisson_binary": _("Poisson, area and period effects, one step at the start"),
        "poisson_linear": _("Poisson, a step and a slope by period since the start"),
        "poisson_quadratic": _("Poisson, a step and a slope that bends"),
        "poisson_fraction": _("Poisson, by the share of the period under a program"),
        "poisson_next": _("Poisson, a step from the first whole period"),
        "poisson_spillover": _("Poisson, own start (on) and first start next door (onSO)"),
        "poisson_lead": _("Poisson, a step at the start and one in the period before it"),
        "poisson_rings": _("Poisson, own start (on) and the share of ground in rings around"),
        "event_study_later_as_comparison": _(
            "The same event study, areas that start after the panel counted as never treated"
        ),
        "event_study": _("Poisson event study against the period before the start, ends capped"),
        "imputation_poisson": _("Poisson fitted to untreated cells (Borusyak and others; Gardner)"),
        "imputation_linear": _("Linear fit to untreated cells (Borusyak and others)"),
        "callaway_santanna_not_yet": _("Callaway and Sant’Anna, against the not yet treated"),
        "callaway_santanna": _("Callaway and Sant’Anna, against the never treated, base varying"),
        "sun_abraham_poisson": _("Sun and Abraham, one path a cohort, Poisson (Wooldridge)"),
        "sun_abraham_linear": _("Sun and Abraham, one path a cohort, linear"),
        "stacked_poisson": _("Stacked, 5 periods before and 3 after, Poisson"),
        "stacked_linear": _("Stacked, 5 periods before and 3 after, linear"),
        "stacked_shares": _("Stacked with shares (Wing and others), linear"),
        "matched": _("Three nearest neighbours on level and trend, %s") % pool,
        "before_after": _("24 months against 24 months around each launch"),
        "synthetic_plain": _("Synthetic control on rates (Abadie and others), placebos in space"),
        "synthetic_augmented": _(
            "The same, what it misses taken up by ridge (Ben-Michael, others)"
        ),
        "synthetic_demeaned": _("The same on rates less their mean before the start"),
    }
    return next((words for code, words in said.items() if name.startswith(code)), name)


def estimates(study: Study, *, counts: bool) -> Table | None:
    """The leading number of each estimator on the whole panel: in percent, or in counts."""
    rows = [
        (line.estimator, line.term, *_values(line))
        for line in study.estimates
        if line.sample == "all" and leads(line) and (line.scale != "log") == counts
    ]
    if not rows:
        return None
    headers = [_("Estimator"), _("Term"), _("Estimate")]
    headers += [_("Percent")] if not counts else [_("Scale")]
    headers += [_("Error"), _("Kind of error"), _("p"), _("Cells")]
    title = _("In counts and rates") if counts else _("In logs of a ratio")
    return Table(tuple(headers), tuple(rows), title)


def notes(study: Study, *, counts: bool) -> list[str]:
    """What must be read beside the numbers of such a table, each with whom it is of."""
    found: dict[str, list[str]] = {}
    for line in study.estimates:
        if line.note and leads(line) and (line.scale != "log") == counts:
            found.setdefault(line.note, []).append(line.estimator)
    return [f"{', '.join(dict.fromkeys(names))}: {note}" for note, names in found.items()]


def errors(study: Study) -> Table | None:
    """How each kind of error that stands on the page is worked out."""
    said = {
        "HC1": _("robust, times n / (n − k), every dummy counted in k"),
        "CR1": _(
            "clustered by area, times G / (G − 1) × (n − 1) / (n − k); k counts every dummy, but "
            "of Sun–Abraham and stacked not those of the areas, which lie within the clusters"
        ),
        "CR2": _(
            "clustered by area with the bias of few areas taken out; its interval by Student’s t"
        ),
        "permutation": _(
            "standard deviation over starts dealt out anew; p is the share of draws at least as "
            "far from none"
        ),
        "quasi-Poisson": _("that of Poisson counts, widened by how much more these counts vary"),
        "clustered influence": _("root of the summed squares of what each area contributes"),
        "clustered conservative": _(
            "the same, where areas of one start that differ at one time do so by chance"
        ),
        "clustered sampling": _("the same, where every difference from the whole effect is chance"),
        "placebo": _("standard deviation over areas without a program, taken as if they had one"),
    }
    used = {line.se_type for line in study.estimates}
    rows = tuple((kind, words) for kind, words in said.items() if kind in used)
    headers = (_("Kind of error"), _("What it is"))
    return Table(headers, rows, _("What each kind of error is")) if rows else None


def conventions(study: Study) -> Table | None:
    """What each estimator of the page is, once."""
    names = dict.fromkeys(line.estimator for line in study.estimates)
    if not names:
        return None
    allowed = study.design.not_yet_treated
    rows = tuple((name, convention(name, not_yet=allowed)) for name in names)
    return Table((_("Estimator"), _("What it is")), rows, _("What each estimator is"))


def samples(study: Study) -> Table | None:
    """The primary estimate on the other samples: cohorts asked for, and ends."""
    rows = [
        (line.sample, line.estimator, line.term, *_values(line))
        for line in study.estimates
        if line.sample != "all" and line.estimator.startswith("poisson") and line.se_type == "CR1"
    ]
    if not rows:
        return None
    headers = [_("Sample"), _("Estimator"), _("Term"), _("Estimate"), _("Percent"), _("Error")]
    headers += [_("Kind of error"), _("p"), _("Cells")]
    return Table(tuple(headers), tuple(rows), _("Had the panel ended earlier, and other samples"))


def refused(study: Study) -> Table | None:
    """One row for each reason; of many months and starts, one can have thousands of terms."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for no in study.refused:
        found.setdefault((no.estimator, no.sample, no.why), []).append(no.term)
    if not found:
        return None
    rows = tuple((name, sample, _some(of), why) for (name, sample, why), of in found.items())
    headers = (_("Estimator"), _("Sample"), _("Term"), _("Why there is no number, or a warning"))
    return Table(headers, rows, _("What has no number here"))


def _some(terms: list[str]) -> str:
    if len(terms) <= SHOWN:
        return "; ".join(terms)
    words = {"first": terms[0], "n": format_number(len(terms) - 1)}
    return _("%(first)s and %(n)s more") % words


def checks(study: Study) -> Table | None:
    rows = tuple(
        (c.estimator, c.sample, format_number(c.statistic, 2), _against(c), format_p(c.p))
        for c in study.checks
    )
    if not rows:
        return None
    headers = (_("Estimator"), _("Sample"), _("Wald statistic"), _("Held against"), _("p"))
    return Table(headers, rows, _("Did anything move before the start?"))


def _against(found: Check) -> str:
    """The law that gives the p, with its degrees of freedom."""
    if isnan(found.rest):
        return _("chi-squared (%(df)s)") % {"df": found.df}
    return _("F (%(df)s, %(rest)s)") % {"df": found.df, "rest": format_number(found.rest)}


def excluded(study: Study) -> Table | None:
    rows = tuple(study.panel.exclusions)
    if not rows:
        return None
    cells = tuple((unit, why) for unit, why, _count in rows)
    return Table((_("Left out"), _("Why")), cells, _("Areas left out"))


def inputs(study: Study) -> Table:
    own = [(study.design.name, study.design.sha256)]
    if study.register:
        own.append(("registration.json", study.register.file_sha256))
    return Table((_("File"), _("SHA-256")), (*own, *study.inputs), _("Made from"))


def _values(line: Line) -> tuple[str, ...]:
    told = change(line.estimate) if line.scale == "log" else line.scale
    return (
        format_number(line.estimate, 4),
        told,
        format_number(line.se, 4),
        line.se_type,
        format_p(line.p),
        format_number(line.n),
    )
