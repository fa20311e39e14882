"""A file of claims: the design of a study, and what was said, in sentences or in parts."""

from dataclasses import dataclass
from pathlib import Path

from stoop.evaluation.models import Design
from stoop.evaluation.readers.design import design_of, read_toml
from stoop.evaluation.readers.keys import Keys
from stoop.evaluation.readers.sentences import COUNTED, Claim, claim_of
from stoop.kernel.errors import Refusal

QUESTION = "Do these claims hold?"


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a file, and the design whose files and panel they are held against."""

    design: Design
    claims: tuple[Claim, ...]


def read_claims(path: Path) -> Claims:
    """Read a file of claims: [[claim]] beside the tables of STUDY.toml.

    Raises Refusal as `read_design` does, and for a sentence that is not understood.
    """
    data, whole = read_toml(path)
    listed = Keys({"claim": whole.pop("claim", [])}, path.name).tables("claim")
    if not listed:
        raise Refusal(f"{path.name} makes no claim; write [[claim]] over each.")
    design = design_of(path, data, {"question": QUESTION} | whole)
    return Claims(design, tuple(_claim(each) for each in listed))


def _claim(keys: Keys) -> Claim:
    """A claim said in a sentence, or in parts, which make the same sentence."""
    source, kind = keys.text("source", ""), keys.choice("kind", tuple(_PARTS), None)
    says = keys.text("says") if kind is None else _PARTS[kind](keys)
    keys.end()
    return claim_of(says, source=source)


def _fall(keys: Keys) -> str:
    what, percent = _what(keys), keys.number("percent", least=0, most=100)
    sites = keys.codes("sites", None)
    where = f"the sites {', '.join(sites)}" if sites else "all sites"
    months = keys.whole("months", 0, least=1, most=600)
    return f"{what} fell by {percent:g} % across {where} in the first {months} months"


def _steeper(keys: Keys) -> str:
    what, times = _what(keys), keys.number("times", least=0, most=1000)
    against = keys.choice("against", ("matched", "other"), "matched")
    months = keys.whole("months", 0, least=0, most=600)
    within = f" in the first {months} months" if months else ""
    return f"{what} fell {times:g} times steeper than {against} sites{within}"


def _covers(keys: Keys) -> str:
    what, top = _what(keys), keys.whole("top", 0, least=1, most=100_000)
    by = keys.choice("by", ("rate", "count"), "rate")
    return f"the program covers the {top} areas with the highest {by}s of {what}"


def _concentration(keys: Keys) -> str:
    what, units = _what(keys), keys.whole("units", 0, least=1, most=100_000)
    share = keys.number("share", least=0, most=1)
    return f"{units} areas hold {100 * share:g} % of the {what}"


def _what(keys: Keys) -> str:
    found: str = keys.choice("what", tuple(COUNTED), "shootings")
    return found


_PARTS = {"fall": _fall, "steeper": _steeper, "covers": _covers, "concentration": _concentration}
