"""Where: the list of areas, what it is worth, and who works there already."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stoop.precision.studies.areas import Areas, Coverage
from stoop.precision.views.sentences.words import Lead, listed, named, ordinal, place_words
from stoop.ui.charts import format_number, format_percent

NAMED_FIRST = 5
# Lists of areas without a program are given in full: they are what the section is for.
ALL = 1_000


def areas(a: Areas, covered: Coverage | None = None) -> Lead:
    if not a.incidents - a.without_area:
        return Lead(_("No incident of the last %d months is known to lie in an area.") % a.months)
    more = (
        " ".join(filter(None, (_order(a), _kept(a)))),
        _worth(a),
        _dispersed(a),
        _changed(a),
        _without(a),
    )
    return Lead(_held(a), tuple(filter(None, more)), gaps(covered) if covered else "")


def _held(a: Areas) -> str:
    first = [r.area for r in a.ranked[:NAMED_FIRST] if r.incidents]
    if len(a.ranked) == 1:
        return _(
            "All incidents of the last %(months)d months with a known area are in %(area)s."
        ) % {
            "months": a.months,
            "area": a.ranked[0].area,
        }
    # A list of all areas holds everything: then the first few are the answer.
    k = a.top if a.top < len(a.ranked) else len(first)
    share = format_percent(sum(r.share for r in a.ranked[:k]))
    values = {"k": k, "all": len(a.ranked), "share": share, "months": a.months}
    if k <= NAMED_FIRST:
        words = _(
            "%(k)d of %(all)d areas held %(share)s of the incidents of the last %(months)d months: "
            "%(areas)s."
        )
        return words % {**values, "areas": named([r.area for r in a.ranked[:k]])}
    words = _(
        "%(k)d of %(all)d areas held %(share)s of the incidents of the last %(months)d months, "
        "most of all %(areas)s."
    )
    return words % {**values, "areas": named(first)}


def _order(a: Areas) -> str:
    if len(a.ranked) == 1:
        return ""
    first, last = a.ranked[0], a.ranked[a.top - 1]
    start = _("The order is not exact: %(area)s is %(place)s") % {
        "area": first.area,
        "place": place_words(first.rank, first.rank_low, first.rank_high),
    }
    if last is first or a.top == len(a.ranked):
        return _("%s (95%% interval).") % start
    return _(
        "%(start)s, and %(end)s, the last on the list, is %(rank)s and might be anywhere between "
        "%(low)s and %(high)s (95%% intervals)."
    ) % {
        "start": start,
        "end": last.area,
        "rank": ordinal(last.rank),
        "low": ordinal(last.rank_low),
        "high": ordinal(last.rank_high),
    }


def _kept(a: Areas) -> str:
    """How the intervals of earlier lists fared in the year after: they promise less than that."""
    if a.held is None or len(a.ranked) == 1:
        return ""
    return ngettext(
        "The intervals speak of these months, not of the next: of an earlier list, %(held)s of the "
        "areas kept within theirs in the year after.",
        "The intervals speak of these months, not of the next: of %(n)d earlier lists, %(held)s of "
        "the areas kept within theirs in the year after.",
        a.held_windows,
    ) % {"n": a.held_windows, "held": format_percent(a.held)}


def _worth(a: Areas) -> str:
    if a.curve is None or a.top == len(a.ranked):
        return ""
    return ngettext(
        "Is such a list worth having? The first area of a list made a year ago, on the three years "
        "before, would have held %(chosen)s of the last 12 months’ incidents; the best in "
        "hindsight held %(best)s, and one at random would hold %(even)s on average.",
        "Is such a list worth having? The first %(k)d of a list made a year ago, on the three "
        "years before, would have held %(chosen)s of the last 12 months’ incidents; the best "
        "%(k)d in hindsight held %(best)s, and %(k)d at random would hold %(even)s on average.",
        a.top,
    ) % {
        "k": a.top,
        "chosen": format_percent(a.curve.chosen[a.top - 1], 1),
        "best": format_percent(a.curve.best[a.top - 1], 1),
        "even": format_percent(a.top / len(a.ranked)),
    }


def _dispersed(a: Areas) -> str:
    if a.dispersed:
        return ""
    return _("The areas differ no more than chance would make them: no order is sure.")


def _changed(a: Areas) -> str:
    if a.stability is None or a.top == len(a.ranked):
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


def _without(a: Areas) -> str:
    if not a.without_area:
        return ""
    return ngettext(
        "%s incident of these months has no known area and is in none of these counts.",
        "%s incidents of these months have no known area and are in none of these counts.",
        a.without_area,
    ) % format_number(a.without_area)


def by_rate(a: Areas) -> str:
    """What ranking by rate would change, since counts and rates answer different questions."""
    if not a.rate_top:
        return ""
    words = _(
        "Counts say where most incidents are; rates set them beside the number of people who live "
        "there, though not all who are hit, or pass through, do."
    )
    new = [code for code in a.rate_top if code not in a.priority]
    gone = [code for code in a.priority if code not in a.rate_top]
    if new or gone:
        words += " " + _("By rate, %(new)s would be on the list in place of %(gone)s.") % {
            "new": listed(new) or _("no other area"),
            "gone": listed(gone) or _("none"),
        }
    elif a.top < len(a.ranked):
        words += " " + _("By rate the same areas would be on the list, in another order.")
    if a.unrated:
        words += " " + _("No rate is given for %s: too few residents, or none known.") % (
            listed(a.unrated)
        )
    return words


def gaps(c: Coverage) -> str:
    """How many priority areas have no program, in one short sentence."""
    if not c.gaps:
        return _("Each of them has a program running.")
    if len(c.gaps) == len(c.priority):
        return _("None of them has a program running.")
    return ngettext(
        "%(n)d of the %(all)d has no program running.",
        "%(n)d of the %(all)d have no program running.",
        len(c.gaps),
    ) % {"n": len(c.gaps), "all": len(c.priority)}


def coverage(c: Coverage) -> str:
    parts = [
        _(
            "%(covered)d of the %(all)d priority areas have a program running, by the dates in the "
            "file of sites."
        )
        % {"covered": len(c.priority) - len(c.gaps), "all": len(c.priority)}
    ]
    if c.gaps:
        parts.append(_("No program runs in %s.") % named(c.gaps, ALL))
    if c.outside:
        outside = [o.area for o in c.outside]
        parts.append(_("Programs also run outside the list, in %s.") % named(outside, ALL))
    if c.planned:
        parts.append(
            ngettext(
                "%d program of the file begins later and is not counted.",
                "%d programs of the file begin later and are not counted.",
                c.planned,
            )
            % c.planned
        )
    if c.unknown_area:
        parts.append(
            _("The file of sites names places that no shooting or outline does: %s.")
            % listed(c.unknown_area)
        )
    parts.append(
        _(
            "A program may serve only some blocks of its area: that it runs there does not say "
            "that it reaches all who need it."
        )
    )
    return " ".join(parts)
