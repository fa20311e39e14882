"""What stands beside a number that must not be read alone."""

from stoopstat.impact.design import Refused, Treated
from stoopstat.impact.levels import FAR, level_gap
from stoopstat.impact.matched import Matched


def of_placebos(rates: Treated) -> str:
    """Why not to go by the placebos: they are areas quieter than those with a program. How much
    too narrow the intervals are then, is measured in docs/reference/recovery.md."""
    gap = level_gap(rates)
    if isinstance(gap, Refused) or gap.ratio <= FAR:
        return ""
    return (
        f"Go neither by its error nor by its p: areas with a program start at {gap.ratio:.1f} "
        "times the rate of the others, and its placebos, taken from those quieter areas, vary less."
    )


def of_matches(found: Matched) -> str:
    """How alike the matches are, and all that could be matched, in standard deviations."""
    level, trend = (abs(float(each)) for each in found.difference)
    all_level, all_trend = (abs(float(each)) for each in found.difference_before)
    return (
        "Before the start the matches differ from the areas with a program by "
        f"{level:.2f} standard deviations in level and {trend:.2f} in trend; all areas that could "
        f"be matched, by {all_level:.2f} and {all_trend:.2f}."
    )
