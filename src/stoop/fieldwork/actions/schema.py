"""What a plan must look like before it becomes a version."""

import math
import re
from typing import Any

from stoop.fieldwork.actions.words import checked_label
from stoop.kernel.errors import Refusal

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST = {"clocks": 20, "tasks": 30, "counts": 20, "kinds": 20}
LONGEST_H = 366 * 24
WHERE = ("", "block", "building", "organization")
DEBRIEF = "debrief"


def checked_plan(said: dict[str, Any]) -> dict[str, Any]:
    """The plan with its fields in order and nothing else; Refusal says what is wrong and where."""
    clocks = [_clock(each) for each in _lines(said, "clocks")]
    plan: dict[str, Any] = {
        "title": checked_label(said.get("title"), "The title"),
        "sentence": checked_label(said.get("sentence"), "The sentence", most=300),
        "by_hand": said.get("by_hand") is True,
        "clocks": sorted(clocks, key=lambda clock: clock["hours"]),
        "tasks": [_task(each) for each in _lines(said, "tasks")],
        "counts": [_count(each) for each in _lines(said, "counts")],
    }
    for name in ("clocks", "tasks", "counts"):
        _once(name, plan[name])
    if not any(clock["code"] == DEBRIEF for clock in plan["clocks"]):
        raise Refusal(
            "A plan needs a clock with the code “debrief”: after every response the team talks."
        )
    return plan


def checked_code(code: object) -> str:
    """Small letters, digits and underscores."""
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise Refusal(
            "A code begins with a small letter and has only small letters, digits and “_”, "
            "like “follow_up_7”."
        )
    return code


def _lines(said: dict[str, Any], name: str) -> list[dict[str, Any]]:
    lines = said.get(name) or []
    if not isinstance(lines, list) or not all(isinstance(each, dict) for each in lines):
        raise Refusal(f"The {name} are not a list of lines; write one line for each.")
    if len(lines) > MOST[name]:
        raise Refusal(f"A plan has at most {MOST[name]} {name}; this one has {len(lines)}.")
    return lines


def _once(name: str, lines: list[dict[str, Any]]) -> None:
    codes = [line["code"] for line in lines]
    twice = {code for code in codes if codes.count(code) > 1}
    if twice:
        raise Refusal(f"The code “{min(twice)}” stands twice among the {name}; give each its own.")


def _hours(said: object, what: str) -> float:
    known = isinstance(said, int | float) and not isinstance(said, bool)
    if not known or not math.isfinite(said) or not 0 < said <= LONGEST_H:  # type: ignore[operator,arg-type]
        raise Refusal(f"{what} needs a time of more than nothing and at most 366 days.")
    return round(float(said), 4)  # type: ignore[arg-type]


def _clock(said: dict[str, Any]) -> dict[str, Any]:
    code = checked_code(said.get("code"))
    label = checked_label(said.get("label"), f"The clock “{code}”")
    return {"code": code, "label": label, "hours": _hours(said.get("hours"), f"The clock “{code}”")}


def _task(said: dict[str, Any]) -> dict[str, Any]:
    code = checked_code(said.get("code"))
    due = said.get("hours")
    return {
        "code": code,
        "label": checked_label(said.get("label"), f"The task “{code}”"),
        "hours": None if due is None else _hours(due, f"The task “{code}”"),
        "at_start": said.get("at_start", True) is True,
    }


def _count(said: dict[str, Any]) -> dict[str, Any]:
    code = checked_code(said.get("code"))
    part, where = said.get("part") or "", said.get("where") or ""
    if where not in WHERE:
        raise Refusal(f"The count “{code}” is by block, building, organization, or none of them.")
    kinds = [
        {
            "code": checked_code(each.get("code")),
            "label": checked_label(each.get("label"), f"A kind of “{code}”"),
        }
        for each in _lines(said, "kinds")
    ]
    _once("kinds", kinds)
    return {
        "code": code,
        "label": checked_label(said.get("label"), f"The count “{code}”"),
        "part": checked_label(part, f"The part of “{code}”", most=40) if part else "",
        "where": where,
        "hour": said.get("hour") is True,
        "kinds": kinds,
    }
