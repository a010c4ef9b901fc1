"""``manage.py import_issues FILE --product CODE [--map COLUMN=FIELD ...] [--severity WORD=LEVEL ...] [--dry-run]``."""

from django.core.management.base import CommandError

from delivery.issues.importing import carry_out, prepare
from delivery.issues.models import Severity
from delivery.issues.readers import read_export
from delivery.products.models import Product
from pmdm.interchange.command import ImportCommand

LEVELS = {severity.name.lower(): severity.value for severity in Severity}


class Command(ImportCommand):
    help = "Import another tracker's issues from CSV, XLSX or JSON into a product: all of them or nothing."
    name = "import_issues"

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--severity", action="append", default=[], metavar="WORD=LEVEL", help="what a priority of the file means"
        )

    def find(self, code):
        return Product.objects.filter(code=code).first()

    def table(self, data):
        return read_export(data).table

    def bring(self, subject, table, *, by, **options):
        prepared = prepare(table, mapping=self.mapping(options), severities=self._severities(options["severity"]))
        return carry_out(subject, prepared, by=by)

    def _severities(self, pairs):
        given = {}
        for pair in pairs:
            word, sign, level = pair.rpartition("=")
            if not sign or level.strip().lower() not in LEVELS:
                raise CommandError(f"--severity {pair!r}: write it as WORD=LEVEL with one of {', '.join(LEVELS)}.")
            given[word.strip()] = LEVELS[level.strip().lower()]
        return given
