"""``manage.py import_survey FILE --product CODE --wave NAME [--satisfaction-column ...] [--dry-run] [--json]``."""

from delivery.products.models import Product
from delivery.satisfaction.importing import carry_out, prepare
from pmdm.interchange.command import ImportCommand

COLUMNS = ("satisfaction", "recommendation", "ref", "date", "comment")


class Command(ImportCommand):
    help = "Import the answers of a survey held elsewhere, from CSV or XLSX: all of them or nothing."
    name = "import_survey"

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--wave", required=True, metavar="NAME", help="the survey they belong to; made if need be")
        for column in COLUMNS:
            parser.add_argument(f"--{column}-column", metavar="COLUMN", help=f"the file's column with the {column}")

    def find(self, code):
        return Product.objects.filter(code=code).first()

    def bring(self, subject, table, *, by, **options):
        named = {name: options[f"{name}_column"] for name in COLUMNS if options[f"{name}_column"]}
        prepared = prepare(table, mapping={**self.mapping(options), **named})
        return carry_out(subject, options["wave"], prepared, by=by)
