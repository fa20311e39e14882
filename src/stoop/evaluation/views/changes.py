"""A change in words: how many percent fewer or more, and between which."""

from django.utils.translation import gettext as _

from stoop.ui.charts import format_number


def change(percent: float) -> str:
    """A change in percent, with its side.

    >>> change(-9.33)
    '9.3% fewer'
    """
    words = {"n": format_number(abs(percent), 1)}
    return _("%(n)s%% fewer") % words if percent < 0 else _("%(n)s%% more") % words


def between(low: float, high: float) -> str:
    """An interval in percent; the side is said once where both ends have it.

    >>> between(-16.3, -1.8), between(-2, 3)
    ('between 1.8% and 16.3% fewer', 'between 2.0% fewer and 3.0% more')
    """
    if low < 0 < high:
        return _("between %(low)s and %(high)s") % {"low": change(low), "high": change(high)}
    near, far = sorted((abs(low), abs(high)))
    words = {"near": format_number(near, 1), "far": format_number(far, 1)}
    if high <= 0:
        return _("between %(near)s%% and %(far)s%% fewer") % words
    return _("between %(near)s%% and %(far)s%% more") % words


def amount(number: float) -> str:
    """A change in outcomes, whole, with its side.

    >>> amount(-443.6)
    '444 fewer'
    """
    words = {"n": format_number(abs(number))}
    return _("%(n)s fewer") % words if number < 0 else _("%(n)s more") % words


def amounts(low: float, high: float) -> str:
    """An interval in outcomes, whole."""
    if low < 0 < high:
        return _("between %(low)s and %(high)s") % {"low": amount(low), "high": amount(high)}
    near, far = sorted((abs(low), abs(high)))
    words = {"near": format_number(near), "far": format_number(far)}
    if high <= 0:
        return _("between %(near)s and %(far)s fewer") % words
    return _("between %(near)s and %(far)s more") % words
