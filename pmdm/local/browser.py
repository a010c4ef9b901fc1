"""Finds a Chromium or Chrome for the browser tests, and gets one where it may."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

# The same engine without the window that nobody sees: a new tab costs it a quarter, a page a third.
SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_browser() -> str | None:
    """Path of a browser that runs: PMDM_BROWSER, else the machine's own, else Playwright's; a headless shell first."""
    candidates = chain(
        [os.environ.get("PMDM_BROWSER")], map(shutil.which, (*SHELLS, *NAMES)), PLACES, playwrights_own()
    )
    return next((path for path in candidates if path and runs(path)), None)


def get_browser() -> str | None:
    """A browser, downloaded by Playwright or installed from Debian's packages if there is none yet."""
    if found := find_browser():
        return found
    print("No Chromium or Chrome here; trying Playwright's own …", flush=True)
    quietly([sys.executable, "-m", "playwright", "install", "chromium"])
    if found := find_browser():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Trying the system's package chromium …", flush=True)
        quietly(["apt-get", "update", "-qq"])
        for package in (SHELLS[0], "chromium"):
            quietly(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package, "fonts-liberation"])
            if found := find_browser():
                return found
    return find_browser()


def playwrights_own() -> Iterator[str]:
    """What Playwright downloaded, its headless shell first."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return
    try:
        with sync_playwright() as playwright:
            path = Path(playwright.chromium.executable_path)
    except (Error, OSError):
        return
    # Both stand in folders of the same number: chromium-1200, chromium_headless_shell-1200.
    number = path.parents[1].name.rpartition("-")[2]
    shells = path.parents[2].glob(f"chromium_headless_shell-{number}/*/*headless*shell*")
    yield from (str(one) for one in (*sorted(shells), path) if one.is_file() and os.access(one, os.X_OK))


def runs(path: str) -> bool:
    """Ubuntu's chromium package may be a stub that only asks for snap, so it has to say its version."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0 and bool(said.stdout.strip())


def quietly(command: list[str]) -> None:
    """Run it; a failure shows by there being no browser afterwards."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {command[0]}: {error}", flush=True)
        return
    if done.returncode:
        print("  " + ((done.stderr or done.stdout).strip().splitlines() or ["failed"])[-1], flush=True)
