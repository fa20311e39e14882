"""How good the data are, and what the brief was made from."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stoop.precision.studies.quality import Agreement, Quality
from stoop.precision.views.sentences.words import Lead, day_words, listed
from stoop.ui.charts import format_number, format_percent

# Below this share, what is missing is left to the table.
WORTH_A_WORD = 0.005


def source(incidents: int, rows: int, files: int, first: date, last: date) -> str:
    """One line under the title: what all of it rests on. rows: those that were used."""
    return _("%(incidents)s from %(rows)s in %(files)s, %(first)s to %(last)s.") % {
        "incidents": ngettext("%s shooting incident", "%s shooting incidents", incidents)
        % format_number(incidents),
        "rows": ngettext("%s row", "%s rows", rows) % format_number(rows),
        "files": ngettext("%d file", "%d files", files) % files,
        "first": day_words(first),
        "last": day_words(last),
    }


def quality(q: Quality, incidents: int | None = None) -> Lead:
    """incidents: how many, to say which share of them lacks what."""
    read = ngettext("%s row was read", "%s rows were read", q.rows_read) % format_number(
        q.rows_read
    )
    if q.rows_rejected:
        answer = ngettext(
            "%(read)s; %(rejected)s could not be used, for a reason given in rejected.csv.",
            "%(read)s; %(rejected)s could not be used, each for a reason given in rejected.csv.",
            q.rows_rejected,
        ) % {"read": read, "rejected": format_number(q.rows_rejected)}
    else:
        answer = _("%s, and every one could be used.") % read
    more = [_missing(q, incidents) if incidents else ""]
    if q.agreement and q.agreement.more_than_a_little:
        more.append(_agreement(q.agreement, q.area_source))
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
            ngettext(
                "%s row is later than the day of this brief and was not used.",
                "%s rows are later than the day of this brief and were not used.",
                q.rows_after,
            )
            % format_number(q.rows_after)
        )
    return Lead(answer, tuple(filter(None, more)))


def _missing(q: Quality, incidents: int) -> str:
    found = (
        (_("%s have no time of day"), q.without_time),
        (_("%s have no usable point on the map"), q.without_point),
        (_("%s have no known area"), q.without_area),
    )
    if not any(n for _words, n in found):
        return _("Every incident has a time of day, a usable point on the map and an area.")
    lacks = [
        words % format_percent(n / incidents, 1)
        for words, n in found
        if n > WORTH_A_WORD * incidents
    ]
    return _("Of the incidents, %s.") % listed(lacks) if lacks else ""


def _agreement(a: Agreement, source: str) -> str:
    worst = a.differ[0]
    return _(
        "For %(share)s of incidents the recorded area is not the one that the point lies "
        "in (most often %(recorded)s on paper, %(mapped)s on the map); %(border)s of these "
        "are within 25 m of it, the others may be a moved border. The brief counts "
        "by the %(source)s area."
    ) % {
        "share": format_percent(1 - a.share, 1),
        "border": format_percent(a.at_border / a.missed),
        "recorded": worst.recorded,
        "mapped": worst.mapped,
        "source": _("recorded") if source == "recorded" else _("mapped"),
    }
