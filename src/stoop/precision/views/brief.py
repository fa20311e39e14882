"""The page of a brief: one file, no network, no script."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from stoop import __version__
from stoop.precision.studies import Brief, areas, blocks, clusters, hours, near_repeat
from stoop.precision.views import figures, maps, sentences, tables
from stoop.ui.charts import format_number
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
        "source": sentences.source(
            brief.city.counted.incidents,
            brief.city.counted.rows,
            len(brief.quality.files),
            brief.city.first_day,
            brief.city.last_day,
        ),
        "parameters": parameters(brief),
        **_happened(brief),
        **_where(brief),
        **_blocks(brief),
        **_new(brief),
        **_after(brief),
        **_when(brief),
        **_data(brief),
    }
    context["summary"] = [
        (ids[name], heading, context[name]) for name, heading in headings.items() if name in context
    ]
    return render_to_string("precision/brief.html", context)


def parameters(brief: Brief) -> dict[str, object]:
    """The choices that the methods appendix names."""
    trend, forecast, near = brief.trend, brief.forecast, brief.near_repeat
    return {
        "dispersion": f"{trend.dispersion:.1f}" if trend.dispersion is not None else "",
        "rank_draws": format_number(areas.DRAWS),
        "months": brief.request.months,
        "least_residents": format_number(areas.MIN_RESIDENTS),
        "cell_m": f"{brief.request.cell_m:g}",
        "hotspot_reach_m": f"{blocks.REACH_CELLS * brief.request.cell_m:g}",
        "false_discovery": f"{100 * blocks.FALSE_DISCOVERY:g}%",
        "shape": f"{forecast.parameters.get('shape', 0):g}" if forecast else "",
        "scan_years": clusters.YEARS,
        "scan_radius_m": format_number(clusters.MAX_RADIUS_M),
        "scan_window_days": clusters.MAX_WINDOW_DAYS,
        "scan_replications": clusters.REPLICATIONS,
        "scan_level": f"{clusters.LEVEL:g}",
        "knox_permutations": near_repeat.PERMUTATIONS,
        "knox_cells": len(near.distance_m) * len(near.window_days) if near else "",
        "least_hours": hours.ENOUGH,
    }


def _happened(brief: Brief) -> dict[str, object]:
    return {
        "happened": sentences.trend(
            brief.trend, brief.city.as_of, without_fatal=brief.quality.without_fatal
        ),
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
        "where": sentences.areas(brief.areas, coverage),
        "city_map": maps.city_map(brief),
        "ranks": figures.ranks(brief.areas, covered),
        "ranks_table": tables.ranks(brief.areas, programs),
        "by_rate": sentences.by_rate(brief.areas),
        "holdings": tables.holdings(brief.areas),
        "shares": figures.shares(brief),
        "coverage_words": sentences.coverage(coverage) if coverage else "",
        "outside": tables.outside(coverage) if coverage else None,
    }


def _blocks(brief: Brief) -> dict[str, object]:
    if brief.hotspots is None or brief.forecast is None:
        nothing = _("No incident has a usable point on the land, so no block can be named.")
        return {"blocks": sentences.Lead(nothing)}
    found = maps.block_maps(brief)
    judged = brief.forecast.backtest
    return {
        "blocks": sentences.hot_spots(brief.hotspots),
        "forecast_month": sentences.month_words(brief.forecast.month),
        "forecast_words": sentences.forecast(brief.forecast),
        "forecast_method": sentences.METHOD_NAMES[brief.forecast.method](),
        "open_maps": found[:OPEN_MAPS],
        "more_maps": found[OPEN_MAPS:],
        # The fullest key serves all maps: it stands once above them.
        "map_key": max((m.legend for m in found), key=len, default=""),
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
        "news": bool(brief.clusters.standing_out),
        "standing_out": [sentences.cluster_words(c) for c in brief.clusters.standing_out[1:]],
    }


def _after(brief: Brief) -> dict[str, object]:
    n = brief.near_repeat
    if n is None:
        return {"after": sentences.Lead(_("There are too few incidents with a point to tell."))}
    return {
        "after": sentences.near_repeat(n),
        "knox": figures.knox(n, "knox-quarter"),
        "knox_others": [figures.knox(n, id_) for id_ in ("knox-year", "knox-all")],
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
        "data": sentences.quality(q, brief.city.counted.incidents),
        "counted": tables.counted(brief),
        "completeness": tables.completeness(q, brief.city.counted.incidents),
        "files": tables.files(q),
        "reasons": tables.reasons(q),
        "differ": tables.differ(q),
        "notes": q.notes,
    }
