"""The page: docs/reference/recovery.md, from recovery.json beside it."""

from math import expm1, log1p
from typing import Any

from bench.harness import ROOT
from bench.recovery.city import FALL, MOVED
from bench.recovery.rates import Rate
from bench.recovery.worlds import WORLDS

PAGE = ROOT / "docs" / "reference" / "recovery.md"
Row = dict[str, Any]
NOMINAL, SIZE = 0.95, 0.05
PRIMARY = "poisson_binary, on, CR2"
EVENTS = "event_study quasi-Poisson"

HEAD = """# Are planted effects recovered?

*Made by `python -m bench.recovery`.* Sample City is drawn {seeds} times, each time another city
of another seed ({cities} have room for one), by the demo's own generator: its districts,
programs, dates, shock year, seasons and near repeats. Each draw is asked as [`stoop evaluate`
is](../how-to/evaluate-a-program.md), with the design of that page: shootings by district and
quarter, 2018 to 2025, six districts with a program and 17 beside them. Places are the true ones;
how the recorded district slips is another matter. The larger panel is made of sectors, and leaves
synthetic control out for its time.

**What is true** is known exactly: the generator's intensity gives the shootings that every
district expects in every month, near repeats and their lag included. *Truth* below is what an
estimator says when it is given these expected counts: its own estimand, with its own weights.
*Covers it* is the share of 95 % intervals that hold it. *Covers what was done* is the share that
hold what the programs did to the treated districts together: where districts drift apart, or
effects differ, the two are not the same, and no error can mend that. *Finds* is the share with p
below 0.05: where nothing works it is the rate of false alarms, else the power. Behind each rate
stands its 95 % interval for {seeds} draws; **bold** is a rate whose interval leaves out the
nominal 95 % or 5 %.

## What to read

{reading}
"""

FOOT = """
## Make it again

```bash
.venv/bin/python -m bench.recovery
```

One process takes about ten minutes; `--seeds 20` is a first look, `--workers 2` two processes. The
same seeds give the same page.
"""


def page(kept: Row) -> str:
    worlds = kept["worlds"]
    text = HEAD.format(
        seeds=kept["seeds"],
        cities=kept["seeds"] - len(kept["without_a_city"]),
        reading="\n".join(f"- {each}" for each in _reading(worlds)),
    )
    for name, world in WORLDS.items():
        text += f"\n## {world.title}\n\n{world.words}\n\n{_numbers(worlds[name], world.works)}"
    return text + _verdicts(worlds) + _checks(worlds) + FOOT


def _reading(worlds: Row) -> list[str]:
    """The measured words; every figure is taken from the run."""
    alike, every, drift = (worlds[name]["numbers"] for name in ("alike", "every", "drift"))
    demo, moved = worlds["demo"]["numbers"], worlds["displaced"]["numbers"]
    many, tests = worlds["sectors alike"]["numbers"], worlds["alike"]["checks"]

    def covers(numbers: Row, name: str) -> str:
        return _percent(numbers[name]["covers"])

    clustered, robust = (PRIMARY.replace("CR2", kind) for kind in ("CR1", "HC1"))
    beside, mixed = "poisson_spillover, on, HC1", "synthetic_demeaned, overall, placebo"
    next_door = "poisson_spillover, onSO, HC1"
    stacked = "stacked_poisson, overall, CR1"
    imputed = "imputation_poisson, overall, clustered sampling"
    return [
        "**The interval of the answer** (Poisson, one step, CR2 with degrees of freedom by "
        f"Satterthwaite) holds its truth in {covers(alike, PRIMARY)} of draws where nothing works, "
        f"with {_percent(alike[PRIMARY]['finds'])} false alarms, and in {covers(every, PRIMARY)} "
        f"where all six work alike. With 30 of 82 treated: {covers(many, PRIMARY)}.",
        "**The page is stricter** than any one interval: it calls a change where nothing works in "
        f"{_called(worlds['alike'])} of draws, and where districts drift in "
        f"{_called(worlds['drift'])}.",
        f"**Plain clustered errors (CR1)** are too small with six treated units: {clustered} "
        f"covers {covers(alike, clustered)}, stacked Poisson {covers(alike, stacked)}, Poisson "
        f"imputation {covers(alike, imputed)}. Read their estimates, not their errors.",
        f"**Robust errors (HC1)** cover {covers(alike, robust)} here, because shootings of Sample "
        "City hang together over two weeks only. Where districts have good and bad years of their "
        "own, years that hang together, HC1 does not know of it: it is not the answer's error.",
        "**Where programs differ** (the demo: two of six work) the answer's interval covers "
        f"{covers(demo, PRIMARY)}: it takes the six as a sample of such programs, and is wider "
        f"than these six alone need. It finds the change in {_percent(demo[PRIMARY]['finds'])}.",
        "**Where districts drift apart by themselves** and nothing works, it holds no change in "
        f"{_percent(drift[PRIMARY]['covers_done'])} of draws.",
        f"**Where shootings move next door** the comparison rises too, and Poisson says "
        f"{moved[PRIMARY]['truth']:.3f} of expected counts. Beside the neighbours' own step it "
        f"says {moved[beside]['truth']:.3f}, and of the step {moved[next_door]['truth']:.3f}: "
        f"planted are {log1p(FALL):.3f} and {log1p(MOVED):.3f}.",
        f"**Synthetic control** (demeaned) covers {covers(alike, mixed)} where nothing works, with "
        f"{_percent(alike[mixed]['finds'])} false alarms: its placebos are the quieter districts, "
        "whose rates vary less than those of the treated. Read neither its error nor its p as an "
        "answer where the treated districts are the busiest.",
        "**Tests of what came before** cry wolf with six treated units: the event study's finds "
        f"movement in {_percent(tests['event_study CR1'])} (CR1) and "
        f"{_percent(tests['event_study HC1'])} (HC1) of draws without any. The page goes by "
        f"quasi-Poisson errors instead: {_percent(tests[EVENTS])}.",
        "**An average over starts of one unit each** has no error that could be known, because "
        "such a unit is its own mean. Sun-Abraham and linear imputation are refused there; when "
        "they were not, their intervals covered 3 times in 10.",
    ]


def _called(world: Row) -> str:
    found = world["verdicts"]
    hits = found["fell"]["hits"] + found["rose"]["hits"]
    return _percent({"hits": hits, "n": found["fell"]["n"]})


def _numbers(world: Row, works: bool) -> str:
    lines = [
        "| estimator, term, error | draws with a number | truth | bias | sd | said error "
        "| covers it | covers what was done | " + ("finds |" if works else "false alarms |"),
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, each in world["numbers"].items():
        off = abs(each["bias"]) > 3 * each["bias_se"]
        bias = f"{each['bias']:+.3f} ± {each['bias_se']:.3f}"
        done = each["covers_done"]
        cells = [
            name,
            _of(each["with_number"], each["draws"]),
            f"{each['truth']:.3f}",
            f"**{bias}**" if off else bias,
            f"{each['sd']:.3f}",
            f"{each['se']:.3f}",
            _rate(each["covers"], NOMINAL),
            _rate(done, NOMINAL) if done else "",
            _rate(each["finds"], None if works else SIZE),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    done = [each["done"] for each in world["numbers"].values() if each["done"] is not None]
    told = (
        f"What the programs did to the treated units together: {done[0]:.3f} as log of a ratio, "
        f"{expm1(done[0]):.1%}.\n\n"
        if works and done
        else ""
    )
    return told + "\n".join(lines) + "\n"


def _verdicts(worlds: Row) -> str:
    lines = [
        "\n## What the page says\n",
        "*Fell* or *rose* is said only where the interval, the starts dealt out anew and the test "
        "before the start all agree.\n",
        "| | fell | rose | cannot be told |",
        "|---|---:|---:|---:|",
    ]
    for name, world in WORLDS.items():
        found = worlds[name]["verdicts"]
        cells = [_rate(found[said], None) for said in ("fell", "rose", "open")]
        lines.append(f"| {world.title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _checks(worlds: Row) -> str:
    """Where districts move alike nothing moved before the start: each finding is a false alarm."""
    names = ("alike", "every", "sectors alike", "sectors")
    every = dict.fromkeys(each for name in names for each in worlds[name]["checks"])
    lines = [
        "\n## Tests of what came before the start\n",
        "Share of draws in which a joint test finds movement before the start (p below 0.05), "
        "where there is none. Empty: refused in every draw.\n",
        "| test | " + " | ".join(WORLDS[name].title for name in names) + " |",
        "|---|" + "---:|" * len(names),
    ]
    for test in every:
        cells = [
            _rate(found, SIZE) if (found := worlds[name]["checks"].get(test)) else ""
            for name in names
        ]
        lines.append(f"| {test} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _rate(found: Row, nominal: float | None) -> str:
    """A share in percent with its interval; bold where that leaves out the nominal one."""
    rate = Rate(found["hits"], found["n"])
    low, high = rate.interval
    told = f"{100 * rate.share:.0f} % ({100 * low:.0f} to {100 * high:.0f})"
    return told if nominal is None or rate.holds(nominal) else f"**{told}**"


def _percent(found: Row) -> str:
    return f"{100 * Rate(found['hits'], found['n']).share:.0f} %"


def _of(some: int, whole: int) -> str:
    return f"{100 * some / whole:.0f} %" if some < whole else "all"
