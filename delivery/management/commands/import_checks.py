"""``manage.py import_checks FILE --product CODE [--map COLUMN=FIELD ...] [--dry-run] [--json]``."""

from delivery.performance.importing import carry_out, prepare
from delivery.products.models import Product
from pmdm.interchange.command import ImportCommand


class Command(ImportCommand):
    help = "Import uptime checks from CSV or XLSX into a product: all of them or nothing."
    name = "import_checks"

    def find(self, code):
        return Product.objects.filter(code=code).first()

    def bring(self, subject, table, *, by, **options):
        return carry_out(subject, prepare(table, mapping=self.mapping(options)))
