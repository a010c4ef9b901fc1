"""Runs every ``bench_*.py`` beside it, prints a table and leaves the figures in ``var/bench.json``.

Each module offers ``run() -> list[Row]``; a row is a dict of name, value, unit, and optionally floor (the least the
same work needs, measured in the same run), ratio (value to floor) and aim (the ratio to stay below).
``make bench`` runs all of it, ``python tests/bench/run.py schedule`` the modules named so.
"""

import importlib.util
import json
import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Row = dict[str, Any]
FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent


def main(words: list[str]) -> int:
    """Runs the chosen modules; 0 when each gave figures, above their aim or not. Django has to be set up.

    A module that breaks is told at the end and takes nothing from the others.
    """
    rows: list[Row] = []
    broken: list[str] = []
    for path in sorted(FOLDER.glob("bench_*.py")):
        if words and not any(word in path.stem for word in words):
            continue
        name = path.stem.removeprefix("bench_")
        try:
            found = [{"module": name, **row} for row in load(path).run()]
        except Exception:
            traceback.print_exc()
            broken.append(name)
            continue
        print_rows(found)
        rows += found
    save(rows)
    for row in rows:
        if row.get("aim") is not None and row.get("ratio") is not None and row["ratio"] > row["aim"]:
            sys.stdout.write(f"Above its aim: {row['name']} ({row['ratio']}x of at most {row['aim']}x).\n")
        if row.get("limit") is not None and row["value"] > row["limit"]:
            sys.stdout.write(f"Above its limit: {row['name']} ({row['value']} of at most {row['limit']}).\n")
    for name in broken:
        sys.stdout.write(f"Not measured, see above: {name}.\n")
    return 0 if rows and not broken else 1


def load(path: Path) -> Any:
    sys.path[:0] = [str(place) for place in (FOLDER, ROOT) if str(place) not in sys.path]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} can't be loaded.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def print_rows(rows: list[Row]) -> None:
    for row in rows:
        value = f"{row['value']:,} {row['unit']}"
        floor = "" if row.get("floor") is None else f"floor {row['floor']:,}"
        ratio = "" if row.get("ratio") is None else f"{row['ratio']}x"
        aim = "" if row.get("aim") is None else f"aim {row['aim']}x"
        aim = aim or ("" if row.get("limit") is None else f"limit {row['limit']}")
        wall = "" if row.get("wall") is None else f"(wall {row['wall']:,})"
        sys.stdout.write(f"{row['name']:<58} {value:>14} {floor:>16} {ratio:>8} {aim:>9} {wall}".rstrip() + "\n")
    sys.stdout.flush()


def save(rows: list[Row]) -> None:
    """Figures of this run as JSON, for comparing with another day's."""
    folder = Path(os.environ.get("PMDM_HOME", ROOT / "var"))
    folder.mkdir(parents=True, exist_ok=True)
    run = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "python": sys.version.split()[0], "rows": rows}
    (folder / "bench.json").write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmdm.settings")
    os.environ.setdefault("PMDM_ENV", "local")
    import django

    django.setup()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    from pmdm.local.engines import ensure_running

    with ensure_running():
        set_up_django()
        sys.exit(main(sys.argv[1:]))
