# ruff: noqa: DTZ001 (a spreadsheet knows no time zone)
"""A minimal XLSX writer, so that tests need no library that the readers do not."""

import datetime as dt
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/></Types>"""
_RELS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="xl/workbook.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
</Relationships>"""
_STYLES = """<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="20"/><xf numFmtId="22"/>
<xf numFmtId="46"/></cellXfs></styleSheet>"""
_EPOCH = dt.datetime(1899, 12, 30)


def write_workbook(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    names = "".join(
        f'<sheet name="{escape(name)}" sheetId="{i}" r:id="rId{i}"/>'
        for i, name in enumerate(sheets, start=1)
    )
    rels = "".join(
        f'<Relationship Id="rId{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    style = f'<Relationship Id="rId99" Type="{office}/styles" Target="styles.xml"/>'
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", _TYPES)
        book.writestr("_rels/.rels", _RELS)
        book.writestr("xl/styles.xml", _STYLES)
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{names}</sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f"{rels}{style}</Relationships>",
        )
        for i, rows in enumerate(sheets.values(), start=1):
            cells = "".join(_row(number, row) for number, row in enumerate(rows, start=1))
            book.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
            )
    return path


def _row(number: int, row: Sequence[object]) -> str:
    cells = "".join(_cell(f"{chr(65 + i)}{number}", value) for i, value in enumerate(row))
    return f'<row r="{number}">{cells}</row>'


def _cell(place: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f'<c r="{place}" s="3"><v>{(value - _EPOCH) / dt.timedelta(days=1)!r}</v></c>'
    if isinstance(value, dt.date):
        days = (dt.datetime(value.year, value.month, value.day) - _EPOCH).days
        return f'<c r="{place}" s="1"><v>{days}</v></c>'
    if isinstance(value, dt.time):
        return f'<c r="{place}" s="2"><v>{(value.hour * 60 + value.minute) / 1440!r}</v></c>'
    if isinstance(value, dt.timedelta):
        return f'<c r="{place}" s="4"><v>{value / dt.timedelta(days=1)!r}</v></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    text = escape(str(value))
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'
