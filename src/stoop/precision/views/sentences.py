"""The one plain sentence that opens each section, and what must be said right after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stoop.precision.studies.areas import Areas, Coverage
from stoop.precision.studies.blocks import Forecast, HotSpots
from stoop.precision.studies.clusters import Cluster, Clusters
from stoop.precision.studies.hours import Hours, Span
from stoop.precision.studies.near_repeat import NearRepeat
from stoop.precision.studies.quality import Quality
from stoop.precision.studies.trend import Change, Trend
from stoop.ui.charts import format_number, format_percent

METHOD_NAMES = {
    "last_year": lambda: _("last year’s count"),
    "all_history": lambda: _("all history"),
    "decayed": lambda: _("decayed count"),
    "kde": lambda: _("decayed kernel density"),
    "shrunk": lambda: _("proposed model"),
}


@dataclass(frozen=True, slots=True)
class Lead:
    """answer: the sentence that answers the section's question. more: what honesty adds."""

    answer: str
    more: tuple[str, ...] = ()


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, 11th."""
    endings = {1: _("%dst"), 2: _("%dnd"), 3: _("%drd")}
    ending = _("%dth") if 10 <= n % 100 <= 20 else endings.get(n % 10, _("%dth"))
    return ending % n


def day_words(day: date) -> str:
    """A day in words: 31 December 2020."""
    return date_format(day, "j F Y")


def clock(minute: int) -> str:
    """Minutes of the day as 21:00."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def percent_change(ratio: float) -> str:
    """A ratio as a signed change: 1.07 is +7 %."""
    change = 100 * (ratio - 1)
    return f"{'+' if change >= 0.5 else '−' if change <= -0.5 else '±'}{abs(change):.0f}%"


def chance(p: float) -> str:
    """A p-value in figures that a reader can use."""
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def listed(items: Sequence[str], most: int = 8) -> str:
    """a, b and c; a long list ends with how many more."""
    if len(items) > most:
        more = _("%d more") % (len(items) - most + 1)
        items = [*items[: most - 1], more]
    if len(items) < 2:
        return "".join(items)
    return _("%(first)s and %(last)s") % {"first": ", ".join(items[:-1]), "last": items[-1]}


def trend(t: Trend, as_of: date) -> Lead:
    now = t.years[-1]
    span = (
        _("In %d") % t.this_year if t.whole_year else _("From 1 January to %s") % day_words(as_of)
    )
    counts = _(
        "%(span)s there were %(incidents)s shooting incidents, with at least %(victims)s victims"
    ) % {
        "span": span,
        "incidents": format_number(now.incidents),
        "victims": format_number(now.victims),
    }
    more = []
    if t.incidents is None:
        return Lead(counts + ".", (_("The record is too short to compare with an earlier year."),))
    answer = _("%(counts)s: %(change)s than in %(days)s%(year)d.") % {
        "counts": counts,
        "change": _more_or_fewer(t.incidents),
        "days": "" if t.whole_year else _("the same days of") + " ",
        "year": t.this_year - 1,
    }
    more.append(
        _(
            "The change in incidents is %(change)s; with the ups and downs of earlier years in "
            "mind it lies between %(low)s and %(high)s."
        )
        % {
            "change": percent_change(t.incidents.ratio),
            "low": percent_change(t.incidents.low),
            "high": percent_change(t.incidents.high),
        }
    )
    if t.long_run:
        words = {
            "above": _("above the range"),
            "below": _("below the range"),
            "within": _("within the range"),
        }
        more.append(
            _(
                "That is %(position)s of the years %(first)d to %(last)d, which had %(mean)s "
                "incidents on average in the same days (a year like them has between %(low)s and "
                "%(high)s)."
            )
            % {
                "position": words[t.long_run.position],
                "first": t.long_run.first_year,
                "last": t.long_run.last_year,
                "mean": format_number(t.long_run.mean),
                "low": format_number(t.long_run.low),
                "high": format_number(t.long_run.high),
            }
        )
    return Lead(answer, tuple(more))


def _more_or_fewer(change: Change) -> str:
    size = abs(change.ratio - 1)
    if change.before == 0:
        return _("more incidents (there were none)")
    if size < 0.005:
        return _("about as many incidents")
    words = _("%s more incidents") if change.ratio > 1 else _("%s fewer incidents")
    return words % format_percent(size)


def areas(a: Areas) -> Lead:
    first = a.ranked[0]
    answer = _(
        "%(top)d of %(all)d areas held %(share)s of the incidents of the last %(months)d months, "
        "first of all %(areas)s."
    ) % {
        "top": a.top,
        "all": len(a.ranked),
        "share": format_percent(sum(r.share for r in a.ranked[: a.top])),
        "months": a.months,
        "areas": listed([r.area for r in a.ranked[: min(5, a.top)]]),
    }
    more = [
        _(
            "No list is exact: %(area)s is %(place)s, and the %(last)s area, %(end)s, might be "
            "anywhere between %(low)s and %(high)s."
        )
        % {
            "area": first.area,
            "place": place_words(first.rank, first.rank_low, first.rank_high),
            "last": ordinal(a.ranked[a.top - 1].rank),
            "end": a.ranked[a.top - 1].area,
            "low": ordinal(a.ranked[a.top - 1].rank_low),
            "high": ordinal(a.ranked[a.top - 1].rank_high),
        }
    ]
    judged = [h for h in a.holdings if h.chosen is not None]
    if judged:
        h = judged[-1]
        more.append(
            _(
                "Is the list worth having? Had the first %(k)d been chosen a year ago, on the "
                "three years before, they would have held %(chosen)s of the last 12 months’ "
                "incidents; the best %(k)d in hindsight held %(best)s, and %(k)d areas at random "
                "would hold %(even)s."
            )
            % {
                "k": h.k,
                "chosen": format_percent(h.chosen, 1),
                "best": format_percent(h.best, 1),
                "even": format_percent(h.even),
            }
        )
    if not a.dispersed:
        more.append(_("The areas differ no more than chance would make them: no order is sure."))
    more.append(_changed(a))
    return Lead(answer, tuple(filter(None, more)))


def _changed(a: Areas) -> str:
    if a.stability is None:
        return ""
    if not (a.entered or a.left):
        return _("The same areas made up the list in the %d months before.") % a.months
    return _(
        "Against the %(months)d months before, new on the list: %(new)s; no longer on it: %(gone)s."
    ) % {
        "months": a.months,
        "new": listed(a.entered) or _("none"),
        "gone": listed(a.left) or _("none"),
    }


def place_words(rank: int, low: int, high: int) -> str:
    """3rd, between 2nd and 6th."""
    if low == high:
        return _("%s, and sure") % ordinal(rank)
    return _("%(rank)s, between %(low)s and %(high)s") % {
        "rank": ordinal(rank),
        "low": ordinal(low),
        "high": ordinal(high),
    }


def coverage(c: Coverage) -> str:
    covered = len(c.priority) - len(c.gaps)
    first = _("%(covered)d of the %(all)d priority areas have a program running; %(gaps)s.") % {
        "covered": covered,
        "all": len(c.priority),
        "gaps": _("no program runs in %s") % listed(c.gaps, 40) if c.gaps else _("none is without"),
    }
    outside = [o.area for o in c.outside]
    if not outside:
        return first
    return first + " " + _("Programs also run outside the list, in %s.") % listed(outside, 40)


def hot_spots(h: HotSpots) -> str:
    if not h.cells:
        return _("No block stands out from the rest of the city in the last %d months.") % h.months
    return _(
        "%(cells)s cells of %(size)s m, in %(patches)s patches, stand out from the rest: "
        "%(land)s of the land, %(share)s of the incidents of the last %(months)d "
        "months."
    ) % {
        "cells": format_number(len(h.cells)),
        "size": format_number(h.cell_m),
        "patches": format_number(h.patches),
        "land": format_percent(len(h.cells) / h.land_cells, 1),
        "share": format_percent(h.incidents_in / max(h.incidents, 1)),
        "months": h.months,
    }


def forecast(f: Forecast) -> tuple[str, ...]:
    """What the forecast is worth beside the simple baselines."""
    b = f.backtest
    if b is None:
        return (
            _(
                "The record is too short to test a forecast; the cells are ranked by the "
                "decayed count."
            ),
        )
    by = {m.method: m for m in b.methods}
    model, plain, last = by[b.model], by["decayed"], by["last_year"]
    against = next(a for a in b.against if a.baseline == "decayed")
    tested = _(
        "Tested on %(months)d months, each foretold from what came before it: the top 1%% "
        "of the land caught %(model)s of the incidents by the proposed model, %(plain)s by "
        "a decayed count, %(last)s by last year’s count."
    ) % {
        "months": b.months,
        "model": format_percent(model.hit_rate[0], 1),
        "plain": format_percent(plain.hit_rate[0], 1),
        "last": format_percent(last.hit_rate[0], 1),
    }
    gain = [
        _("%(mean)s points (%(low)s to %(high)s) at %(share)s of the land")
        % {
            "mean": _points(against.mean[i]),
            "low": _points(against.low[i]),
            "high": _points(against.high[i]),
            "share": format_percent(share),
        }
        for i, share in enumerate(b.shares)
    ]
    if not b.beats_decayed:
        verdict = _(
            "The proposed model does not beat the decayed count, so the count is used "
            "here: the difference is %s."
        )
    elif b.surely:
        verdict = _("The proposed model beats the decayed count and is used here: by %s.")
    else:
        verdict = _(
            "The proposed model is used here. It is not below the decayed count at any "
            "share, but its gain may be noise: %s."
        )
    return tested, verdict % "; ".join(gain)


def _points(share: float) -> str:
    sign = "+" if share >= 0.0005 else "−" if share <= -0.0005 else ""
    return f"{sign}{abs(share) * 100:.1f}"


def clusters(c: Clusters) -> Lead:
    searched = _(
        "Searched: %(incidents)s incidents since %(first)s, circles up to %(radius)s m, "
        "up to %(window)d days back from %(last)s, %(replications)s shuffles."
    ) % {
        "incidents": format_number(c.incidents),
        "first": day_words(c.first_date),
        "radius": format_number(c.max_radius_m),
        "window": c.max_window,
        "last": day_words(c.last_date),
        "replications": format_number(c.replications),
    }
    if not c.clusters:
        return Lead(_("None stands out: no place has several recent incidents."), (searched,))
    if not c.standing_out:
        best = c.clusters[0]
        return Lead(
            _(
                "None stands out: the strongest cluster of the last %(window)d days is of the kind "
                "that chance alone makes in %(p)s of such searches."
            )
            % {
                "window": c.max_window,
                "p": format_percent(best.p),
            },
            (searched,),
        )
    head = ngettext(
        "One cluster stands out: %s",
        "%(n)d clusters stand out; the strongest: %(first)s",
        len(c.standing_out),
    )
    first = cluster_words(c.standing_out[0])
    n = len(c.standing_out)
    return Lead(head % ({"n": n, "first": first} if n > 1 else first), (searched,))


def cluster_words(c: Cluster) -> str:
    """One cluster as a sentence."""
    return _(
        "%(observed)d incidents since %(first)s within %(radius)s m in %(areas)s, where "
        "%(expected).1f were to be expected (p = %(p)s; chance alone gives one as strong "
        "about once in %(recurrence)s days)."
    ) % {
        "observed": c.observed,
        "first": day_words(c.first_day),
        "radius": format_number(max(c.radius_m, 1)),
        "areas": listed(c.areas) or _("no named area"),
        "expected": c.expected,
        "p": chance(c.p),
        "recurrence": format_number(c.recurrence_days),
    }


def near_repeat(n: NearRepeat) -> Lead:
    z = n.zone
    place = {
        "radius": format_number(z.about_radius_m),
        "days": z.about_days,
        "ratio": percent_change(z.ratio),
        "low": percent_change(z.ratio_low),
        "high": percent_change(z.ratio_high),
    }
    every = 1 / z.extra_per_incident if z.extra_per_incident > 0 else None
    if z.raised:
        answer = (
            _(
                "After a shooting the risk is raised within %(radius)s m for %(days)d days: "
                "%(ratio)s against what place and season lead one to expect (between %(low)s "
                "and %(high)s)."
            )
            % place
        )
    else:
        answer = (
            _(
                "No raised risk after a shooting can be told from chance: within %(radius)s m "
                "and %(days)d days it is %(ratio)s, and could be anything between %(low)s and "
                "%(high)s."
            )
            % place
        )
    size = (
        _(
            "In counts: about one more incident for every %s shootings. A watch zone is a reason "
            "to be present with the people there, not a forecast of a shooting."
        )
        % format_number(every)
        if every and z.raised
        else _("A response after a shooting is for the people there; it needs no forecast.")
    )
    i, j = 1 if len(n.distance_m) > 1 else 0, 1 if len(n.window_days) > 1 else 0
    drift = _(
        "Read with care: shuffling dates over all years, as is often done, would give "
        "%(all)s within %(radius)s m and %(days)d days where shuffling within each year "
        "gives %(year)s; the rest is hot places that come and go over the years."
    ) % {
        "all": percent_change(n.all_time.ratio[i][j]),
        "radius": format_number(n.distance_m[i]),
        "days": n.window_days[j],
        "year": percent_change(n.within_year.ratio[i][j]),
    }
    return Lead(answer, (size, drift))


def hours(h: Hours) -> Lead:
    if not h.known:
        return Lead(_("The files give no time of day, so nothing can be said about hours."))
    answer = _(
        "%(share)s of incidents fall between %(start)s and %(end)s (between %(low)s and "
        "%(high)s), %(times).1f times as many as if no hour differed."
    ) % {
        **_span(h.occupy),
        "times": h.occupy.share / (4 / 24),
    }
    more = []
    if h.best:
        more.append(
            _(
                "The best four hours, chosen on the earlier years, are %(start)s to %(end)s; they "
                "held %(share)s of the last 12 months’ incidents (between %(low)s and "
                "%(high)s)."
            )
            % _span(h.best)
        )
    if h.weekend_share is not None:
        more.append(
            _(
                "%(share)s fall on the three nights from Friday to Sunday, 18:00 to 06:00, which "
                "are %(even)s of the week."
            )
            % {
                "share": format_percent(h.weekend_share),
                "even": format_percent(36 / 168),
            }
        )
    if h.unknown:
        more.append(
            _("%s incidents have no time and are in none of these shares.")
            % format_number(h.unknown)
        )
    if h.midnight_suspicious:
        more.append(
            _(
                "%s incidents are recorded at exactly 00:00, more than the hours around it "
                "suggest: some may be unknown times."
            )
            % format_number(h.at_midnight)
        )
    return Lead(answer, tuple(more))


def _span(s: Span) -> dict[str, str]:
    return {
        "share": format_percent(s.share),
        "start": clock(s.start_minute),
        "end": clock(s.end_minute),
        "low": format_percent(s.low),
        "high": format_percent(s.high),
    }


def quality(q: Quality) -> Lead:
    read = format_number(q.rows_read)
    if q.rows_rejected:
        answer = _(
            "%(read)s rows were read; %(rejected)s could not be used, each for a reason given in "
            "rejected.csv."
        ) % {"read": read, "rejected": format_number(q.rows_rejected)}
    else:
        answer = _("%s rows were read, and every one could be used.") % read
    more = []
    if q.agreement and q.agreement.more_than_a_little:
        worst = q.agreement.differ[0]
        more.append(
            _(
                "For %(share)s of incidents the recorded area is not the one that the point lies "
                "in (most often %(recorded)s on paper, %(mapped)s on the map); %(border)s of these "
                "are within a street of it, the others may be a moved border. The brief counts "
                "by the %(source)s area."
            )
            % {
                "share": format_percent(1 - q.agreement.share, 1),
                "border": format_percent(q.agreement.at_border / q.agreement.missed),
                "recorded": worst.recorded,
                "mapped": worst.mapped,
                "source": _("recorded") if q.area_source == "recorded" else _("mapped"),
            }
        )
    if q.no_recorded_rows:
        more.append(
            _(
                "The outlines have areas that no row names (%s): they were drawn after these "
                "shootings, or the file does not know them, and they are not ranked."
            )
            % listed(q.no_recorded_rows)
        )
    if q.rows_after:
        more.append(
            _("%s rows are later than the day of this brief and were not used.")
            % format_number(q.rows_after)
        )
    return Lead(answer, tuple(more))
