"""``manage.py evm CODE [--as-of DATE] [--json]`` and ``manage.py evm --table FILE.json``."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from projects.earned_value.engine import TableError, compute, sum_of
from projects.earned_value.publishing import figures, of_reading, of_schedule
from projects.earned_value.reading import cut_of, read
from projects.lifecycle.models import Project

MAX_BYTES = 20 * 1024 * 1024


class Command(BaseCommand):
    help = "Print earned value of a project as of a day, or compute it from a table of PV, EV, AC and BAC rows."

    def add_arguments(self, parser):
        parser.add_argument("code", nargs="?", help="code of the project")
        parser.add_argument("--as-of", metavar="DATE", help="a past day, such as 2026-03-31; else the status date")
        parser.add_argument("--table", type=Path, metavar="FILE", help="JSON: a list of rows, or an object with rows")
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args, code=None, as_of=None, table=None, json=False, **options):
        if (code is None) == (table is None):
            raise CommandError("Name a project's code, or a file with --table.")
        if table is not None:
            if as_of:
                raise CommandError("--as-of belongs to a project; a table holds one moment.")
            return self._tell(_of_table(table), json)
        project = Project.objects.select_related("calendar").filter(code=code).first()
        if project is None:
            raise CommandError(f"There is no project with the code {code}.")
        cut = cut_of(project, _day(as_of) if as_of else None)
        if cut.day > (today := cut_of(project).day) and as_of:
            raise CommandError(f"--as-of {cut.day} lies ahead; the latest is {today}.")
        return self._tell(of_reading(read([cut])[project.pk]), json)

    def _tell(self, answer, as_json):
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1))
            return
        if "rows" in answer:
            for row in [*answer["rows"], *([{"name": "Total", **answer["total"]}] if "total" in answer else [])]:
                self.stdout.write(row.get("name") or "–")
                self._figures(row)
            return
        for key in ("project", "as_of", "baseline", "basis", "not_available"):
            if answer.get(key):
                self.stdout.write(f"{key.replace('_', ' ').capitalize()}: {answer[key]}")
        self._figures(answer)

    def _figures(self, row):
        reasons = row.get("reasons", {})
        for key, value in {**row.get("inputs", {}), **row.get("results", {})}.items():
            if not isinstance(value, list | dict):
                said = f"n/a, {reasons[key]}" if value is None and key in reasons else value
                self.stdout.write(f"  {key:22} {'–' if said is None else said}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--as-of {text!r} is no day; write it as 2026-03-31.") from None


def _of_table(path: Path) -> dict:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CommandError(f"{path} has more than {MAX_BYTES // 1024**2} MB.")
        data = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is no UTF-8 text.") from None
    except json.JSONDecodeError as error:
        raise CommandError(f"{path}, line {error.lineno}: no JSON, {error.msg}.") from None
    except (RecursionError, ValueError):
        raise CommandError(f"{path} can't be read as JSON: too deep, or a number too long.") from None
    try:
        rows = compute(data)
    except TableError as error:
        raise CommandError(f"{path}: {error}") from None
    answer: dict = {"rows": [_row(row) for row in rows]}
    whole = sum_of(rows)
    if whole is not None:
        answer["total"] = figures(whole)
    return answer


def _row(row) -> dict:
    told = {"name": row.name} if row.name else {}
    told |= figures(row.value) if row.value is not None else {"inputs": {}, "results": {}, "reasons": {}}
    if row.schedule is not None:
        told["results"] |= of_schedule(row.schedule)
    if row.parts:
        told["rows"] = [_row(part) for part in row.parts]
    return told
