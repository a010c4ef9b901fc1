"""A plan from a file: uploaded, run dry, confirmed. Large ones are work that a worker does."""

import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.interchange.tabular import TableRefused
from pmdm.jobs import work
from pmdm.ui import format as fmt
from projects.lifecycle.access import project_view
from projects.lifecycle.crumbs import to_schedule
from projects.schedule import tables, uploads
from projects.schedule.forms import UploadForm
from projects.schedule.importing import bring_back, import_plan, read_plan
from projects.schedule.models import PlanBefore, PlanUpload
from projects.schedule.table_views import keep_table

# Above this a file is read by a worker: it would take more than two seconds (about 600 tasks of MSPDI).
AT_ONCE = 1_500_000  # bytes
SHOWN_PROBLEMS = 30


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def plan_import(request, project):
    """GET: choose a file. POST: run it dry."""
    form = UploadForm(request.POST or None, request.FILES or None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        if form.cleaned_data["with_columns"] or is_workbook(file):
            try:
                table = keep_table(project, request.user, file)
            except TableRefused as refusal:
                form.add_error("file", [tables.said(problem) for problem in refusal.problems[:SHOWN_PROBLEMS]])
                return _choose(request, project, form, [])
            return redirect("projects:plan-table", project.code, table.pk)
        upload, token = uploads.keep(project, request.user, file)
        url = reverse("projects:plan-import-check", args=[project.code, token])
        if file.size > AT_ONCE:
            title = _("Checking %(file)s") % {"file": upload.file_name}
            way = to_schedule(project)
            payload = {"upload": upload.pk}
            return redirect(work.start("plan.check", title, payload, by=request.user, result_url=url, crumbs=way))
        try:
            check(upload)
        except ValidationError as error:
            upload.delete()
            problems = error.messages
        else:
            return redirect(url)
    return _choose(request, project, form, problems)


def is_workbook(file) -> bool:
    """Whether it begins as a ZIP, which workbooks are."""
    begins = file.read(4)
    file.seek(0)
    return begins == b"PK\x03\x04"


def _choose(request, project, form, problems: list[str]):
    context = {
        "project": project,
        "tab": "schedule",
        "form": form,
        "problems": problems[:SHOWN_PROBLEMS],
        "more_problems": max(len(problems) - SHOWN_PROBLEMS, 0),
        "task_count": project.tasks.count(),
        "before": PlanBefore.objects.filter(project=project).select_related("kept_by").defer("content").first(),
    }
    status = 422 if problems or (form.is_bound and form.errors) else 200
    return render(request, "projects/schedule/import.html", context, status=status)


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def plan_before(request, project):
    """POST brings back the plan as it stood before the last import; the one there now is kept in its place."""
    if request.method != "POST":
        return redirect("projects:plan-import", project.code)
    try:
        report = bring_back(project, by=request.user)
    except ValidationError as error:
        return _choose(request, project, UploadForm(), error.messages)
    messages.success(
        request,
        _("The plan is back as it stood before the import, with its %(tasks)s tasks. The imported one is kept instead.")
        % {"tasks": report.counts["tasks"]},
    )
    return redirect("projects:schedule", project.code)


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def plan_import_check(request, project, token):
    """GET: what would come. POST: let it come, all of it or nothing."""
    upload = uploads.find(project, request.user, token)
    if upload is None:
        if request.method == "POST":
            raise Http404
        messages.warning(request, _("That upload is gone: it was imported, or waited for more than two hours."))
        return redirect("projects:plan-import", project.code)
    problem = ""
    if "choose" in request.POST:
        try:
            check(upload, project=request.POST["choose"])
        except ValidationError as error:
            problem = " ".join(error.messages)
        else:
            return redirect("projects:plan-import-check", project.code, token)
    elif request.method == "POST":
        replace = "replace" in request.POST
        if upload.report.get("replaces") and not replace:
            problem = _("Say that the plan may be replaced.")
        elif len(upload.content) and upload.report.get("bytes", 0) > AT_ONCE:
            title = _("Importing %(file)s") % {"file": upload.file_name}
            url = reverse("projects:schedule", args=[project.code])
            payload = {"upload": upload.pk, "replace": replace}
            way = to_schedule(project)
            return redirect(work.start("plan.import", title, payload, by=request.user, result_url=url, crumbs=way))
        else:
            try:
                report = confirm(upload, replace=replace)
            except ValidationError as error:
                problem = " ".join(error.messages)
            else:
                messages.success(
                    request,
                    _("%(tasks)s tasks and %(links)s links are in the plan.")
                    % {"tasks": report.counts["tasks"], "links": report.counts["links"]},
                )
                return redirect("projects:schedule", project.code)
    context = {
        "project": project,
        "tab": "schedule",
        "upload": upload,
        "report": upload.report,
        "problem": problem,
        **_shown(upload.report),
    }
    return render(request, "projects/schedule/import_check.html", context, status=422 if problem else 200)


def _shown(report: dict) -> dict:
    """The report's dates as people read them."""

    def moment(text):
        value = datetime.datetime.fromisoformat(text) if text else None
        return f"{fmt.day(value.date())}, {value:%H:%M}" if value else fmt.DASH

    def pair(task, name):
        return [moment(task[name][side]) for side in ("file", "computed")] if name in task else ["", ""]

    return {
        "report_start": moment(report.get("start")),
        "report_finish": moment(report.get("finish")),
        "rows": [{**row, "start": moment(row["start"]), "finish": moment(row["finish"])} for row in report["rows"]],
        "differences": [
            {"name": task["name"], "start": pair(task, "start"), "finish": pair(task, "finish")}
            for task in report["differences"]
        ],
    }


def check(upload: PlanUpload, progress=None, *, project: str = "") -> None:
    """Run the upload dry and keep what it found. ValidationError when the file is refused.

    ``project`` chooses one of several that a Primavera file holds.
    """
    data = uploads.content(upload)
    plan = read_plan(data, upload.file_name, project=project)
    report = import_plan(
        upload.project, plan, by=upload.user, file_name=upload.file_name, dry_run=True, progress=progress
    )
    upload.report = {**report.as_json(), "bytes": len(data)}
    upload.save(update_fields=["report"])


def confirm(upload: PlanUpload, *, replace: bool, progress=None):
    """Import the upload and forget it."""
    plan = read_plan(uploads.content(upload), upload.file_name, project=upload.report.get("chosen", ""))
    report = import_plan(
        upload.project, plan, by=upload.user, file_name=upload.file_name, replace=replace, progress=progress
    )
    upload.delete()
    return report


@work.does("plan.check")
def check_work(report, payload):
    upload = _waiting(payload)
    try:
        check(upload, report)
    except ValidationError as error:
        raise work.Refused("\n".join(error.messages[:SHOWN_PROBLEMS]))
    return {"tasks": upload.report["counts"]["tasks"]}


@work.does("plan.import")
def import_work(report, payload):
    upload = _waiting(payload)
    project, user = upload.project, upload.user
    # Time has passed since the request: what held then is asked again.
    if not project.allows(user, P.SCHEDULE_EDIT) or project.locked_reason:
        raise work.Refused(_("The plan of this project can't be changed by you any more."))
    try:
        done = confirm(upload, replace=payload["replace"], progress=report)
    except ValidationError as error:
        raise work.Refused("\n".join(error.messages))
    return {"tasks": done.counts["tasks"], "links": done.counts["links"]}


def _waiting(payload) -> PlanUpload:
    upload = PlanUpload.objects.select_related("project", "user").filter(pk=payload["upload"]).first()
    if upload is None:
        raise work.Refused(_("The uploaded file is gone. Upload it again."))
    return upload
