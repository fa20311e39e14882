"""Which blocks: hot spots, the line under each map, and what the forecast is worth."""

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stoop.precision.studies.areas import Rank
from stoop.precision.studies.blocks import HotSpot, HotSpots
from stoop.precision.studies.forecasts import Backtest, Forecast
from stoop.precision.studies.hours import AreaHours
from stoop.precision.views.sentences.words import Lead, clock, place_words
from stoop.ui.charts import format_number, format_percent


def month_words(month: str) -> str:
    """2021-01 as January 2021."""
    year, number = month.split("-")
    return date_format(date(int(year), int(number), 1), "F Y")


def hot_spots(h: HotSpots) -> Lead:
    if not h.cells:
        return Lead(
            _("No block stands out from the rest of the city in the last %d months.") % h.months
        )
    answer = ngettext(
        "%(patches)s hot spot, %(land)s of the land, held %(share)s of the incidents of the last "
        "%(months)d months.",
        "%(patches)s hot spots, together %(land)s of the land, held %(share)s of the incidents of "
        "the last %(months)d months.",
        h.patches,
    ) % {
        "patches": format_number(h.patches),
        "land": format_percent(len(h.cells) / h.land_cells, 1),
        "share": format_percent(h.incidents_in / max(h.incidents, 1)),
        "months": h.months,
    }
    made = ngettext(
        "The hot spot is made of %(cells)s square of %(size)s m, with more incidents in and "
        "around it than chance placing over all the land would give.",
        "The hot spots are made of %(cells)s squares of %(size)s m, each with more incidents in "
        "and around it than chance placing over all the land would give.",
        len(h.cells),
    ) % {"cells": format_number(len(h.cells)), "size": format_number(h.cell_m)}
    flattered = _(
        "Hot spots were found on the very incidents that they hold, which flatters them: the test "
        "of the forecast below says what choosing such places is worth later."
    )
    half = (
        _("Half of all these incidents fell on %s of the land.") % format_percent(h.half_on, 1)
        if h.half_on is not None
        else ""
    )
    meaning = _(
        "A hot spot says where shootings were, and nothing about the people who live there: it may "
        "be where many people pass, or where help is missing."
    )
    off = (
        ngettext(
            "%s incident of these months lies off the land of the outlines and is on no map.",
            "%s incidents of these months lie off the land of the outlines and are on no map.",
            h.off_land,
        )
        % format_number(h.off_land)
        if h.off_land
        else ""
    )
    more = (" ".join(filter(None, (made, half, flattered))), meaning, off)
    return Lead(answer, tuple(filter(None, more)))


def area_line(
    rank: Rank,
    hot: Sequence[HotSpot],
    programs: Sequence[str] | None,
    when: AreaHours | None,
) -> str:
    """What an outreach team would ask of an area: its place, its hot squares, who is there, when.

    programs: None where no file of sites was given.
    """
    parts = [_("%s, by incidents.") % place_words(rank.rank, rank.rank_low, rank.rank_high)]
    if hot:
        held = sum(spot.incidents for spot in hot)
        parts.append(
            ngettext(
                "%(n)s hot square with %(held)s.", "%(n)s hot squares with %(held)s.", len(hot)
            )
            % {
                "n": format_number(len(hot)),
                "held": ngettext("%s incident", "%s incidents", held) % format_number(held),
            }
        )
    if programs:
        parts.append(_("Running here: %s.") % ", ".join(programs))
    elif programs is not None:
        parts.append(_("No program runs here."))
    if when and when.best:
        parts.append(
            _("Fullest four hours: %(start)s to %(end)s.")
            % {"start": clock(when.best.start_minute), "end": clock(when.best.end_minute)}
        )
    return " ".join(parts)


def forecast(f: Forecast) -> tuple[str, ...]:
    """What the forecast is worth beside the simple baselines, and how little one square says."""
    b = f.backtest
    if b is None:
        return (
            _(
                "The record is too short to test a forecast; the squares are ranked by the "
                "decayed count."
            ),
            *_expected(f),
        )
    return *_expected(f), _tested(b), _verdict(b)


def _expected(f: Forecast) -> tuple[str, ...]:
    if not f.cells or f.cells[0].score <= 0:
        return ()
    first = f.cells[0].score
    if first >= 1:
        return (_("The first square is expected to see %.1f incidents in the month.") % first,)
    return (
        _(
            "The forecast orders places; it does not foretell a shooting. Even its first square is "
            "expected to see %(score).2f incidents in the month, about one in %(months)s months, "
            "and most squares will see none. Its numbers know no season."
        )
        % {"score": first, "months": format_number(1 / first)},
    )


def _tested(b: Backtest) -> str:
    by = {m.method: m for m in b.methods}
    return ngettext(
        "Tested on %(months)d month, foretold from what came before it: ",
        "Tested on %(months)d months, each foretold from what came before it: ",
        b.months,
    ) % {"months": b.months} + _(
        "the top %(share)s of the land caught, in the mean of the months, %(model)s of the "
        "incidents by Stoop’s model, %(plain)s by a decayed count (an incident counts half after "
        "36 months), %(last)s by last year’s count."
    ) % {
        "share": format_percent(b.shares[0]),
        "model": format_percent(by[b.model].hit_rate[0], 1),
        "plain": format_percent(by["decayed"].hit_rate[0], 1),
        "last": format_percent(by["last_year"].hit_rate[0], 1),
    }


def _verdict(b: Backtest) -> str:
    against = next(a for a in b.against if a.baseline == "decayed")
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
            "Stoop’s model does not beat the decayed count, so the count is used here: the "
            "difference, with its 95%% interval, is %s."
        )
    elif b.surely:
        verdict = _(
            "Stoop’s model beats the decayed count and is used here; the gain, with its 95%% "
            "interval: %s."
        )
    else:
        verdict = _(
            "Stoop’s model is used here: its mean is not below the decayed count’s at any of these "
            "shares of land. But the gain may be noise; with its 95%% interval: %s."
        )
    return verdict % "; ".join(gain)


def _points(share: float) -> str:
    sign = "+" if share >= 0.0005 else "−" if share <= -0.0005 else ""
    return f"{sign}{abs(share) * 100:.1f}"
