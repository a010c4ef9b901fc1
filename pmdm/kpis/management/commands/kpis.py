"""The figures of one project or product, as text or JSON."""

import json

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from pmdm.kpis import figures, registry
from pmdm.kpis.recompute import recompute, recompute_all


class Command(BaseCommand):
    help = "Compute and show the figures of a project or product; --all computes those of all."

    def add_arguments(self, parser):
        parser.add_argument("code", nargs="?", metavar="CODE", help="code of a project or product, e.g. NCP")
        parser.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")
        parser.add_argument("--all", action="store_true", help="compute the figures of all subjects again")

    def handle(self, *args, code, **options):
        if options["all"]:
            written = recompute_all()
            self.stdout.write(f"{written} values written.")
            return
        if not code:
            raise CommandError("Name the code of a project or product, or --all.")
        found = self._find(code)
        if not found:
            raise CommandError(f"No project or product has the code {code!r}.")
        subjects = []
        for kind, subject in found:
            recompute(kind.key, [subject.pk])
            shown = figures.for_subjects(kind.key, [subject.pk], cost_ids=[subject.pk], history=False)[subject.pk]
            subjects.append((kind, subject, shown))
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    [
                        {
                            "kind": kind.key,
                            "code": subject.code,
                            "name": subject.name,
                            "kpis": [figure.as_json() for figure in shown],
                        }
                        for kind, subject, shown in subjects
                    ]
                    if len(subjects) > 1
                    else {
                        "kind": subjects[0][0].key,
                        "code": subjects[0][1].code,
                        "name": subjects[0][1].name,
                        "kpis": [figure.as_json() for figure in subjects[0][2]],
                    },
                    indent=2,
                    default=float,
                    ensure_ascii=False,
                )
            )
            return
        for kind, subject, shown in subjects:
            self.stdout.write(f"{kind.label} {subject.code} {subject.name}")
            for figure in shown:
                self.stdout.write(
                    f"  {figure.kpi.code:<20} {figure.text:>12}  {figure.word:<14} {figure.sentence}".rstrip()
                )

    def _find(self, code):
        """Projects and products have codes of their own, so one code may name one of each."""
        found = []
        for kind in registry.subject_types():
            subject = apps.get_model(kind.model)._default_manager.filter(code=code).first()
            if subject:
                found.append((kind, subject))
        return found
