"""Which came first, the question or the data: what a study's registration lets a reader say."""

from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stoop.evaluation.models import Register, Version
from stoop.ui.charts import Table


class Registered(NamedTuple):
    """`clear`: nothing here asks for caution; `said`: the sentences; `table`: every version."""

    clear: bool
    said: list[str]
    table: Table | None


def registered(sha256: str, register: Register | None) -> Registered:
    """What may be said of the design with this digest."""
    if register is None or not register.versions:
        said = _(
            "Not registered: nothing shows that the question came before the numbers, and a reader "
            "cannot know."
        )
        return Registered(False, [said], None)
    first, *amended = register.versions
    ours = register.version(sha256)
    said = []
    if ours is None:
        said.append(
            _(
                "This is not the registered design: its digest is none of those that were "
                "registered as %(study)s. What it finds was not announced before."
            )
            % {"study": register.study}
        )
    elif ours is not register.versions[-1]:
        said.append(
            _("This is version %(number)s of the design, which was amended since.")
            % {"number": ours.number}
        )
    said.append(_begun(first))
    if amended:
        said.append(
            ngettext(
                "It was amended %(n)s time since, as the table says.",
                "It was amended %(n)s times since, as the table says.",
                len(amended),
            )
            % {"n": len(amended)}
        )
    said.append(_("Whoever knew the record from elsewhere knew it all the same."))
    clear = ours is register.versions[-1] and not any(v.after_outcomes for v in register.versions)
    return Registered(clear, said, _versions(register))


def _begun(first: Version) -> str:
    when = {"date": _day(first)}
    if first.after_outcomes:
        return _("Registered on %(date)s, after the outcomes had been read already.") % when
    return _("Registered on %(date)s, before the outcomes were read.") % when


def _versions(register: Register) -> Table:
    rows = tuple(
        (
            str(each.number),
            _day(each),
            _("after the outcomes were read") if each.after_outcomes else _("before"),
            each.reason or _("the registration"),
            each.sha256[:12],
            each.ledger[:12],
        )
        for each in register.versions
    )
    headers = (_("Version"), _("Date"), _("Outcomes"), _("Why"), _("Digest"), _("Ledger"))
    return Table(headers, rows, _("Every version of the design"))


def _day(version: Version) -> str:
    """The date in words, beside its other form."""
    day = version.registered_at.date()
    return f"{date_format(day, 'j F Y')} ({day.isoformat()})"
