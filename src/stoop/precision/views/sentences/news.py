"""What is new, and what comes after a shooting."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stoop.precision.studies.clusters import Cluster, Clusters
from stoop.precision.studies.near_repeat import NearRepeat
from stoop.precision.views.sentences.words import (
    Lead,
    chance,
    day_words,
    named,
    percent_change,
)
from stoop.ui.charts import format_number, format_percent

# Cells of a table with p up to this carry a mark.
ALONE = 0.05
# A shuffle over all years must add this much to the ratio before drift is worth a word.
DRIFT = 0.05


def clusters(c: Clusters) -> Lead:
    more = (
        _(
            "A cluster is a place with more than its usual share of the city’s incidents; a rise "
            "over the whole city is none."
        ),
        _(
            "Searched: %(incidents)s incidents since %(first)s, circles up to %(radius)s m, "
            "up to %(window)d days back from %(last)s, %(replications)s shuffles."
        )
        % {
            "incidents": format_number(c.incidents),
            "first": day_words(c.first_date),
            "radius": format_number(c.max_radius_m),
            "window": c.max_window,
            "last": day_words(c.last_date),
            "replications": format_number(c.replications),
        },
    )
    if not c.clusters:
        return Lead(_("None stands out: no place has several recent incidents."), more)
    if not c.standing_out:
        answer = _(
            "None stands out: chance alone gives a cluster as strong as the strongest of the last "
            "%(window)d days in %(p)s of such searches."
        ) % {"window": c.max_window, "p": format_percent(c.clusters[0].p)}
        return Lead(answer, more)
    often = _(
        "Searching every day, chance alone makes one stand out about once in %s days."
    ) % format_number(1 / c.level)
    head = ngettext(
        "One cluster stands out: %(first)s",
        "%(n)d clusters stand out; the strongest: %(first)s",
        len(c.standing_out),
    )
    first = cluster_words(c.standing_out[0])
    return Lead(head % {"n": len(c.standing_out), "first": first}, (often, *more))


def cluster_words(c: Cluster) -> str:
    """One cluster as a sentence."""
    words = _(
        "%(observed)s since %(first)s within %(radius)s m in %(areas)s, where %(expected)s would "
        "be usual (p = %(p)s: searching every day, chance alone gives one as strong %(often)s)."
    )
    often = _("less than once in %s days") if c.least_p else _("about once in %s days")
    return words % {
        "observed": ngettext("%d incident", "%d incidents", c.observed) % c.observed,
        "first": day_words(c.first_day),
        "radius": format_number(max(c.radius_m, 1)),
        "areas": named(c.areas) if c.areas else _("no named area"),
        "expected": format_number(c.expected, 1 if c.expected >= 0.05 else 2),
        "p": chance(c.p),
        "often": often % format_number(c.recurrence_days),
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
    if not z.raised:
        answer = _(
            "No raised risk after a shooting can be told from chance: further ones within "
            "%(radius)s m and %(days)d days stand at %(ratio)s against what place and season "
            "explain (95%% interval %(low)s to %(high)s)."
        )
        presence = _("A response after a shooting is for the people there; it needs no forecast.")
        alone = ""
        if (n.within_quarter.p <= ALONE).any():
            alone = _(
                "Each cell of the table is tested alone; with allowance for all %d, no zone around "
                "a shooting holds."
            ) % (len(n.distance_m) * len(n.window_days))
        return Lead(answer % place, tuple(filter(None, (presence, alone, _drift(n), _searched(n)))))
    answer = _(
        "For %(days)d days after a shooting, further ones within %(radius)s m are more frequent "
        "than place and season explain: %(ratio)s (95%% interval %(low)s to %(high)s)%(counts)s."
    )
    watch = _(
        "A watch zone is a reason to be present with the people there, not a forecast of a "
        "shooting."
    )
    chosen = _(
        "The zone was chosen among %(cells)d distances and times by the same pairs that describe "
        "it, so its number is a little too high; its p, adjusted for all of them, is %(p)s."
    ) % {"cells": len(n.distance_m) * len(n.window_days), "p": chance(z.p)}
    more = tuple(filter(None, (watch, chosen, _drift(n), _searched(n))))
    return Lead(answer % {**place, "counts": _extra(n)}, more)


def _extra(n: NearRepeat) -> str:
    """The same in counts, since a large percentage of a rare thing is still rare."""
    z = n.zone
    if z.extra_per_incident <= 0:
        return ""
    every = format_number(1 / z.extra_per_incident)
    if z.extra_low <= 0:
        return _(", about one more for every %s shootings") % every
    return _(", about one more for every %(every)s shootings (%(least)s to %(most)s)") % {
        "every": every,
        "least": format_number(1 / z.extra_high),
        "most": format_number(1 / z.extra_low),
    }


def _searched(n: NearRepeat) -> str:
    return _(
        "Searched: %(incidents)s incidents of %(first)d to %(last)d, %(shuffles)s shuffles."
    ) % {
        "incidents": format_number(n.incidents),
        "first": n.first_year,
        "last": n.last_year,
        "shuffles": format_number(n.permutations),
    }


def _drift(n: NearRepeat) -> str:
    i, j = 1 if len(n.distance_m) > 1 else 0, 1 if len(n.window_days) > 1 else 0
    if not n.all_time.ratio[i][j] - n.within_quarter.ratio[i][j] >= DRIFT:
        return ""
    return _(
        "Read with care: within %(radius)s m and %(days)d days, shuffling dates over all years, as "
        "is often done, would give %(all)s, and within each year %(year)s, where shuffling within "
        "each quarter gives %(quarter)s; the rest is places that grow busier or calmer for months "
        "or years."
    ) % {
        "all": percent_change(n.all_time.ratio[i][j]),
        "radius": format_number(n.distance_m[i]),
        "days": n.window_days[j],
        "year": percent_change(n.within_year.ratio[i][j]),
        "quarter": percent_change(n.within_quarter.ratio[i][j]),
    }
