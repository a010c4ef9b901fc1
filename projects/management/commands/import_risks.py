"""``manage.py import_risks FILE --project CODE [--map COLUMN=FIELD ...] [--dry-run] [--json]``."""

from pmdm.interchange.command import ImportCommand
from projects.lifecycle.models import Project
from projects.risks.importing import carry_out, prepare


class Command(ImportCommand):
    help = "Import a risk register from CSV or XLSX into a project: all of it or nothing."
    code_option = "project"
    name = "import_risks"

    def find(self, code):
        return Project.objects.filter(code=code).first()

    def bring(self, subject, table, *, by, **options):
        return carry_out(subject, prepare(table, mapping=self.mapping(options)), by=by)
