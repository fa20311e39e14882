"""The plans that a city begins with. Each city edits its own afterwards; see `install_plans`.

They are kept in English, and read in the reader's language: `said`. What a city writes is kept
and read as it was typed.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

HOUR, DAY = 1, 24


def _clock(code: str, label: str, hours: float) -> dict[str, Any]:
    return {"code": code, "label": label, "hours": hours}


def _task(
    code: str, label: str, hours: float | None = None, at_start: bool = True
) -> dict[str, Any]:
    return {"code": code, "label": label, "hours": hours, "at_start": at_start}


def _count(
    code: str,
    label: str,
    part: str = "",
    where: str = "",
    hour: bool = False,
    kinds: tuple[tuple[str, str], ...] = (),
) -> dict[str, Any]:
    return {
        "code": code,
        "label": label,
        "part": part,
        "where": where,
        "hour": hour,
        "kinds": [{"code": k, "label": text} for k, text in kinds],
    }


PARTNERS = (
    ("clergy", _("Clergy")),
    ("hospital", _("Hospital")),
    ("school", _("School")),
    ("tenants", _("Tenant association")),
    ("provider", _("Another provider")),
    ("agency", _("City agency")),
)
SERVICES = (
    ("trauma", _("Trauma care")),
    ("victim", _("Help for victims and families")),
    ("relocation", _("Safe place to stay")),
    ("funeral", _("Help with a funeral")),
    ("work", _("Work and benefits")),
    ("legal", _("Legal help")),
    ("other", _("Other")),
)
RESOURCE_SHEET = (
    ("doors", _("Broken-door repair")),
    ("trauma", _("Care for children who saw it")),
    ("rights", _("Legal rights of families")),
    ("wages", _("Lost wages")),
    ("benefits", _("Benefits")),
    ("school", _("School")),
)
ATTENDANCE = _count("attendance", _("People who came"))
MATERIALS = _count("materials", _("Flyers, cards and sheets handed out"))
ASKED = _count(
    "partners", _("Partners asked"), part=_("came"), where="organization", kinds=PARTNERS
)

SHOOTING: dict[str, Any] = {
    "code": "shooting",
    "title": _("Shooting response"),
    "sentence": _(
        "What a site does after a shooting in its catchment, from the first half hour on."
    ),
    "by_hand": False,
    "clocks": [
        _clock("acknowledge", _("Take it"), 0.5),
        _clock("on_scene", _("On the scene"), 1),
        _clock("hospital", _("At the hospital"), 4),
        _clock("family", _("Family spoken to"), 24),
        _clock("canvass", _("Doors around it knocked"), 24),
        _clock("debrief", _("Staff debrief"), 48),
        _clock("public", _("Public response: vigil, rally, walk"), 72),
        _clock("follow_up_7", _("Follow-up after 7 days"), 7 * DAY),
        _clock("follow_up_14", _("Follow-up after 14 days"), 14 * DAY),
        _clock("follow_up_30", _("Follow-up after 30 days"), 30 * DAY),
    ],
    "tasks": [
        _task("partners", _("Ask partners and clergy"), 12),
        _task("materials", _("Prepare flyers and cards"), 20),
        _task("gathering", _("Prepare the vigil or rally"), 48),
        _task("services", _("Offer services to those close to it"), 72),
        _task("staff", _("See that the team rests and talks"), 48),
        _task("school", _("Talk with the school"), None, at_start=False),
        _task("shops", _("Talk with the shops on the block"), None, at_start=False),
        _task("second_canvass", _("Knock on the doors again"), None, at_start=False),
    ],
    "counts": [
        _count("doors", _("Doors knocked"), part=_("opened"), where="block", hour=True),
        ASKED,
        MATERIALS,
        ATTENDANCE,
        _count("services", _("Services offered"), part=_("accepted"), kinds=SERVICES),
    ],
}

# Households are numbers by building, and nothing here takes a name: no list of persons can be kept,
# by this plan or by any that a city writes. Each place is checked to be one, kinds are choices of
# the plan, and there is no other text; `tests/test_takedown.py` tries.
TAKEDOWN: dict[str, Any] = {
    "code": "takedown",
    "title": _("Post-takedown engagement"),
    "sentence": _(
        "Help for the households of a building or block after a large police operation. "
        "Households are counted by building; no list of persons exists."
    ),
    "by_hand": True,
    "clocks": [
        _clock("partner_call", _("Call with partners"), 1 * DAY),
        _clock("doors", _("Doors with the resource sheet"), 3 * DAY),
        _clock("debrief", _("Staff debrief"), 4 * DAY),
        _clock("meeting", _("Community meeting"), 7 * DAY),
        _clock("follow_up_30", _("Follow-up after 30 days"), 30 * DAY),
        _clock("follow_up_90", _("Follow-up after 90 days"), 90 * DAY),
    ],
    "tasks": [
        _task("sheet", _("Print the resource sheet"), 1 * DAY),
        _task("repair", _("Ask for repair of broken doors"), 3 * DAY),
        _task("child_care", _("Bring trauma care for children"), 3 * DAY),
        _task("legal", _("Bring a legal clinic for families"), 7 * DAY),
        _task("school", _("Tell the school whom to call"), 3 * DAY, at_start=False),
        _task("youth", _("Keep places for young people in programs"), 30 * DAY),
    ],
    "counts": [
        _count(
            "households", _("Households visited"), part=_("opened"), where="building", hour=True
        ),
        _count(
            "sheet", _("Households that asked for help"), where="building", kinds=RESOURCE_SHEET
        ),
        ASKED,
        MATERIALS,
        ATTENDANCE,
        _count("services", _("Services offered"), part=_("accepted"), kinds=SERVICES),
    ],
}

VIGIL: dict[str, Any] = {
    "code": "vigil",
    "title": _("Vigil or rally"),
    "sentence": _("A gathering on a block: asked for, prepared, held, and followed up."),
    "by_hand": True,
    "clocks": [
        _clock("prepared", _("Place and time agreed"), 1 * DAY),
        _clock("held", _("Held"), 3 * DAY),
        _clock("debrief", _("Staff debrief"), 4 * DAY),
        _clock("follow_up_7", _("Follow-up after 7 days"), 7 * DAY),
    ],
    "tasks": [
        _task("partners", _("Ask partners and clergy"), 1 * DAY),
        _task("materials", _("Prepare candles, flyers, cards"), 2 * DAY),
        _task("sound", _("Bring sound and water"), None, at_start=False),
    ],
    "counts": [
        ASKED,
        MATERIALS,
        ATTENDANCE,
        _count("services", _("Services offered"), part=_("accepted"), kinds=SERVICES),
    ],
}

PLANS: tuple[dict[str, Any], ...] = (SHOOTING, TAKEDOWN, VIGIL)


def _labels(plan: dict[str, Any]) -> Iterator[str]:
    yield from (plan["title"], plan["sentence"])
    for line in plan["clocks"] + plan["tasks"] + plan["counts"]:
        yield line["label"]
    for line in plan["counts"]:
        yield line["part"]
        yield from (kind["label"] for kind in line["kinds"])


LABELS = frozenset(label for plan in PLANS for label in _labels(plan) if label)


def said(label: str) -> str:
    """A label as the reader reads it: in their language if Stoop brought it, else as typed."""
    return gettext(label) if label in LABELS else label


def in_words(line: dict[str, Any]) -> dict[str, Any]:
    """A plan's line of counts as the reader reads it."""
    kinds = [{**kind, "label": said(kind["label"])} for kind in line["kinds"]]
    return {**line, "label": said(line["label"]), "part": said(line["part"]), "kinds": kinds}
