"""The traceability matrix on the page and as a file; links made and taken away."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import read_only
from pmdm.interchange.tabular import MAX_ROWS, write_csv, write_xlsx
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from projects.lifecycle.access import project_view
from projects.past.moments import past_of
from projects.scope.sorting import SORTS
from projects.scope.tracing import matrix
from projects.scope.tracing.columns import columns_for
from projects.scope.tracing.forms import LinkForm, MatrixFilter
from projects.scope.tracing.models import unlink

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _list(request, project, columns) -> ListPage:
    return ListPage(
        request,
        project.requirements.all(),
        sorts=SORTS,
        default_sort="number",
        form=MatrixFilter,
        form_kwargs={"project": project, "columns": columns},
        past=past_of(project),
    )


@project_view(read=P.SCOPE_VIEW)
def traceability(request, project):
    columns = columns_for(project, request.user)
    page = _list(request, project, columns)
    sees_risks = bool(request.can["risk_view"])
    rows = matrix.rows(project, page.rows, sees_risks=sees_risks, columns=columns, day=page.day)
    names = matrix.headings(matrix.kinds_for(sees_risks), columns)
    for row in rows:
        row.requirement.named = [(name, *cell) for name, cell in zip(names, row.cells, strict=True)]
    if page.day:
        read_only(request)
    context = {
        "project": project,
        "tab": "scope",
        "view": "traceability",
        "page": page,
        "rows": rows,
        "names": names,
        "coverage": matrix.coverage(project, page.day),
        "kept": f"&as_of={page.day.isoformat()}" if page.day else "",
    }
    return render(request, "projects/scope/traceability.html", context)


@require_safe
@project_view(read=P.SCOPE_VIEW)
def traceability_export(request, project, kind):
    """The same matrix, filtered and sorted as the page, as CSV or XLSX; no cell that a spreadsheet would run."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    columns = columns_for(project, request.user)
    page = _list(request, project, columns)
    if page.form.errors.get("as_of"):
        return HttpResponse(page.form.errors["as_of"].as_text(), status=422, content_type="text/plain; charset=utf-8")
    sees_risks = bool(request.can["risk_view"])
    head = [
        _("Number"),
        _("Requirement"),
        _("Type"),
        _("Priority"),
        _("State"),
        *matrix.headings(matrix.kinds_for(sees_risks), columns),
        _("Gaps"),
    ]
    lines = (
        [
            row.requirement.ref,
            row.requirement.title,
            row.requirement.get_type_display(),
            row.requirement.get_priority_display(),
            row.requirement.get_state_display(),
            *("; ".join(f"{mark.ref} {mark.title} ({mark.state})" for mark in marks) for _k, marks, _g in row.cells),
            ", ".join(row.gaps),
        ]
        for row in matrix.rows(project, page.queryset[:MAX_ROWS], sees_risks=sees_risks, columns=columns, day=page.day)
    )
    if kind == "xlsx":
        widths = [10, 50, 16, 16, 12, *[40] * (len(head) - 6), 24]
        content, mime = write_xlsx(_("Traceability"), list(zip(head, widths, strict=True)), lines), XLSX
    else:
        # The mark tells spreadsheets that it is UTF-8.
        content, mime = ("\ufeff" + write_csv(head, lines)).encode(), "text/csv; charset=utf-8"
    name = f"{project.code}-traceability" + (f"-{page.day}" if page.day else "") + f".{kind}"
    return HttpResponse(content, content_type=mime, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@project_view(read=P.SCOPE_VIEW, write=P.SCOPE_EDIT)
def link_new(request, project, number):
    """POST links the requirement to what the reference names; a refusal shows its page with the reason."""
    from projects.scope.views import requirement_page

    requirement = get_object_or_404(project.requirements, number=number)
    if request.method != "POST":
        return redirect("projects:requirement-detail", project.code, number)
    form = LinkForm(request.POST, project=project, auto_id="link-%s")
    status = attempt(form, lambda: form.save(requirement, by=request.user))
    if status == SAVED:
        return redirect("projects:requirement-detail", project.code, number)
    return requirement_page(request, project, number, refused=form, status=status)


@project_view(read=P.SCOPE_VIEW, write=P.SCOPE_EDIT)
def link_removal(request, project, number, pk):
    """POST takes one link away."""
    requirement = get_object_or_404(project.requirements, number=number)
    link = get_object_or_404(requirement.trace_links, pk=pk)
    if request.method == "POST":
        unlink(link, by=request.user)
    return redirect("projects:requirement-detail", project.code, number)
