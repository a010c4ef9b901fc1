"""What the browser gets: locked third-party files, templates without inline code, a light first visit."""

import re
from pathlib import Path

import brotli
import pytest
from django.core.management import call_command

from pmdm.ui import vendoring

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OWN_STATIC = sorted(path for path in (ROOT / "static").rglob("*") if path.is_file() and "vendor" not in path.parts)

# Each is refused by the policy the product ships: the control would do nothing.
FORBIDDEN = {
    "inline style": re.compile(r"<style|\sstyle\s*=\s*[\"']"),
    # allauth's data blocks (type application/json) are not run.
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)"),
    "event attribute": re.compile(r"\son[a-z]+\s*=\s*[\"']"),
    "hx-on": re.compile(r"\s(data-)?hx-on[:=-]"),
    "js: expression": re.compile(r"[\"'](js|javascript):"),
    "trigger filter": re.compile(r"hx-trigger=\"[^\"]*\["),
    "other site": re.compile(r"(src|href|action)=\"(https?:)?//"),
}


def names_of(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


def test_lock_names_exactly_the_vendored_files():
    assert set(vendoring.read_lock()) == set(names_of(vendoring.vendored_files()))


@pytest.mark.parametrize("path", names_of(vendoring.vendored_files()))
def test_vendored_file_is_as_locked(path):
    assert vendoring.digest(ROOT / path) == vendoring.read_lock()[path]


@pytest.mark.parametrize("package", vendoring.packages(), ids=lambda package: package["name"])
def test_package_carries_its_licence(package):
    assert package["licence"]
    assert (vendoring.folder_of(package) / "LICENSE").stat().st_size > 100


def test_vendored_files_name_no_source_map():
    texts = [path for path in vendoring.vendored_files() if path.suffix in (".js", ".css")]
    assert texts
    assert [path for path in texts if "sourceMappingURL" in path.read_text()] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=names_of(TEMPLATES))
def test_template_has_nothing_the_policy_refuses(template):
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", template.read_text(), flags=re.S)
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("inline style", '<p style="color: red">'),
        ("inline script", "<script>go()</script>"),
        ("event attribute", '<a onclick="go()">'),
        ("hx-on", '<a hx-on:click="go()">'),
        ("js: expression", "<a hx-vals='js:{a: 1}'>"),
        ("trigger filter", '<a hx-trigger="click[ctrlKey]">'),
        ("other site", '<img src="https://example.org/x.png">'),
    ],
)
def test_the_patterns_find_what_they_look_for(name, text):
    assert FORBIDDEN[name].search(text)


def test_every_icon_named_in_a_template_is_in_the_sprite():
    known = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/img/icons.svg").read_text()))
    named = {
        (name, str(template.relative_to(ROOT)))
        for template in TEMPLATES
        for name in re.findall(r'\{% icon "([^"]+)"|\bicon="([^"]+)"', template.read_text())
        for name in name
        if name
    }
    assert named
    assert {(name, where) for name, where in named if name not in known} == set()


def test_css_asks_no_other_site_and_points_at_files_that_exist():
    for sheet in (path for path in OWN_STATIC if path.suffix == ".css"):
        for address in re.findall(r"url\(\s*[\"']?([^\"')]+)", sheet.read_text()):
            assert (sheet.parent / address).resolve().is_file(), f"{sheet.name}: {address}"


def test_first_visit_stays_under_120_kilobytes():
    head = (ROOT / "templates/shell/_head.html").read_text()
    files = [ROOT / "static" / name for name in re.findall(r"\{% static '([^']+)' %\}", head)]
    files.append(ROOT / "static/img/icons.svg")
    size = sum(
        len(path.read_bytes() if path.suffix == ".woff2" else brotli.compress(path.read_bytes())) for path in set(files)
    )
    # 20 kB are left for the page itself.
    assert size < 100_000


def test_the_manifest_of_production_finds_every_file(settings, tmp_path):
    """Names with hashes: a CSS that points at a file that is not there stops `collectstatic`."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "pmdm.ui.storage.ModuleStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    (sheet,) = tmp_path.glob("css/tokens.????????????.css")
    assert re.search(r"inter-latin\.\w{12}\.woff2", sheet.read_text())
    # Modules import each other by those names as well: an old one never meets a new one in a cache.
    (module,) = tmp_path.glob("js/gantt/index.????????????.js")
    imports = re.findall(r'from "(\./[^"]+)"', module.read_text())
    assert imports
    assert [name for name in imports if not (module.parent / name).is_file()] == []
    assert [name for name in imports if not re.search(r"\.\w{12}\.js$", name)] == []


# What may follow the theme: tests/browser looks at the layout in one theme alone.
THEMED = re.compile(r"prefers-color-scheme|data-theme|color-scheme\s*:|light-dark\(")
COLOUR = r"(?:oklch\([^()]*\)|#[0-9a-f]{3,8}|var\(--[\w-]+\)|[a-z]+)"
LIGHT_DARK = re.compile(rf"light-dark\({COLOUR},\s*{COLOUR}\)")
CHOSEN = re.compile(
    r":root\[data-theme=\"(light|dark)\"\] \{ color-scheme: \1; \}|:root \{\s+color-scheme: light( dark)?;"
)


@pytest.mark.parametrize("path", [path for path in OWN_STATIC if path.suffix in (".css", ".js")], ids=lambda p: p.name)
def test_the_theme_changes_colours_alone(path):
    """Two colours each, chosen by the browser: no rule, no width and no script depends on it."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    text = CHOSEN.sub("", LIGHT_DARK.sub("", text))
    assert THEMED.findall(text) == []
