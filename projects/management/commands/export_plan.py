"""``manage.py export_plan CODE --format json|csv``."""

import json

from django.core.management.base import BaseCommand, CommandError

from projects.lifecycle.models import Project
from projects.schedule.exporting import plan_csv, plan_json


class Command(BaseCommand):
    help = "Write a project's plan: dates, floats (working hours), critical path and progress of each task."

    def add_arguments(self, parser):
        parser.add_argument("code", help="code of the project")
        parser.add_argument("--format", choices=["json", "csv"], default="json")

    def handle(self, *args, code, format, **options):
        project = Project.objects.filter(code=code).first()
        if project is None:
            raise CommandError(f"There is no project with the code {code}.")
        if format == "csv":
            self.stdout.write(plan_csv(project), ending="")
        else:
            self.stdout.write(json.dumps(plan_json(project), ensure_ascii=False, indent=1))
