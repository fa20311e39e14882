"""Which came first, the question or the data: what a study's registration lets a reader say."""

from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stoop.evaluation.models import Known, Register, Version
from stoop.ui.charts import Table

FILE = "registration.json"


class Registered(NamedTuple):
    """`warning`: what asks for caution, empty where nothing does; `said`: all sentences; `table`:
    every version."""

    warning: str
    said: list[str]
    table: Table | None


def registered(sha256: str, register: Register | None) -> Registered:
    """What may be said of the design with this digest."""
    if register is None or not register.versions:
        said = _(
            "Not registered: nothing shows that the question came before the numbers, and a reader "
            "cannot know."
        )
        return Registered(said, [said], None)
    first, *amended = register.versions
    ours = register.version(sha256)
    warning = _warning(register, ours)
    said = [warning] if warning else []
    if not first.after_outcomes:
        before = _("By %(file)s, registered on %(date)s, before outcomes were read there.")
        said.append(f"{before % _when(first)} {_period(first)}".strip())
    elif first.period:
        said.append(_period(first))
    said.append(
        _(
            "The file can be edited by anybody; event %(event)s of that platform's ledger, whose "
            "digest begins with %(digest)s, is where to check it."
        )
        % {"event": first.event, "digest": first.ledger[:12]}
    )
    if amended:
        said.append(
            ngettext(
                "It was amended once since, as the table says.",
                "It was amended %(n)s times since, as the table says.",
                len(amended),
            )
            % {"n": len(amended)}
        )
    said.append(_("Whoever knew the record from elsewhere knew it all the same."))
    return Registered(warning, said, _versions(register))


def _warning(register: Register, ours: Version | None) -> str:
    """The heaviest reason not to take the registration at its word; empty where there is none."""
    first, last = register.versions[0], register.versions[-1]
    if ours is None:
        return _(
            "This is not the registered design: its digest is none of those that were "
            "registered as %(study)s. What it finds was not announced before."
        ) % {"study": register.study}
    if first.after_outcomes:
        return _(
            "By %(file)s, registered on %(date)s, after a run there had read outcomes of its "
            "period."
        ) % _when(first)
    # The reason is in somebody's own language: its signs stay with it, whichever way that is read.
    late = [each for each in register.versions if each.after_outcomes]
    if late:
        return _(
            "The design was amended after outcomes had been read, last on %(date)s: %(why)s"
        ) % {**_when(late[-1]), "why": f"\u2068{late[-1].reason}\u2069"}
    if ours is not last:
        return _("This is version %(number)s of the design, which was amended since.") % {
            "number": ours.number
        }
    return ""


def _period(version: Version) -> str:
    """How far its period had come; older files do not say it."""
    if not version.period:
        return ""
    return _("That was %(period)s.") % {"period": Known(version.period).label}


def _when(version: Version) -> dict[str, str]:
    return {"file": FILE, "date": _day(version)}


def _versions(register: Register) -> Table:
    rows = tuple(
        (
            str(each.number),
            _day(each),
            _outcomes(each),
            each.reason or _("the registration"),
            each.sha256[:12],
            each.ledger[:12],
        )
        for each in register.versions
    )
    headers = (_("Version"), _("Date"), _("Outcomes"), _("Why"), _("Digest"), _("Ledger"))
    return Table(headers, rows, _("Every version of the design"))


def _outcomes(version: Version) -> str:
    read = _("after outcomes were read") if version.after_outcomes else _("before")
    return f"{read}; {Known(version.period).label}" if version.period else read


def _day(version: Version) -> str:
    """The date in words, beside its other form."""
    day = timezone.localdate(version.registered_at)
    return f"{date_format(day, 'j F Y')} ({day.isoformat()})"
