"""What the import commands share: the file, --dry-run, --json, --map, --by, and refusals told line by line."""

import json
from pathlib import Path
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from pmdm.accounts.models import User
from pmdm.interchange.tabular import MAX_BYTES, Table, TableRefused, read


class ImportCommand(BaseCommand):
    """``manage.py import_... FILE``: reads a table, says what would come, then brings all of it or nothing.

    A subclass names ``code_option`` ('product'), finds the subject and imports into it.
    """

    code_option = "product"
    name = ""

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(f"--{self.code_option}", required=True, metavar="CODE")
        parser.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD", help="may be repeated")
        parser.add_argument("--dry-run", action="store_true", help="say what would come, change nothing")
        parser.add_argument("--json", action="store_true", help="answer in JSON")
        parser.add_argument("--by", metavar="EMAIL", help="who imports, for the history")

    def find(self, code: str):
        """The subject of this code, or None."""
        raise NotImplementedError

    def table(self, data: bytes) -> Table:
        """The file's table; raises TableRefused."""
        return read(data)

    def bring(self, subject, table: Table, *, by, **options):
        """Import and give the report (with ``as_json``); raises TableRefused."""
        raise NotImplementedError

    def handle(self, *args, **options):
        subject = self.find(options[self.code_option])
        if subject is None:
            raise CommandError(f"There is no {self.code_option} with the code {options[self.code_option]}.")
        if reason := subject.locked_reason:
            raise CommandError(str(reason))
        by = self._user(options["by"])
        try:
            table = self.table(self._bytes(options["file"]))
            with pghistory.context(user=by and by.pk, request=self.name), transaction.atomic():
                report = self.bring(subject, table, **{**options, "by": by})
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except TableRefused as refusal:
            self._tell_refusal(refusal, options["json"])
        except ValidationError as error:  # it was closed since we looked
            raise CommandError("\n".join(error.messages)) from None
        answer = {"imported": not options["dry_run"], **report.as_json()}
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1, default=str))
        else:
            self._tell(answer)

    def mapping(self, options: dict[str, Any]) -> dict[str, str]:
        """{field: column} of the --map options."""
        mapping = {}
        for pair in options["map"]:
            column, sign, name = pair.rpartition("=")
            if not sign:
                raise CommandError(f"--map {pair!r}: write it as COLUMN=FIELD.")
            mapping[name.strip()] = column.strip()
        return mapping

    def _bytes(self, path: Path) -> bytes:
        try:
            if path.stat().st_size > MAX_BYTES:
                raise CommandError(f"{path} has more than {MAX_BYTES // 1024**2} MB.")
            return path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} can't be read: {error.strerror}.") from None

    def _user(self, email):
        if not email:
            return None
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody active has the address {email}.")
        return user

    def _tell_refusal(self, refusal: TableRefused, as_json: bool):
        if as_json:
            answer = {"imported": False, "problems": [problem.as_json() for problem in refusal.problems]}
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1))
            raise SystemExit(1)
        more = f"\n… and {refusal.count - len(refusal.problems)} more" if refusal.count > len(refusal.problems) else ""
        raise CommandError("Nothing was imported.\n" + "\n".join(map(str, refusal.problems)) + more)

    def _tell(self, answer: dict[str, Any]):
        self.stdout.write("Imported." if answer.pop("imported") else "Dry run: nothing was changed.")
        for key, value in answer.items():
            if isinstance(value, dict):
                value = ", ".join(f"{name or '(empty)'}: {count}" for name, count in value.items())
            elif isinstance(value, list):
                value = "; ".join(map(str, value))
            if value not in ("", None):
                self.stdout.write(f"  {key.replace('_', ' ')}: {value}")
