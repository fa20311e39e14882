"""The markdown pages of the project, and what they are made of."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Page:
    path: Path
    text: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def prose(self) -> str:
        """Without the fenced blocks."""
        return FENCE.sub("", self.text)

    def links(self) -> list[str]:
        return LINK.findall(self.prose)

    def anchors(self) -> set[str]:
        """What a heading is called in an address."""
        heads = re.findall(r"^#+ (.*)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}

    def commands(self) -> list[str]:
        """Each line of the fenced shell blocks, long lines joined, comments off."""
        lines = []
        for kind, body in FENCE.findall(self.text):
            if kind in ("bash", "sh", "console"):
                lines += body.replace("\\\n", " ").splitlines()
        return [line.partition(" #")[0].strip() for line in lines if line.strip()]

    def spans(self) -> list[str]:
        """What stands between single backquotes."""
        return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", self.prose)


def pages() -> list[Page]:
    found = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "src").rglob("*.md"),
    ]
    return [Page(path, path.read_text(encoding="utf-8")) for path in sorted(found)]
