"""`python -m bench.live.phone`: how the map moves under a thumb, with 100,000 shootings in view.

A page of 360 x 780 points at 3 pixels each, its processor slowed down as Chromium does it for
developers; drags and pinches made by the browser itself. Printed: the time between frames, and
the work of the page's main thread for each task, in its own (slowed) processor time, which does
not count what else the machine does meanwhile.
"""

import argparse
import json
import subprocess
import sys
from typing import Any

import numpy as np

from bench.live.platform import platform
from bench.live.works import write_rows

POINTS = 108_000  # rows, of 98,000 shootings: the map draws up to 100,000 as points
QUERY = "/map/?span=chosen&first=2000-01-01&show=points"
SCREEN = {"viewport": {"width": 360, "height": 780}, "device_scale_factor": 3}
PHONE = SCREEN | {"is_mobile": True, "has_touch": True}
FRAMES = """() => { window.frames_ = []; let last = 0;
  const tick = (now) => { if (last) window.frames_.push(now - last); last = now;
    window.going_ = requestAnimationFrame(tick); }; requestAnimationFrame(tick); }"""
CATS = ["toplevel", "devtools.timeline"]
ENDED = "() => { cancelAnimationFrame(window.going_); return window.frames_; }"


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench.live.phone", description=__doc__)
    asked.add_argument("--slower", type=int, nargs="+", default=[1, 4, 6], metavar="TIMES")
    times = asked.parse_args().slower
    with platform("sqlite") as made:
        made.run("bench.live.seed", what="grid")
        file = made.home / "points.csv"
        write_rows(file, POINTS)
        command = [sys.executable, "-m", "stoop.config.cli", "load", "incidents", str(file)]
        subprocess.run(command, env=made.env, cwd=made.home, check=True, capture_output=True)
        cookie = made.run("bench.live.seed", what="desk", many=1)["cookies"][0]
        made.serve()
        for slower in times:
            print(f"{slower} times slower")
            for name, said in measured(made.url, cookie, slower).items():
                print(f"  {name:6} {said}")


def measured(url: str, cookie: str, slower: int) -> dict[str, str]:
    """What is said of each gesture."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(**PHONE)
        kept = {"name": "sessionid", "value": cookie, "domain": "127.0.0.1", "path": "/"}
        context.add_cookies([kept])
        sheet = context.new_page()
        sheet.set_default_timeout(120_000)
        sheet.goto(url + QUERY)
        sheet.wait_for_selector("#map[data-mode=points]")
        sheet.evaluate(
            "document.getElementById('map')"
            ".scrollIntoView({ block: 'center', behavior: 'instant' })"
        )
        box = sheet.locator("#map").bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        devtools = context.new_cdp_session(sheet)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        found = {"points": str(sheet.locator("#map").get_attribute("data-drawn"))}
        for name, ways in GESTURES.items():
            browser.start_tracing(page=sheet, categories=CATS)
            sheet.evaluate(FRAMES)
            for each in ways:
                move(devtools, sheet, middle, each)
            sheet.wait_for_timeout(1000)
            frames = sheet.evaluate(ENDED)
            found[name] = said(frames, tasks(json.loads(browser.stop_tracing())))
        browser.close()
        return found


Way = list[tuple[float, float]]  # from the middle to there, for each finger
GESTURES: dict[str, list[Way]] = {
    "drag": [[(-140, 0)], [(0, -140)], [(120, 120)], [(-100, 60)]],
    "pinch": [[(-100, 0), (100, 0)], [(-40, -60), (40, 60)]],
}


def move(devtools: Any, sheet: Any, middle: tuple[float, float], way: Way) -> None:
    """A touch with one finger or two, in thirty steps at the pace of the screen."""
    x, y = middle
    for step in range(31):
        to = [{"x": x + dx * step / 30, "y": y + dy * step / 30} for dx, dy in way]
        if len(way) == 2:  # two fingers begin 20 points apart
            to = [each | {"x": each["x"] + side} for each, side in zip(to, (-10, 10), strict=True)]
        kind = "touchMove" if step else "touchStart"
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": to})
        sheet.wait_for_timeout(16)
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    sheet.wait_for_timeout(700)


def tasks(trace: dict[str, Any]) -> list[float]:
    """Milliseconds of the page's main thread, task by task."""
    events = trace["traceEvents"]
    names = {
        (each["pid"], each["tid"]): each["args"]["name"]
        for each in events
        if each["name"] == "thread_name"
    }
    main = {at for at, name in names.items() if name == "CrRendererMain"}
    run = [e for e in events if e["name"].endswith("RunTask") and (e["pid"], e["tid"]) in main]
    return [each.get("tdur", 0) / 1000 for each in run]


def said(frames: list[float], work: list[float]) -> str:
    """The frames and the tasks in one line."""
    middle, most = np.percentile(frames, [50, 95])
    heavy = sorted(work)[-3:]
    return (
        f"{len(frames)} frames: half within {middle:.0f} ms, 95 % within {most:.0f}, "
        f"longest {max(frames):.0f}; heaviest tasks {', '.join(f'{t:.0f}' for t in heavy)} ms; "
        f"{sum(t > 16 for t in work)} above 16 ms, {sum(t > 50 for t in work)} above 50"
    )


if __name__ == "__main__":
    main()
