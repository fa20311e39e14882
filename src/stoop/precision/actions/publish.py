"""A brief as a folder: the page, every number, every layer, and what it takes to make it again."""

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import shapely

from stoop.incidents.readers import write_rejects
from stoop.kernel.errors import Refusal
from stoop.kernel.files import file_in_one_move, folder_in_one_move
from stoop.kernel.progress import Progress, silent
from stoop.places.queries import unproject
from stoop.precision.studies import Brief, Request, make_brief
from stoop.precision.studies.plain import plain

Rows = Sequence[dict[str, Any]]
FORECAST_HEAD = ("month", "cell_x", "cell_y", "score")


def publish_brief(
    *,
    request: Request,
    out: Path,
    render: Callable[[Brief], str],
    progress: Progress = silent,
) -> Brief:
    """Make the brief and write it to `out`, whole or not at all.

    Raises Refusal for input that cannot be used and for an `out` that Stoop did not make.
    """
    with folder_in_one_move(out, made_by="run.json") as folder:
        brief = make_brief(request, progress)
        (folder / "index.html").write_text(render(brief), encoding="utf-8")
        _write_json(folder / "brief.json", brief.numbers)
        _write_json(folder / "run.json", brief.run)
        for name, rows in _tables(brief).items():
            write_csv(folder / f"{name}.csv", rows)
        for name, features in _layers(brief).items():
            _write_geojson(folder / f"{name}.geojson", features, brief.request.title)
        write_rejects(brief.city.shootings.report, folder / "rejected.csv")
    return brief


def write_forecasts(rows: Iterable[Sequence[Any]], out: Path) -> None:
    """Monthly place forecasts as `month,cell_x,cell_y,score`, whole or not at all.

    An older file of forecasts is replaced; Refusal for any other, which may be the only copy of
    something.
    """
    head = ",".join(FORECAST_HEAD).encode()
    if out.is_file():
        with out.open("rb") as old:
            if old.read(len(head)) not in (head, b""):
                raise Refusal(f"{out} is no file of forecasts; name another file with --out.")
    with file_in_one_move(out) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FORECAST_HEAD)
        writer.writerows(rows)


def write_csv(path: Path, rows: Rows) -> None:
    """Rows as CSV; text that a spreadsheet would run as a formula gets an apostrophe before it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        if not rows:
            return
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: _cell(v) for k, v in row.items()} for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "; ".join(str(item) for item in value)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def _write_json(path: Path, value: Any) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _tables(brief: Brief) -> dict[str, Rows]:
    """Every layer as rows; a layer that this brief does not have is left out."""
    tables: dict[str, Rows] = {
        "years": plain(brief.trend.years),
        "months": plain(brief.trend.months),
        "hours": [
            {"weekday": day, "hour": hour, "incidents": n}
            for day, row in enumerate(brief.hours.counts, 1)
            for hour, n in enumerate(row)
        ],
    }
    if brief.areas:
        tables["areas"] = plain(brief.areas.ranked)
    if brief.coverage:
        tables["coverage"] = plain((*brief.coverage.priority, *brief.coverage.outside))
    if brief.hotspots:
        tables["hotspots"] = plain(brief.hotspots.cells)
    if brief.forecast:
        tables["forecast"] = plain(brief.forecast.cells)
        if brief.forecast.backtest:
            tables["backtest"] = _backtest(brief)
    if brief.clusters:
        tables["clusters"] = plain(brief.clusters.clusters)
    if brief.near_repeat:
        tables["near_repeat"] = _near_repeat(brief)
    return {name: rows for name, rows in tables.items() if rows}


def _backtest(brief: Brief) -> Rows:
    judged = brief.forecast.backtest if brief.forecast else None
    if judged is None:
        return []
    rows = [
        {
            "method": m.method,
            "share_of_land": share,
            "hit_rate": m.hit_rate[i],
            "pai": m.pai[i],
            "pei": m.pei[i],
            "chosen": m.chosen,
        }
        for m in judged.methods
        for i, share in enumerate(judged.shares)
    ]
    return list(plain(rows))


def _near_repeat(brief: Brief) -> Rows:
    n = brief.near_repeat
    if n is None:
        return []
    nulls = {
        "within each quarter": n.within_quarter,
        "within each year": n.within_year,
        "over all years": n.all_time,
    }
    fields = ("observed", "expected", "ratio", "ratio_low", "ratio_high", "p")
    rows = [
        {
            "dates_shuffled": name,
            "within_m": d,
            "within_days": w,
            **{field: getattr(table, field)[i, j] for field in fields},
        }
        for name, table in nulls.items()
        for i, d in enumerate(n.distance_m)
        for j, w in enumerate(n.window_days)
    ]
    return list(plain(rows))


def _layers(brief: Brief) -> dict[str, list[tuple[Any, dict[str, Any]]]]:
    """Geometry and properties of each layer that has a place, in longitude and latitude."""
    layers = {}
    crs, size = brief.city.crs, brief.request.cell_m
    if brief.hotspots:
        layers["hotspots"] = _squares(plain(brief.hotspots.cells), size, crs)
    if brief.forecast:
        layers["forecast"] = _squares(plain(brief.forecast.cells), size, crs)
    if brief.clusters:
        layers["clusters"] = [
            (shapely.Point(c["lon"], c["lat"]), c) for c in plain(brief.clusters.clusters)
        ]
    if brief.areas and brief.outlines and brief.city.areas:
        ranked = {r["area"]: r for r in plain(brief.areas.ranked)}
        polygons = brief.city.areas.polygons
        layers["areas"] = [
            (shapely.simplify(polygons[o.row], 0.0002), ranked.get(o.code, {"area": o.code}))
            for o in brief.outlines
        ]
    return layers


def _squares(cells: Rows, size: float, crs: str) -> list[tuple[Any, dict[str, Any]]]:
    """Cells as polygons."""
    found = []
    for cell in cells:
        x, y = cell["cell_x"], cell["cell_y"]
        lon, lat = unproject([x, x + size, x + size, x], [y, y, y + size, y + size], crs)
        found.append((shapely.Polygon(zip(lon, lat, strict=True)), cell))
    return found


def _write_geojson(path: Path, features: list[tuple[Any, dict[str, Any]]], title: str) -> None:
    collection = {
        "type": "FeatureCollection",
        "name": title,
        "features": [
            {
                "type": "Feature",
                "geometry": _rounded(json.loads(shapely.to_geojson(geometry))),
                "properties": properties,
            }
            for geometry, properties in features
        ],
    }
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")


def _rounded(value: Any) -> Any:
    """Coordinates to a decimetre, six decimals of a degree."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return value
