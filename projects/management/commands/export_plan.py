"""``manage.py export_plan CODE --format json|mspdi|xlsx|csv|ics [--output FILE]``."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from projects.lifecycle.models import Project
from projects.schedule.exporting import FORMATS, export


class Command(BaseCommand):
    help = "Write a project's plan as JSON (dates, floats), Microsoft Project XML, XLSX, CSV or iCalendar."

    def add_arguments(self, parser):
        parser.add_argument("code", help="code of the project")
        parser.add_argument("--format", choices=[*FORMATS], default="json")
        parser.add_argument("--output", type=Path, metavar="FILE", help="where to write it; else it is printed")

    def handle(self, *args, code, format, output=None, **options):
        project = Project.objects.filter(code=code).first()
        if project is None:
            raise CommandError(f"There is no project with the code {code}.")
        content = export(project, format)
        if output is not None:
            try:
                output.write_bytes(content)
            except OSError as error:
                raise CommandError(f"{output} can't be written: {error.strerror}.")
            self.stdout.write(
                f"Wrote {project.tasks.count()} tasks of {code} as {format} to {output} ({len(content):,} bytes)."
            )
        elif format != "xlsx":
            self.stdout.write(content.decode(), ending="" if content.endswith(b"\n") else "\n")
        elif sys.stdout.isatty():
            raise CommandError("A workbook is no text: name a file with --output.")
        else:
            sys.stdout.buffer.write(content)
