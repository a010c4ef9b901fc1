"""10,000 tasks in the browser: how long until they are seen, how many nodes, how smooth a scroll; beside frappe-gantt
drawing the same plan. BENCH_GANTT_TASKS makes the plan smaller.

The page is the surface alone under the policy the product ships, served to Chromium from memory. frappe-gantt is
fetched by npm into var/ for this bench only, and draws without baselines, critical path or a table.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common import Row, row
from gantt_data import plan_data

from pmdm.local.browser import find_browser

ROOT = Path(__file__).resolve().parents[2]
TASKS = int(os.environ.get("BENCH_GANTT_TASKS", "10000"))
OTHER = "frappe-gantt@1.0.3"
SITE = "http://bench.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'"
)
STYLES = ["tokens", "base", "parts", "forms", "data", "gantt"]
PATIENCE = 180_000  # milliseconds for either of them

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">{styles}
<script type="module" src="/static/js/gantt/index.js"></script></head>
<body><main><plan-gantt data-base="/plan/" data-code="BENCH" data-icons="/static/img/icons.svg"></plan-gantt></main>
</body></html>"""
OTHER_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="stylesheet" href="/other/css">
<script src="/other/js"></script></head><body><div id="chart"></div></body></html>"""
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}

# Scrolls by a window's height a frame and gives the longest and the middle frame.
SCROLL = """async () => {
    const box = document.querySelector(".g-scroll");
    const frames = [];
    let last = await new Promise(requestAnimationFrame);
    for (let step = 1; step <= 120; step++) {
        box.scrollTop = step * 600;
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - last);
        last = now;
    }
    frames.sort((a, b) => a - b);
    return [frames[60], frames.at(-1)];
}"""
OTHER_DRAWS = """(tasks) => new Promise((resolve) => {
    const began = performance.now();
    new Gantt("#chart", tasks, { view_mode: "Week" });
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
})"""


def run() -> list[Row]:
    path = find_browser()
    if path is None:
        return []
    data = plan_data(TASKS)
    with browser(path) as chromium:
        paint, nodes, bare, middle, worst = _ours(chromium, data)
        other = _other(chromium, data)
    name = f"timeline of {TASKS:,} tasks"
    rows = [
        row(f"{name}, first paint after its data", paint, "ms", limit=400),
        row(f"{name}, nodes", nodes - bare, "nodes", limit=2500),
        row(f"{name}, scrolling 20 rows a frame, middle", middle, "ms", limit=34),
        row(f"{name}, scrolling 20 rows a frame, worst", worst, "ms"),
    ]
    if other:
        rows.append(row(f"{name}, {OTHER}", other[0], "ms", floor=paint))
        rows.append(row(f"{name}, {OTHER}, nodes", other[1], "nodes", floor=nodes - bare))
    return rows


@contextmanager
def browser(path: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


def _ours(chromium, data) -> tuple[float, int, int, float, float]:
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    body = json.dumps(data)
    styles = "".join(f'<link rel="stylesheet" href="/static/css/{name}.css">' for name in STYLES)
    headers = {"Content-Security-Policy": POLICY}

    def answer(route) -> None:
        path = route.request.url.removeprefix(SITE).split("?")[0]
        if path == "/":
            route.fulfill(body=PAGE.format(styles=styles), content_type="text/html", headers=headers)
        elif path == "/plan/data.json":
            route.fulfill(body=body, content_type="application/json")
        elif path.startswith("/static/") and (file := ROOT / path[1:]).is_file():
            route.fulfill(body=file.read_bytes(), content_type=TYPES.get(file.suffix, "text/plain"))
        else:
            route.fulfill(status=204)

    page.route(f"{SITE}/**", answer)
    page.goto(f"{SITE}/")
    _wait_for_paint(page)
    paint = page.evaluate("performance.getEntriesByName('gantt-first-paint')[0].duration")
    count = "document.querySelectorAll('*').length"
    nodes = page.evaluate(count)
    bare = page.evaluate("document.querySelectorAll('head *').length")
    middle, worst = page.evaluate(SCROLL)
    nodes = max(nodes, page.evaluate(count))
    page.close()
    return paint, nodes, bare, middle, worst


def _wait_for_paint(page) -> None:
    """``wait_for_function`` would ask by eval the second time, which the page's policy forbids."""
    for _try in range(PATIENCE // 100):
        if page.evaluate("performance.getEntriesByName('gantt-first-paint').length"):
            return
        page.wait_for_timeout(100)
    raise RuntimeError("The timeline was never painted.")


def _other(chromium, data) -> tuple[float, int] | None:
    """Milliseconds and nodes of the other one; None where npm or the network is missing."""
    folder = _fetched()
    if folder is None:
        return None
    files = {
        "/other/js": next(folder.rglob("frappe-gantt.umd.js")),
        "/other/css": next(folder.rglob("frappe-gantt.css")),
    }
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)

    def answer(route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path == "/":
            route.fulfill(body=OTHER_PAGE, content_type="text/html")
        elif path in files:
            kind = "text/javascript" if path.endswith("js") else "text/css"
            route.fulfill(body=files[path].read_bytes(), content_type=kind)
        else:
            route.fulfill(status=204)

    page.route(f"{SITE}/**", answer)
    page.goto(f"{SITE}/")
    at = {field: index for index, field in enumerate(data["fields"])}
    before: dict[int, list[str]] = {}
    for first, then, *_rest in data["links"]:
        before.setdefault(then, []).append(str(first))
    tasks = [
        {
            "id": str(task[at["uid"]]), "name": task[at["name"]], "start": task[at["start"]][:10],
            "end": task[at["finish"]][:10], "progress": task[at["percent"]],
            "dependencies": ", ".join(before.get(task[at["uid"]], [])),
        }
        for task in data["tasks"]
    ]  # fmt: skip
    took = page.evaluate(OTHER_DRAWS, tasks)
    nodes = page.evaluate("document.querySelectorAll('body *').length")
    page.close()
    return took, nodes


def _fetched() -> Path | None:
    folder = ROOT / "var" / "bench" / OTHER.replace("@", "-")
    if next(folder.rglob("frappe-gantt.umd.js"), None):
        return folder
    npm = shutil.which("npm")
    if npm is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--silent", "--no-save", "--ignore-scripts", "--prefix", str(folder), OTHER]
    done = subprocess.run(command, check=False, capture_output=True, timeout=120)
    return folder if not done.returncode and next(folder.rglob("frappe-gantt.umd.js"), None) else None
