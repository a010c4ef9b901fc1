"""Fetch the third-party files named in static/vendor/vendor.toml and lock them by hash.

A maintainer's tool: users get the committed files and need neither npm nor a network.
"""

import hashlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "static" / "vendor" / "vendor.toml"
LOCK = ROOT / "static" / "vendor" / "vendor.lock"
# Manifest storage stops at a source map that is not there.
SOURCE_MAP = re.compile(r"\n?(//[#@]\s*sourceMappingURL=\S*|/\*[#@]\s*sourceMappingURL=[^*]*\*/)\s*$")
SVG = "{http://www.w3.org/2000/svg}"


def packages() -> list[dict]:
    """The packages of vendor.toml."""
    return tomllib.loads(MANIFEST.read_text())["package"]


def folder_of(package: dict) -> Path:
    """Where a package's files are kept: NAME-VERSION below static/vendor, or below its own `folder`."""
    name = package["name"].lstrip("@").replace("/", "-")
    return ROOT / package.get("folder", "static/vendor") / f"{name}-{package['version']}"


def vendored_files() -> list[Path]:
    """Every file the lock has to name."""
    files = [path for package in packages() for path in folder_of(package).rglob("*") if path.is_file()]
    sprites = [ROOT / package["sprite"]["target"] for package in packages() if "sprite" in package]
    return sorted(files + sprites)


def read_lock() -> dict[str, str]:
    """Path below the root to sha256, as locked."""
    return {path: digest for digest, path in (line.split("  ", 1) for line in LOCK.read_text().splitlines())}


def digest(path: Path) -> str:
    """sha256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch_all() -> list[Path]:
    """Fetch every package anew, drop versions no longer named, write the lock; return the files."""
    for package in packages():
        with tempfile.TemporaryDirectory() as scratch:
            _place(package, _unpacked(package, Path(scratch)))
    _drop_unnamed()
    files = vendored_files()
    LOCK.write_text("".join(f"{digest(path)}  {path.relative_to(ROOT).as_posix()}\n" for path in files))
    return files


def _unpacked(package: dict, scratch: Path) -> Path:
    subprocess.run(
        ["npm", "pack", "--silent", f"{package['name']}@{package['version']}"], cwd=scratch, check=True, timeout=120
    )
    archive = next(scratch.glob("*.tgz"))
    with tarfile.open(archive) as tar:
        tar.extractall(scratch, filter="data")
    return scratch / "package"


def _place(package: dict, source: Path) -> None:
    target = folder_of(package)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for inside, name in package["files"].items():
        content = (source / inside).read_bytes()
        if name.endswith((".js", ".css")):
            content = SOURCE_MAP.sub("\n", content.decode()).encode()
        (target / name).write_bytes(content)
    if sprite := package.get("sprite"):
        path = ROOT / sprite["target"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(draw_sprite({name: (source / sprite["source"] / f"{name}.svg") for name in sprite["icons"]}))


def draw_sprite(icons: dict[str, Path]) -> str:
    """One SVG with a <symbol> for each icon; colour and stroke come from the page's CSS."""
    symbols = []
    for name, path in sorted(icons.items()):
        icon = ElementTree.fromstring(path.read_text())
        shapes = "".join(_shape(element) for element in icon)
        symbols.append(f'<symbol id="{name}" viewBox="{icon.get("viewBox")}">{shapes}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _shape(element: Element) -> str:
    attributes = "".join(f' {key}="{value}"' for key, value in element.attrib.items())
    return f"<{element.tag.removeprefix(SVG)}{attributes}/>"


def _drop_unnamed() -> None:
    wanted = {folder_of(package) for package in packages()}
    for parent in {path.parent for path in wanted}:
        for folder in parent.iterdir():
            if folder.is_dir() and folder not in wanted:
                shutil.rmtree(folder)
