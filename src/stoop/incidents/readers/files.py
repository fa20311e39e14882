"""Files as they arrive: found, fingerprinted, unpacked, and told apart by what they contain."""

import codecs
import gzip
import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from stoop.kernel.errors import Refusal

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Opened:
    """A file ready to be parsed.

    `name` is for people, `path` leads to the unpacked bytes, `kind` is one of CSV, XLSX, Parquet
    and GeoJSON; `encoding` is a codec name for text, empty otherwise. `plain` tells that the bytes
    are UTF-8 without NUL already, `lines` how many lines they have then.
    """

    name: str
    path: Path
    sha256: str
    kind: str
    encoding: str
    plain: bool
    lines: int = 0


def open_file(path: Path, name: str, scratch: Path) -> Opened:
    """Look at a file's bytes and say what it is; a .gz is unpacked into `scratch`."""
    digest, content = _fingerprint(path, name, scratch)
    with content.open("rb") as file:
        head = file.read(1 << 16)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Refusal(f"{name} is empty; give a file with a header and at least one row.")
    kind = _kind(head, content, name)
    if kind in ("XLSX", "Parquet"):
        return Opened(name, content, digest, kind, "", False)
    encoding, lines = _encoding(head, content, name)
    return Opened(name, content, digest, kind, encoding, lines > 0, lines)


def _fingerprint(path: Path, name: str, scratch: Path) -> tuple[str, Path]:
    if path.is_dir():
        raise Refusal(f"{name} is a folder; name the files in it that hold the shootings.")
    if not path.exists():
        raise Refusal(f"There is no file {path}; check the name and the folder.")
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            packed = file.read(2) == b"\x1f\x8b"
        return digest, _unpack(path, name, scratch) if packed else path
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise Refusal(f"{name} cannot be read ({reason}); check that you may open it.") from error


def _unpack(path: Path, name: str, scratch: Path) -> Path:
    target = scratch / f"unpacked-{len(list(scratch.iterdir()))}"
    try:
        with gzip.open(path, "rb") as packed, target.open("wb") as plain:
            while block := packed.read(BLOCK):
                plain.write(block)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Refusal(f"{name} is a damaged .gz file; fetch or pack it again.") from error
    return target


def _kind(head: bytes, path: Path, name: str) -> str:
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(path, name)
    if head.startswith(b"PAR1"):
        return "Parquet"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise Refusal(f"{name} is an old Excel file (.xls); save it as .xlsx or CSV.")
    if head.startswith(b"%PDF"):
        raise Refusal(f"{name} is a PDF; give the table itself as CSV or XLSX.")
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if text[:1] in (b"{", b"["):
        return "GeoJSON"
    if text[:9].lower() == b"<!doctype" or text[:5].lower() in (b"<html", b"<?xml"):
        raise Refusal(f"{name} is a web page or XML, not a table; download the CSV itself.")
    return "CSV"


def _zip_kind(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refusal(f"{name} is a damaged XLSX or zip file; save or fetch it again.") from error
    if any(entry.startswith("xl/workbook") for entry in names):
        return "XLSX"
    raise Refusal(f"{name} is a zip archive; unpack it and give the file inside.")


def _encoding(head: bytes, path: Path, name: str) -> tuple[str, int]:
    """Codec name, and the number of lines if the text is UTF-8 without NUL, else 0."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", 0
    if len(head) > 3 and head.count(0) > len(head) // 4:
        # Spreadsheets write UTF-16 without its mark too: every other byte of Latin text is NUL.
        little = head[1::2].count(0) > head[::2].count(0)
        if head[1::2].count(0) + head[::2].count(0) < 0.6 * len(head):
            return ("utf-16-le" if little else "utf-16-be"), 0
    control = sum(head.count(code) for code in (*range(9), *range(14, 32), 127))
    if control > len(head) // 50 + 1:
        raise Refusal(f"{name} is not a table of text; give CSV, XLSX, Parquet or GeoJSON.")
    utf8, lines = _check_text(path)
    mark = head.startswith(codecs.BOM_UTF8)
    if utf8:
        return ("utf-8-sig" if mark else "utf-8"), lines
    return "cp1252", 0  # Latin-1 with a few letters more, where Latin-1 has none


def _check_text(path: Path) -> tuple[bool, int]:
    """Whether a file is UTF-8, and its number of lines, 0 when it holds a NUL."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    nul, lines, last = False, 0, b""
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                nul = nul or b"\0" in block
                lines += block.count(b"\n")
                decoder.decode(block)
                last = block
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False, 0
    return True, 0 if nul else lines + (not last.endswith(b"\n"))
