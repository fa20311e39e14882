"""[costs] of a design: every assumption with its ends and its source."""

from stoop.evaluation.models.costs import NEEDED, PARTED, PER, WHOLE, Assumption, Costs
from stoop.evaluation.readers.keys import Keys
from stoop.kernel.errors import Refusal

# More than any budget; and what is a share, or a rate of interest a year.
MOST = 1e15
SHARES = {"share": 1.0, "fatal_share": 1.0, "discount": 0.5}


def read_costs(keys: Keys, file: str) -> Costs:
    """What [costs] says. Raises Refusal where an assumption lacks its ends or its source."""
    parted = keys.has("fatal")
    found = Costs(
        currency=keys.text("currency"),
        per=keys.choice("per", PER),
        assumptions=tuple(
            _assumption(keys.table(name), name, file)
            for name in (*NEEDED, *(PARTED if parted else WHOLE))
        ),
    )
    keys.end()
    return found


def _assumption(keys: Keys, name: str, file: str) -> Assumption:
    most = SHARES.get(name, MOST)
    low, central, high = (
        keys.number(end, least=0, most=most) for end in ("low", "central", "high")
    )
    if not low <= central <= high:
        raise Refusal(f"In {file}, {name} of [costs] does not rise from low over central to high.")
    found = Assumption(name, low, central, high, keys.text("source"))
    keys.end()
    return found
