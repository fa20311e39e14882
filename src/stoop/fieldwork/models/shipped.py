"""The plans that a city begins with. Each city edits its own afterwards; see `install_plans`."""

from typing import Any

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
    ("clergy", "Clergy"),
    ("hospital", "Hospital"),
    ("school", "School"),
    ("tenants", "Tenant association"),
    ("provider", "Another provider"),
    ("agency", "City agency"),
)
SERVICES = (
    ("trauma", "Trauma care"),
    ("victim", "Help for victims and families"),
    ("relocation", "Safe place to stay"),
    ("funeral", "Help with a funeral"),
    ("work", "Work and benefits"),
    ("legal", "Legal help"),
    ("other", "Other"),
)
RESOURCE_SHEET = (
    ("doors", "Broken-door repair"),
    ("trauma", "Care for children who saw it"),
    ("rights", "Legal rights of families"),
    ("wages", "Lost wages"),
    ("benefits", "Benefits"),
    ("school", "School"),
)
ATTENDANCE = _count("attendance", "People who came")
MATERIALS = _count("materials", "Flyers, cards and sheets handed out")
ASKED = _count("partners", "Partners asked", part="came", where="organization", kinds=PARTNERS)

SHOOTING: dict[str, Any] = {
    "code": "shooting",
    "title": "Shooting response",
    "sentence": "What a site does after a shooting in its catchment, from the first half hour on.",
    "by_hand": False,
    "clocks": [
        _clock("acknowledge", "Take it", 0.5),
        _clock("on_scene", "On the scene", 1),
        _clock("hospital", "At the hospital", 4),
        _clock("family", "Family spoken to", 24),
        _clock("canvass", "Doors around it knocked", 24),
        _clock("debrief", "Staff debrief", 48),
        _clock("public", "Public response: vigil, rally, walk", 72),
        _clock("follow_up_7", "Follow-up after 7 days", 7 * DAY),
        _clock("follow_up_14", "Follow-up after 14 days", 14 * DAY),
        _clock("follow_up_30", "Follow-up after 30 days", 30 * DAY),
    ],
    "tasks": [
        _task("partners", "Ask partners and clergy", 12),
        _task("materials", "Prepare flyers and cards", 20),
        _task("gathering", "Prepare the vigil or rally", 48),
        _task("services", "Offer services to those close to it", 72),
        _task("staff", "See that the team rests and talks", 48),
        _task("school", "Talk with the school", None, at_start=False),
        _task("shops", "Talk with the shops on the block", None, at_start=False),
        _task("second_canvass", "Knock on the doors again", None, at_start=False),
    ],
    "counts": [
        _count("doors", "Doors knocked", part="opened", where="block", hour=True),
        ASKED,
        MATERIALS,
        ATTENDANCE,
        _count("services", "Services offered", part="accepted", kinds=SERVICES),
    ],
}

TAKEDOWN: dict[str, Any] = {
    "code": "takedown",
    "title": "Post-takedown engagement",
    "sentence": "Help for the households of a building or block after a large police operation. "
    "Households are counted by building; no list of persons exists.",
    "by_hand": True,
    "clocks": [
        _clock("partner_call", "Call with partners", 1 * DAY),
        _clock("doors", "Doors with the resource sheet", 3 * DAY),
        _clock("debrief", "Staff debrief", 4 * DAY),
        _clock("meeting", "Community meeting", 7 * DAY),
        _clock("follow_up_30", "Follow-up after 30 days", 30 * DAY),
        _clock("follow_up_90", "Follow-up after 90 days", 90 * DAY),
    ],
    "tasks": [
        _task("sheet", "Print the resource sheet", 1 * DAY),
        _task("repair", "Ask for repair of broken doors", 3 * DAY),
        _task("child_care", "Bring trauma care for children", 3 * DAY),
        _task("legal", "Bring a legal clinic for families", 7 * DAY),
        _task("school", "Tell the school whom to call", 3 * DAY, at_start=False),
        _task("youth", "Keep places for young people in programs", 30 * DAY),
    ],
    "counts": [
        _count("households", "Households visited", part="opened", where="building", hour=True),
        _count("sheet", "Households that asked for help", where="building", kinds=RESOURCE_SHEET),
        ASKED,
        MATERIALS,
        ATTENDANCE,
        _count("services", "Services offered", part="accepted", kinds=SERVICES),
    ],
}

VIGIL: dict[str, Any] = {
    "code": "vigil",
    "title": "Vigil or rally",
    "sentence": "A gathering on a block: asked for, prepared, held, and followed up.",
    "by_hand": True,
    "clocks": [
        _clock("prepared", "Place and time agreed", 1 * DAY),
        _clock("held", "Held", 3 * DAY),
        _clock("debrief", "Staff debrief", 4 * DAY),
        _clock("follow_up_7", "Follow-up after 7 days", 7 * DAY),
    ],
    "tasks": [
        _task("partners", "Ask partners and clergy", 1 * DAY),
        _task("materials", "Prepare candles, flyers, cards", 2 * DAY),
        _task("sound", "Bring sound and water", None, at_start=False),
    ],
    "counts": [
        ASKED,
        MATERIALS,
        ATTENDANCE,
        _count("services", "Services offered", part="accepted", kinds=SERVICES),
    ],
}

PLANS: tuple[dict[str, Any], ...] = (SHOOTING, TAKEDOWN, VIGIL)
