"""What a watch zone means, in the words for the street."""

from django.utils.translation import gettext as _

from stoop.precision.models import WatchRun
from stoop.precision.views.sentences.words import percent_change
from stoop.ui.charts import format_number


def watch_sentence(run: WatchRun | None) -> str:
    """How far and how long, with its interval, or that none can be told; never a forecast."""
    if run is None:
        return _("How far and how long risk is raised after a shooting has not been computed yet.")
    if run.ratio is None or run.ratio_low is None or run.ratio_high is None:
        return _("No watch zone: too few shootings lie near each other to say anything.")
    numbers = {
        "radius": format_number(run.about_radius_m),
        "days": run.about_days,
        "ratio": percent_change(run.ratio),
        "low": percent_change(run.ratio_low),
        "high": percent_change(run.ratio_high),
        "incidents": format_number(run.incidents),
        "first": run.first_day.year,
        "last": run.last_day.year,
    }
    if not run.raised:
        said = _(
            "No watch zone: in this city no raised risk around a shooting can be told from chance "
            "(within %(radius)s m and %(days)d days %(ratio)s, 95%% interval %(low)s to %(high)s; "
            "%(incidents)s shootings, %(first)d to %(last)d)."
        )
        return said % numbers
    said = _(
        "For %(days)d days after a shooting, further ones within %(radius)s m are more frequent "
        "than place and season explain: %(ratio)s (95%% interval %(low)s to %(high)s; "
        "%(incidents)s shootings, %(first)d to %(last)d). A reason to be present with the people "
        "there, not a forecast."
    )
    return said % numbers
