"""`python -m scripts.pictures [OUT]`: the picture in the README, a brief of Sample City.

The brief is built anew, opened in Chromium, and its first words are set beside its map
and months, so that one screen shows what a brief is. Every word and line in it is the brief's own.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "brief.png"
CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
WIDTH, HEIGHT = 1280, 900

# Beside each other: title and summary, and two pictures that stand further down in the page.
COMPOSE = """
() => {
  const page = document.querySelector('.page');
  const left = document.createElement('div');
  left.append(document.querySelector('.page-header'), document.querySelector('.summary'));
  const right = document.createElement('div');
  right.append(document.querySelector('#city-map'), document.querySelector('#months'));
  page.replaceChildren(left, right);
}
"""
STYLE = """
html, body { overflow: hidden; }
body { font-size: 15px; }
.page.has-contents {
  display: grid; grid-template-columns: 560px 1fr; justify-content: normal;
  column-gap: 48px; padding: 28px 48px 0;
}
.page.has-contents > * { grid-column: auto; grid-row: auto; }
h2 { margin-block-start: 16px; }
dd { margin-block-end: 6px; line-height: 1.4; }
.figure { margin-block: 12px 16px; }
#city-map .map { max-block-size: 405px; }
.figure .numbers, .figure .figure-words { display: none; }
"""


def brief_picture(out: Path = OUT) -> bool:
    """Write the picture, 1280 x 900; False, and nothing written, where there is no Chromium."""
    if CHROMIUM is None:
        return False
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        stoop = Path(sys.executable).with_name("stoop")
        build = [str(stoop), "demo", "--folder", folder, "--only-build"]
        subprocess.run(build, check=True, capture_output=True)  # noqa: S603 - fixed
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light"
            )
            page.goto((Path(folder) / "brief" / "index.html").as_uri())
            page.evaluate(COMPOSE)
            page.add_style_tag(content=STYLE)
            out.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(out))
            browser.close()
    return True


if __name__ == "__main__":
    raise SystemExit(0 if brief_picture(Path(sys.argv[1]) if sys.argv[1:] else OUT) else 1)
