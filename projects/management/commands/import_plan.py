"""``manage.py import_plan FILE --project CODE [--create] [--replace] [--from NAME] [--dry-run] [--json] [--by …]``."""

import json
from pathlib import Path

import pghistory
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from pmdm.accounts.models import User
from pmdm.accounts.roles import Role
from pmdm.interchange.tabular import TableRefused, read
from projects.lifecycle.models import Project
from projects.schedule.importing import MAX_BYTES, import_plan, read_plan
from projects.schedule.tables import carry_out, said


class Command(BaseCommand):
    help = (
        "Import a plan (Microsoft Project XML, Primavera XER or XML, CSV, XLSX) into a project: all of it or nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--project", required=True, metavar="CODE")
        parser.add_argument("--create", action="store_true", help="make the project if there is none with this code")
        parser.add_argument("--replace", action="store_true", help="replace the plan the project has")
        parser.add_argument(
            "--from", dest="source_project", default="", metavar="NAME", help="which of the file's projects (Primavera)"
        )
        parser.add_argument(
            "--update", action="store_true", help="change tasks by UID or row number (CSV, XLSX), add those without"
        )
        parser.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD", help="may be repeated")
        parser.add_argument("--dry-run", action="store_true", help="say what would come, change nothing")
        parser.add_argument("--json", action="store_true", help="answer in JSON")
        parser.add_argument(
            "--by", metavar="EMAIL", help="who imports: the history names them, and they manage a created project"
        )

    def handle(self, *args, **options):
        try:
            if options["update"]:
                self._update(**options)
                return
            report = self._import(**options)
        except ValidationError as error:
            if options["json"]:
                self.stdout.write(
                    json.dumps({"imported": False, "problems": error.messages}, ensure_ascii=False, indent=1)
                )
                raise SystemExit(1)
            raise CommandError("Nothing was imported.\n" + "\n".join(error.messages))
        if options["json"]:
            answer = {"imported": not report.dry_run, **report.as_json()}
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1))
        else:
            self._tell(report)

    def _import(self, file: Path, project: str, create, replace, dry_run, by, source_project="", **options):
        try:
            if file.stat().st_size > MAX_BYTES:
                raise CommandError(f"{file} has more than {MAX_BYTES // 1024**2} MB.")
            data = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}.")
        user = self._user(by)
        plan = read_plan(data, file.name, project=source_project)
        with pghistory.context(user=user and user.pk, request="import_plan"), transaction.atomic():
            target = Project.objects.filter(code=project).first()
            if target is None:
                if not create:
                    raise CommandError(f"There is no project with the code {project}; --create makes one.")
                target = self._create(project, plan, user)
            elif target.locked_reason:
                raise CommandError(str(target.locked_reason))
            report = import_plan(target, plan, by=user, file_name=file.name, replace=replace, dry_run=dry_run)
            if dry_run:
                transaction.set_rollback(True)
        return report

    def _update(self, file: Path, project: str, map, dry_run, by, **options):
        user = self._user(by)
        target = Project.objects.filter(code=project).first()
        if target is None:
            raise CommandError(f"There is no project with the code {project}.")
        if target.locked_reason:
            raise CommandError(str(target.locked_reason))
        if user is None:
            raise CommandError("Say who changes the plan with --by EMAIL: they can take it back.")
        mapping = {}
        for pair in map:
            column, sign, name = pair.rpartition("=")
            if not sign:
                raise CommandError(f"--map {pair!r}: write it as COLUMN=FIELD.")
            mapping[name.strip()] = column.strip()
        try:
            table = read(file.read_bytes())
            with pghistory.context(user=user.pk, request="import_plan"):
                label = f"Update from “{file.name}”"
                update = carry_out(target, table, mapping, by=user, label=label, preview=dry_run)
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}.")
        except TableRefused as refusal:
            raise ValidationError([said(problem) for problem in refusal.problems])
        if options["json"]:
            answer = {"imported": not dry_run, **update.as_json()}
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1, default=str))
            return
        verb = "would change" if dry_run else "changed"
        self.stdout.write(f"{update.changed} tasks {verb}, {update.added} added. {update.sentence}")

    def _user(self, email):
        if not email:
            return None
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody active has the address {email}.")
        return user

    def _create(self, code, plan, user):
        manager = user or User.objects.filter(site_role=Role.ADMIN, is_active=True).order_by("pk").first()
        if manager is None:
            raise CommandError("A new project needs a manager: name one with --by EMAIL.")
        file = plan.project
        project = Project(
            code=code, name=(file.title or file.name or code).removesuffix(".xml").removesuffix(".mpp")[:200]
        )
        project.clean_fields(exclude=["created_by", "calendar", "client", "department"])
        currency = file.currency_code.upper()
        charter = {"currency": currency} if len(currency) == 3 and currency.isalpha() else {}
        return Project.initiate(by=manager, code=code, name=project.name, **charter)

    def _tell(self, report):
        counts = report.counts
        verb = "Would import" if report.dry_run else "Imported"
        self.stdout.write(
            f"{verb} {counts['tasks']} tasks ({counts['summaries']} summaries, {counts['milestones']} milestones),"
            f" {counts['links']} links, {counts['resources']} resources, {counts['assignments']} assignments,"
            f" {counts['calendars']} calendars, {counts['baselines']} baselines."
        )
        self.stdout.write(f"From {report.start} to {report.finish}; {counts['critical']} tasks are critical.")
        if report.replaces:
            self.stdout.write(
                f"{'It replaces' if report.dry_run else 'It replaced'} a plan of {report.replaces} tasks."
            )
        if report.differing:
            self.stdout.write(
                f"{report.differing} of {report.compared} tasks have other dates in the file than those computed here:"
            )
            for task in report.differences:
                dates = "; ".join(
                    f"{name} {task[name]['file']} there, {task[name]['computed']} here"
                    for name in ("start", "finish")
                    if name in task
                )
                self.stdout.write(f"  {task['uid']} {task['name']}: {dates}")
        elif report.compared:
            self.stdout.write(f"All {report.compared} tasks have the dates that the file has.")
        for warning in report.warnings:
            self.stderr.write(f"Note: {warning}")
