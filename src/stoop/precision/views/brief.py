"""The page of a brief: one file, no network, no script."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from stoop import __version__
from stoop.precision.studies import Brief, areas, blocks, clusters, near_repeat
from stoop.precision.views import figures, sentences, tables
from stoop.ui.queries import styles

IDS = (
    "what-happened",
    "where",
    "which-blocks",
    "what-is-new",
    "after-a-shooting",
    "when",
    "data",
    "methods",
)
# Maps opened on the page; the others are one click away, so that the page stays readable.
OPEN_MAPS = 6


def brief_page(brief: Brief) -> str:
    """index.html: every section opens with the sentence that answers its heading."""
    headings = {
        "happened": _("What happened"),
        "where": _("Where"),
        "blocks": _("Which blocks"),
        "new": _("What is new"),
        "after": _("After a shooting"),
        "when": _("When"),
        "data": _("How good are the data"),
        "methods": _("How each number was made"),
    }
    ids = dict(zip(headings, IDS, strict=True))
    context: dict[str, Any] = {
        "title": brief.request.title,
        "version": __version__,
        "styles": styles(),
        "lang": get_language() or "en",
        "dir": "rtl" if get_language_bidi() else "ltr",
        "contents": [(ids[name], heading) for name, heading in headings.items()],
        "headings": headings,
        "as_of": brief.city.as_of,
        "as_of_words": sentences.day_words(brief.city.as_of),
        "brief": brief,
        "parameters": parameters(brief),
        **_happened(brief),
        **_where(brief),
        **_blocks(brief),
        **_new(brief),
        **_after(brief),
        **_when(brief),
        **_data(brief),
    }
    answers = {n: context[n].answer for n in ("happened", "where", "new", "after", "when", "data")}
    answers["blocks"] = context["spots"]
    context["summary"] = [
        (ids[name], heading, answers[name]) for name, heading in headings.items() if name in answers
    ]
    return render_to_string("precision/brief.html", context)


def parameters(brief: Brief) -> dict[str, object]:
    """The choices that the methods appendix names."""
    return {
        "rank_draws": areas.DRAWS,
        "cell_m": f"{brief.request.cell_m:g}",
        "hotspot_reach_m": f"{blocks.REACH_CELLS * brief.request.cell_m:g}",
        "false_discovery": f"{100 * blocks.FALSE_DISCOVERY:g} %",
        "scan_radius_m": f"{clusters.MAX_RADIUS_M:g}",
        "scan_window_days": clusters.MAX_WINDOW_DAYS,
        "scan_replications": clusters.REPLICATIONS,
        "knox_permutations": near_repeat.PERMUTATIONS,
    }


def _happened(brief: Brief) -> dict[str, object]:
    return {
        "happened": sentences.trend(brief.trend, brief.city.as_of),
        "years": figures.years(brief.trend),
        "months": figures.months(brief.trend),
    }


def _where(brief: Brief) -> dict[str, object]:
    if brief.areas is None:
        nothing = sentences.Lead(
            _(
                "The files name no area and no outlines were given, so areas are not ranked; the "
                "blocks below are."
            )
        )
        return {"where": nothing}
    coverage = brief.coverage
    programs = {c.area: c.programs for c in coverage.priority} if coverage else {}
    covered = frozenset(area for area, names in programs.items() if names)
    return {
        "where": sentences.areas(brief.areas),
        "city_map": figures.city_map(brief),
        "ranks": figures.ranks(brief.areas.ranked, brief.areas.top, covered),
        "ranks_table": tables.ranks(brief.areas, programs),
        "by_rate": _by_rate(brief.areas),
        "holdings": tables.holdings(brief.areas),
        "shares": figures.shares(brief),
        "coverage_words": sentences.coverage(coverage) if coverage else "",
        "outside": tables.outside(coverage) if coverage else None,
    }


def _by_rate(a: areas.Areas) -> str:
    """What ranking by rate would change, since counts and rates answer different questions."""
    if not a.rate_top:
        return ""
    new = [code for code in a.rate_top if code not in a.priority]
    words = _(
        "Counts say where most incidents are, rates where a resident is closest to them. By "
        "rate, %(new)s would be on the list in place of %(gone)s."
    ) % {
        "new": sentences.listed(new) or _("no other area"),
        "gone": sentences.listed([c for c in a.priority if c not in a.rate_top]) or _("none"),
    }
    if a.unrated:
        words += " " + _("No rate is given for %s: too few residents, or none known.") % (
            sentences.listed(a.unrated)
        )
    return words


def _blocks(brief: Brief) -> dict[str, object]:
    if brief.hotspots is None or brief.forecast is None:
        return {"spots": _("No incident has a usable point, so no block can be named.")}
    maps = figures.block_maps(brief)
    judged = brief.forecast.backtest
    return {
        "spots": sentences.hot_spots(brief.hotspots),
        "forecast_words": sentences.forecast(brief.forecast),
        "forecast_method": sentences.METHOD_NAMES[brief.forecast.method](),
        "open_maps": maps[:OPEN_MAPS],
        "more_maps": maps[OPEN_MAPS:],
        "forecast_table": tables.forecast(brief.forecast),
        "hit_rates": figures.hit_rates(judged) if judged else None,
        "differences": figures.differences(judged) if judged else None,
    }


def _new(brief: Brief) -> dict[str, object]:
    if brief.clusters is None:
        return {"new": sentences.Lead(_("There are too few incidents to search for clusters."))}
    return {
        "new": sentences.clusters(brief.clusters),
        "clusters_table": tables.clusters(brief.clusters),
        "standing_out": [sentences.cluster_words(c) for c in brief.clusters.standing_out[1:]],
    }


def _after(brief: Brief) -> dict[str, object]:
    n = brief.near_repeat
    if n is None:
        return {"after": sentences.Lead(_("There are too few incidents with a point to tell."))}
    return {
        "after": sentences.near_repeat(n),
        "knox_year": figures.knox(n, within_year=True),
        "knox_all": figures.knox(n, within_year=False),
    }


def _when(brief: Brief) -> dict[str, object]:
    return {
        "when": sentences.hours(brief.hours),
        "week": figures.week(brief.hours) if brief.hours.known else None,
        "hours_table": tables.hours(brief.hours),
    }


def _data(brief: Brief) -> dict[str, object]:
    q = brief.quality
    return {
        "data": sentences.quality(q),
        "counted": tables.counted(brief),
        "completeness": tables.completeness(q, brief.city.counted.incidents),
        "files": tables.files(q),
        "reasons": tables.reasons(q),
        "differ": tables.differ(q),
        "notes": q.notes,
    }
