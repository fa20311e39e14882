"""`python -m scripts.pictures`: the pictures in the README and the tutorial, of Sample City.

The demo is built anew and served, a shooting is made up, and what its people see is photographed.
Of the brief, the first words are set beside the map and the months, so that one screen shows what
a brief is. Every word and line in the pictures is the program's own.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

OUT = Path(__file__).resolve().parents[1] / "docs" / "images"
PHONE = {"width": 390, "height": 760}
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


def pictures(out: Path = OUT) -> bool:
    """Write all pictures into a folder; False, and nothing written, where there is no Chromium."""
    if CHROMIUM is None:
        return False
    from playwright.sync_api import sync_playwright

    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        stoop = str(Path(sys.executable).with_name("stoop"))
        demo = [stoop, "demo", "--folder", folder, "--first", "1", "--every", "100000"]
        subprocess.run([*demo, "--only-build"], check=True, capture_output=True)  # noqa: S603 - fixed
        browser = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        _brief(browser, Path(folder), out)
        with subprocess.Popen(demo, stderr=subprocess.PIPE, text=True) as platform:  # noqa: S603
            try:
                _night(browser, _address(platform), out)
            finally:
                platform.terminate()
                platform.wait(60)
        browser.close()
    return True


def _brief(browser: Any, folder: Path, out: Path) -> None:
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
    page.goto((folder / "brief" / "index.html").as_uri())
    page.evaluate(COMPOSE)
    page.add_style_tag(content=STYLE)
    page.screenshot(path=str(out / "brief.png"))


def _address(platform: subprocess.Popen[str]) -> str:
    """Where the demo answers, once it says so and a shooting was made up."""
    found = ""
    for line in platform.stderr or ():
        seen = re.search(r"http://127\.0\.0\.1:\d+", line)
        found = seen[0] if seen else found
        if found and "was made up:" in line:
            return found
    raise RuntimeError("the demo said no address")


def _night(browser: Any, address: str, out: Path) -> None:
    """What Alice sees on her phone and Carol at her desk while a shooting is taken."""
    alice = _signed_in(browser, address, "alice", PHONE)
    alice.goto(f"{address}/alerts/")
    alice.get_by_role("button", name="Take it").first.wait_for()
    alice.screenshot(path=str(out / "alert.png"))
    alice.get_by_role("button", name="Take it").first.click()
    alice.get_by_text("You have it").first.wait_for()
    alice.goto(f"{address}/board/")
    alice.get_by_role("link", name="Go to it").first.click()
    alice.wait_for_url("**/responses/**")
    alice.screenshot(path=str(out / "response.png"))
    carol = _signed_in(browser, address, "carol", {"width": 1000, "height": 640})
    for name, path in (("city", "/city/"), ("report", "/report/"), ("map", "/map/?span=30d")):
        carol.goto(address + path)
        carol.wait_for_timeout(1500)  # the map draws itself
        carol.screenshot(path=str(out / f"{name}.png"))


def _signed_in(browser: Any, address: str, who: str, size: dict[str, int]) -> Any:
    page = browser.new_context(viewport=size, color_scheme="light").new_page()
    page.goto(f"{address}/sign-in")
    page.fill("input[type=email]", f"{who}@sample.example")
    page.fill("input[type=password]", "made-up-city")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


if __name__ == "__main__":
    raise SystemExit(0 if pictures() else 1)
