"""Whatever the bytes are: shootings, or one sentence that says how to mend it."""

import gzip
import io
import zipfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stoop.incidents import readers
from stoop.incidents.tests.workbook import write_workbook
from stoop.kernel.errors import Refusal

GOOD = "date,lat,lon\n2019-01-01,40,-75\n"
quick = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def zipped(**entries: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name.replace("__", "/"), text)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf  \n\n", "is empty"),
        (b"date,lat,lon\n", "header and no rows"),
        (b"date,lat,lon\n\n \n", "header and no rows"),
        (b"date,lat,lon\n,,\n", "None of the 1 rows.*no date"),
        (b"date,lat,lon\nx,40,-75\n", "None of the 1 rows.*date that cannot be read"),
        (b"date,lat,lon\n2019-01-01,,\n", "None of the 1 rows.*no coordinates"),
        (bytes(range(256)) * 20, "not a table of text"),
        (gzip.compress(GOOD.encode() * 50, mtime=0)[:-12], "damaged .gz"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"PK\x03\x04 and no more", "damaged XLSX or zip"),
        (zipped(a="1"), "zip archive"),
        (zipped(xl__workbook="<workbook/>"), "cannot be read as XLSX"),
        (b"PAR1 and no more", "cannot be read as Parquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
        (b"%PDF-1.4", "PDF"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'{"type": "FeatureCollection", "features": [', "damaged JSON"),
        (b'{"type": "FeatureCollection", "features": []}', "no features"),
        (b"[" * 100_000, "damaged JSON"),
        (b'{"crs": {"name": "EPSG::2263"}, "features": []}', "projection of its own"),
        (b'date,lat,lon\n2019-01-01,"40,-75\n', "quotation mark"),
        (b'date,lat,lon\n2019-01-01,40,"' + b"x" * 200_000, "quotation mark"),
        (b'date,lat,lon,n\n1/1/2019,40,-75,"a\n1/2/2019,40,-75,b"\n', "holds whole rows"),
        (b"date,date,lat,lon\n2019-01-01,2019-01-01,40,-75\n", "'date' and 'date'"),
        (b",,,\n1,2,3,4\n", "no column that is known as date|no header"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(Refusal, match=sentence) as refusal:
        readers.read([path])
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_paths_that_lead_nowhere(tmp_path):
    with pytest.raises(Refusal, match="There is no file"):
        readers.read([tmp_path / "none.csv"])
    with pytest.raises(Refusal, match="is a folder"):
        readers.read([tmp_path])
    with pytest.raises(Refusal, match="No file"):
        readers.read([])


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "../../etc/passwd", "/etc/passwd", "\0", "A" * 999]
)
def test_what_is_no_time_zone_is_refused(tmp_path, zone):
    path = tmp_path / "a.csv"
    path.write_text(GOOD)
    with pytest.raises(Refusal, match="no time zone"):
        readers.read([path], timezone=zone)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("originals")
    sheet = write_workbook(
        folder / "a.xlsx", {"S": [["date", "lat", "lon"], ["2019-01-01", 40, -75]]}
    )
    duckdb.sql(
        "COPY (SELECT DATE '2019-01-01' AS date, 40.0 AS lat, -75.0 AS lon FROM range(40))"
        f" TO '{folder / 'a.parquet'}' (FORMAT parquet)"
    )
    record = '{"type":"Feature","properties":{"date":"2019-01-01"},"geometry":'
    point = '{"type":"Point","coordinates":[-75,40]}}'
    return {
        "xlsx": sheet.read_bytes(),
        "parquet": (folder / "a.parquet").read_bytes(),
        "gz": gzip.compress(GOOD.encode()),
        "geojson": f'{{"type":"FeatureCollection","features":[{record}{point}]}}'.encode(),
    }


def assert_one_sentence(refusal: Refusal) -> None:
    assert str(refusal).endswith(".")
    assert "\n" not in str(refusal)


def read_or_refuse(path: Path) -> None:
    try:
        shootings = readers.read([path], timezone="America/New_York")
    except Refusal as refusal:
        assert_one_sentence(refusal)
    else:
        report = shootings.report
        assert len(shootings) + report.rows_rejected == report.rows_read
        assert len(shootings) > 0


@quick
@given(st.data())
def test_damaged_files_end_in_a_sentence(tmp_path, originals, data):
    kind = data.draw(st.sampled_from(sorted(originals)))
    content = bytearray(originals[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(bytes(content[: data.draw(st.integers(1, len(content)))]))
    read_or_refuse(path)


@quick
@given(st.binary(max_size=400))
@example(b"\x1f\x8b")
@example(b"PK\x03\x04")
@example("date,lat,lon\n2019-01-01,40,-75\n".encode("utf-16"))
@example(b"\xff\xfe\x00")
@example(b"{" * 9)
def test_any_bytes_end_in_a_sentence(tmp_path, content):
    path = tmp_path / "any"
    path.write_bytes(content)
    read_or_refuse(path)


CELLS = st.one_of(
    st.sampled_from(
        ["2019-01-01", "1/2/2019", "13/1/2019", "2019-01-01T25:00", "43700", "40", "-75", "0",
         "1e400", "(null)", "", '"', "'", "\x00", "\ufeff", "40,1", "nan", "POINT (-75 40)",
         "24:00", "²", "٣", "9" * 30, "1561953600000", "0001-01-01T00:00:00+14:00", "a\rb",
         "9999-12-31T23:59:00-12:00"]
    ),
    st.text(max_size=8),
)  # fmt: skip
HEADERS = st.sampled_from(
    ["date", "Date", "time", "lat", "lon", "x", "y", "precinct", "id", "incident_id", "fatal",
     "hour", '"na\nme"', "victims", "killed", "injured", "vic_sex", "location", "", "geometry",
     "name"]
)  # fmt: skip


@settings(parent=quick, max_examples=120)
@given(
    header=st.lists(HEADERS, min_size=1, max_size=9),
    rows=st.lists(st.lists(CELLS, max_size=10), max_size=6),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_any_table_ends_in_a_sentence(tmp_path, header, rows, delimiter):
    lines = [delimiter.join(header), "2019-01-01" + delimiter + "40" + delimiter + "-75"]
    lines += [delimiter.join(row) for row in rows]
    path = tmp_path / "any.csv"
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    read_or_refuse(path)
