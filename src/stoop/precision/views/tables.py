"""The tables of the brief that belong to no picture."""

from django.utils.translation import gettext as _

from stoop.precision.studies import Brief
from stoop.precision.studies.areas import Areas, Coverage
from stoop.precision.studies.clusters import Clusters
from stoop.precision.studies.forecasts import Forecast
from stoop.precision.studies.hours import AreaHours, Hours, Span
from stoop.precision.studies.quality import Quality
from stoop.precision.views.figures import lengths
from stoop.precision.views.maps import letters
from stoop.precision.views.sentences import chance, clock, day_words
from stoop.ui.charts import Table, format_estimate, format_number, format_percent


def ranks(a: Areas, covered: dict[str, tuple[str, ...]]) -> Table:
    """What the picture of ranks leaves out: victims, share, what changed, programs."""
    headers = [_("Area"), _("Rank"), _("Incidents"), _("Victims, at least"), _("Share")]
    headers += [_("Rank before"), _("Chance of being on the list"), _("Rank by rate")]
    if covered:
        headers += [_("Programs running")]
    rows = []
    for r in a.ranked[: a.top]:
        row = [r.area, f"{r.rank} ({r.rank_low}–{r.rank_high})", format_number(r.incidents)]
        row += [format_number(r.victims), format_percent(r.share, 1)]
        row += [str(r.before) if r.before else "–", _chance(r.in_top)]
        row += [str(r.rate_rank) if r.rate_rank else "–"]
        if covered:
            row += [", ".join(covered.get(r.area, ())) or _("none")]
        rows.append(tuple(row))
    return Table(tuple(headers), tuple(rows), _("Priority areas"))


def _chance(share: float) -> str:
    """Draws never show that something is sure."""
    if share > 0.99:
        return ">99%"
    return format_percent(share) if share >= 0.01 else "<1%"


def outside(c: Coverage) -> Table | None:
    if not c.outside:
        return None
    return Table(
        (_("Area"), _("Rank"), _("Programs running")),
        tuple((o.area, str(o.rank), ", ".join(o.programs)) for o in c.outside),
        _("Programs outside the priority areas"),
        cards=True,
    )


def holdings(a: Areas) -> Table:
    known = {h.k: h for h in a.holdings}
    rows = []
    for k in lengths(a):
        held = known[k].now if k in known else sum(r.share for r in a.ranked[:k])
        rows.append(
            (
                str(k),
                format_percent(held, 1),
                format_percent(a.curve.chosen[k - 1] if a.curve else None, 1),
                format_percent(a.curve.best[k - 1] if a.curve else None, 1),
                format_percent(k / len(a.ranked), 1),
            )
        )
    return Table(
        (
            _("Areas"),
            _("Last %d months") % a.months,
            _("Last 12 months, chosen before"),
            _("Best in hindsight"),
            _("All alike"),
        ),
        tuple(rows),
        _("Share of incidents held by the first areas"),
        cards=True,
    )


def forecast(f: Forecast, most: int = 10) -> Table:
    """The forecast's first cells, lettered within their area as on the maps."""
    letter: dict[str, int] = {}
    rows = []
    for cell in f.cells:
        i = letter.get(cell.area, 0)
        letter[cell.area] = i + 1
        rows.append(
            (
                f"{cell.area or '–'}\N{NO-BREAK SPACE}{letters(i)}",
                f"{cell.lat:.5f},\N{NO-BREAK SPACE}{cell.lon:.5f}",
                f"{cell.score:.2f}",
                format_number(cell.last_12_months),
                _("yes") if cell.hot else _("no"),
            )
        )
    return Table(
        (
            _("Square"),
            _("Middle (latitude, longitude)"),
            _("Expected in the month"),
            _("Incidents, last 12 months"),
            _("Hot spot"),
        ),
        tuple(rows[:most]),
        _("The forecast’s first %d squares") % min(most, len(rows)),
    )


def clusters(c: Clusters) -> Table | None:
    if not c.clusters:
        return None
    return Table(
        (
            _("Cluster"),
            _("Areas"),
            _("Radius, m"),
            _("Since"),
            _("Incidents"),
            _("Expected"),
            _("p"),
            _("Chance gives one in (days)"),
        ),
        tuple(
            (
                str(k.rank),
                ", ".join(k.areas) or "–",
                format_number(k.radius_m),
                day_words(k.first_day).replace(" ", "\N{NO-BREAK SPACE}"),
                str(k.observed),
                f"{k.expected:.2f}",
                chance(k.p),
                (">" if k.least_p else "") + format_number(k.recurrence_days),
            )
            for k in c.clusters[:10]
        ),
        _("Strongest clusters found"),
    )


def hours(h: Hours) -> Table | None:
    if not h.areas:
        return None
    return Table(
        (
            _("Area"),
            _("Incidents with a time"),
            _("Best four hours"),
            _("Their share in the last 12 months"),
            _("Share of 21:00 to 01:00"),
        ),
        tuple(_area_hours(a) for a in h.areas),
        _("Hours of the priority areas"),
    )


def _area_hours(a: AreaHours) -> tuple[str, ...]:
    best = f"{clock(a.best.start_minute)}–{clock(a.best.end_minute)}" if a.best else _("too few")
    return a.area, format_number(a.known), best, _share(a.best), _share(a.occupy)


def _share(s: Span | None) -> str:
    if s is None or not s.of:
        return "–"
    return format_estimate(s.share, s.low, s.high, percent=True)


def counted(brief: Brief) -> Table:
    c = brief.city.counted
    return Table(
        (_("Measure"), _("Count"), _("What it is")),
        (
            (
                _("Incidents"),
                format_number(c.incidents),
                _("shootings, each counted once by its identifier"),
            ),
            (
                _("Victims, at least"),
                format_number(c.victims),
                _("the fewest persons that the rows can mean"),
            ),
            (
                _("Rows as published"),
                format_number(c.rows),
                _("lines of the files; %s incidents repeat victims once for each perpetrator")
                % format_number(int(c.crossed_by_perpetrator.sum())),
            ),
        ),
        _("Three measures of the same shootings, %(first)s to %(last)s")
        % {
            "first": day_words(brief.city.first_day),
            "last": day_words(brief.city.last_day),
        },
        cards=True,
    )


def completeness(q: Quality, incidents: int) -> Table:
    def row(name: str, missing: int) -> tuple[str, str, str]:
        return name, format_number(missing), format_percent(1 - missing / max(incidents, 1), 1)

    return Table(
        (_("Of the incidents"), _("Missing"), _("Complete")),
        (
            row(_("Time of day"), q.without_time),
            row(_("Usable point on the map"), q.without_point),
            row(_("Area"), q.without_area),
            row(_("Whether anyone died"), q.without_fatal),
        ),
        _("Completeness"),
    )


def files(q: Quality) -> Table:
    return Table(
        (_("File"), _("Rows read"), _("Not usable"), _("Columns used")),
        tuple(
            (
                f.name,
                format_number(f.rows_read),
                format_number(f.rows_rejected),
                ", ".join(f"{role}: {column}" for role, column in f.columns.items()),
            )
            for f in q.files
        ),
        _("Files read"),
        cards=True,
    )


def reasons(q: Quality) -> Table | None:
    if not q.reasons:
        return None
    return Table(
        (_("Reason"), _("Rows")),
        tuple((reason, format_number(n)) for reason, n in q.reasons),
        _("Why rows or their points were set aside"),
    )


def differ(q: Quality, most: int = 10) -> Table | None:
    if q.agreement is None or not q.agreement.differ:
        return None
    return Table(
        (_("Recorded in"), _("Lies in"), _("Incidents")),
        tuple(
            (d.recorded, d.mapped, format_number(d.incidents)) for d in q.agreement.differ[:most]
        ),
        _("Recorded area against the map, most frequent differences"),
    )
