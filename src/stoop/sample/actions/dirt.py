"""A few spoilt rows of every kind that real files hold, each with its reason."""

from collections.abc import Callable

from stoop.sample.actions.draws import Draws

Record = dict[str, str]
Spoiler = Callable[[Record], Record]
COPY = "exact copy of another row"


def _point(longitude: str, latitude: str) -> Record:
    return {
        "longitude": longitude,
        "latitude": latitude,
        "point": f"POINT ({longitude} {latitude})",
    }


def _zero(record: Record) -> Record:
    return {**record, "x": "0", "y": "0", **_point("0", "0")}


def _swapped(record: Record) -> Record:
    swap = _point(record["latitude"], record["longitude"])
    return {**record, "x": record["y"], "y": record["x"], **swap}


def _far(record: Record) -> Record:
    """One degree too far north: a plausible number, another town."""
    degree, fraction = record["latitude"].split(".")
    return {
        **record,
        "x": "",
        "y": "",
        **_point(record["longitude"], f"{int(degree) + 1}.{fraction}"),
    }


def _no_point(record: Record) -> Record:
    return {**record, "x": "", "y": "", "longitude": "", "latitude": "", "point": ""}


def _no_time(record: Record) -> Record:
    return {**record, "time": ""}


def _no_such_day(record: Record) -> Record:
    month, _, year = record["date"].split("/")
    return {**record, "date": f"{'02' if len(month) == 2 else '2'}/30/{year}"}


def _age(text: str) -> Spoiler:
    return lambda record: {**record, "victim_age": text}


SPOILERS: tuple[tuple[str, int, Spoiler], ...] = (
    ("coordinates are zero", 3, _zero),
    ("latitude and longitude are swapped", 2, _swapped),
    ("outside the city", 2, _far),
    ("no coordinates", 3, _no_point),
    ("no time", 4, _no_time),
    ("no such day", 2, _no_such_day),
    ("no such age group", 1, _age("1022")),
    ("no such age group", 1, _age("940")),
)
COPIES = 2


def spoil(parts: list[list[Record]], draws: Draws) -> tuple[list[Record], list[str]]:
    """Records in one list with the reasons beside them ("" for a clean one).

    Only incidents of a single row are spoilt, so that the counts of a reader stay easy to check:
    each loses one incident or none. A copy follows its original.
    """
    single = [k for k, records in enumerate(parts) if len(records) == 1]
    chosen = [single[k] for k in draws.order(len(single)).tolist()]
    work: dict[int, tuple[str, Spoiler | None]] = {}
    for reason, count, spoiler in SPOILERS:
        for _ in range(count):
            work[chosen.pop()] = (reason, spoiler)
    for _ in range(COPIES):
        work[chosen.pop()] = (COPY, None)
    records: list[Record] = []
    reasons: list[str] = []
    for k, own in enumerate(parts):
        reason, change = work.get(k, ("", None))
        records += [change(record) for record in own] if change else own
        reasons += [reason if change else ""] * len(own)
        if reason == COPY:
            records.append(dict(own[0]))
            reasons.append(COPY)
    return records, reasons
