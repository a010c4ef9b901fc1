"""A table as a plan: what its columns mean, what would change, then the change. A template to begin with."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.roles import Permission as P
from pmdm.interchange.models import Upload
from pmdm.interchange.tabular import TableRefused, read, write_xlsx
from pmdm.registers.editing import REFUSED
from projects.lifecycle.access import project_view
from projects.schedule import tables, uploads
from projects.schedule.api.ops import Conflicted
from projects.schedule.exporting import COLUMNS, FORMATS

KIND = "plan"
SAMPLE = 6
SHOWN_PROBLEMS = 50
UPDATE, REPLACE = "update", "replace"
TEMPLATE_ROWS = [
    ["", "", "1", "Foundations", "", "", "", "", "0"],
    ["", "", "2", "Dig the trench", "3d", "", "", "", "0"],
    ["", "", "2", "Pour the concrete", "2d", "", "", "2FS+1d", "0"],
    ["", "", "1", "Foundations done", "0d", "", "", "3", "0"],
]
TEMPLATE = ["UID", "ID", "Outline Level", "Name", "Duration", "Start", "Finish", "Predecessors", "% Complete"]


class TableForm(forms.Form):
    """What to do with the table, and one select for each field over the table's columns."""

    mode = forms.ChoiceField(
        label=gettext_lazy("What the table is for"),
        choices=[
            (UPDATE, gettext_lazy("Change tasks by UID or row number, add new ones")),
            (REPLACE, gettext_lazy("A whole plan")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, table, mode, mapping, **kwargs):
        super().__init__(*args, **kwargs)
        columns = [("", _("No column")), *((name, name) for name in table.header)]
        self.fields["mode"].initial = mode
        for each in tables.FIELDS:
            self.fields[f"field_{each.name}"] = forms.ChoiceField(
                label=tables.LABELS[each.name], choices=columns, required=False, initial=mapping.get(each.name, "")
            )
        names = [f"field_{each.name}" for each in tables.FIELDS]
        self.fieldsets = [("", ["mode"]), (_("What the columns mean"), names)]

    @property
    def options(self) -> dict:
        mapping = {each.name: self.cleaned_data[f"field_{each.name}"] for each in tables.FIELDS}
        return {"mode": self.cleaned_data["mode"], "mapping": mapping}


def keep_table(project, user, file) -> Upload:
    """Keep a table for its mapping; TableRefused when it is none."""
    upload = Upload.keep(KIND, project, user, file)
    try:
        table = read(upload.data)
    except TableRefused:
        upload.delete()
        raise
    mode = UPDATE if project.tasks.exists() and "uid" in tables.suggested(table) else REPLACE
    upload.options = {"mode": mode, "mapping": tables.suggested(table)}
    upload.save(update_fields=["options"])
    return upload


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def plan_table(request, project, pk):
    """GET: the mapping and what would change. POST: another mapping, or the change itself."""
    upload = Upload.objects.of(KIND, project, request.user).filter(pk=pk, done_at=None).first()
    if upload is None:
        messages.warning(request, _("That upload is gone: it was imported, or waited for more than a day."))
        return redirect("projects:plan-import", project.code)
    table = read(upload.data)
    form = TableForm(request.POST or None, table=table, **upload.options)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        upload.options = form.options
        upload.save(update_fields=["options"])
        if "import" not in request.POST:
            return redirect("projects:plan-table", project.code, upload.pk)
        try:
            return _import(request, project, upload, table)
        except TableRefused as refusal:
            problems = [tables.said(problem) for problem in refusal.problems]
        except Conflicted:
            problems = [_("Somebody changed the plan meanwhile. Check again.")]
        except ValidationError as error:
            problems = error.messages
    report = None
    if not problems and not (form.is_bound and form.errors) and upload.options["mode"] == UPDATE:
        try:
            report = _update(project, upload, table, by=request.user, preview=True).as_json()
        except TableRefused as refusal:
            problems = [tables.said(problem) for problem in refusal.problems]
    context = {
        "project": project,
        "tab": "schedule",
        "upload": upload,
        "form": form if form.is_bound else TableForm(table=table, **upload.options),
        "table": table,
        "sample": table.rows[:SAMPLE],
        "report": report,
        "is_update": upload.options["mode"] == UPDATE,
        "problems": problems[:SHOWN_PROBLEMS],
        "more_problems": max(len(problems) - SHOWN_PROBLEMS, 0),
    }
    status = REFUSED if request.method == "POST" else 200
    return render(request, "projects/schedule/import_table.html", context, status=status)


@project_view(read=P.SCHEDULE_EDIT)
def plan_template(request, project):
    """A workbook with the columns that are read, and four rows to show how."""
    widths = {title: width for title, width, _who in COLUMNS}
    content = write_xlsx("Plan", [(title, widths[title]) for title in TEMPLATE], TEMPLATE_ROWS)
    response = HttpResponse(content, content_type=FORMATS["xlsx"].content_type)
    response["Content-Disposition"] = 'attachment; filename="plan-template.xlsx"'
    return response


def _import(request, project, upload: Upload, table):
    from projects.schedule.import_views import check

    if upload.options["mode"] == UPDATE:
        with transaction.atomic():
            update = _update(project, upload, table, by=request.user, preview=False)
            upload.done_at = timezone.now()
            upload.save(update_fields=["done_at"])
        messages.success(
            request,
            _("%(changed)d tasks changed, %(added)d added. %(sentence)s You can undo it on the schedule page.")
            % {"changed": update.changed, "added": update.added, "sentence": update.sentence},
        )
        return redirect("projects:schedule", project.code)
    file = SimpleUploadedFile(upload.name, tables.whole_plan(table, upload.options["mapping"]))
    with transaction.atomic():
        waiting, token = uploads.keep(project, request.user, file)
        check(waiting)
    return redirect(reverse("projects:plan-import-check", args=[project.code, token]))


def _update(project, upload: Upload, table, *, by, preview: bool) -> tables.Update:
    label = _("Update from “%(file)s”") % {"file": upload.name}
    return tables.carry_out(project, table, upload.options["mapping"], by=by, label=label, preview=preview)
