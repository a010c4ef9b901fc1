"""Finds a Chromium or Chrome for the browser tests, and gets one where it may."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_browser() -> str | None:
    """Path of a browser that runs: PMDM_BROWSER, else the machine's own, else Playwright's."""
    candidates = [os.environ.get("PMDM_BROWSER"), *map(shutil.which, NAMES), *PLACES, playwrights_own()]
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
        quietly(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation"])
    return find_browser()


def playwrights_own() -> str | None:
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return None
    try:
        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    except (Error, OSError):
        return None
    return path if Path(path).exists() else None


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
