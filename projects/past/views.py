"""A register as of a past day as a plain table, and as CSV: for reading only."""

import datetime

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import Asked, read_only
from pmdm.activity.registers import cells, table
from pmdm.interchange.tabular import MAX_ROWS, write_csv
from projects.lifecycle.access import project_view
from projects.past import records
from projects.past.moments import at
from projects.past.registers import REGISTERS, Register


def _register(request, key: str) -> Register:
    register = REGISTERS.get(key)
    if register is None:
        raise Http404
    if register.needs not in request.can:
        raise PermissionDenied
    return register


def _rows(request, project, register: Register, day):
    return at(project, day, register.even)(register.rows_for(project, request.user))


@require_safe
@project_view(read=P.PROJECT_VIEW)
def past(request, project, register):
    """Without a past day as of yesterday."""
    found = _register(request, register)
    asked = Asked(request)
    if not asked.day and not asked.form.errors:
        asked.day = timezone.localdate() - datetime.timedelta(days=1)
    read_only(request)
    rows = _rows(request, project, found, asked.day)

    def belongs(row):
        row.project = project

    context = {
        "project": project,
        "tab": found.tab,
        "register": found,
        "asked": asked,
        "table": table(
            rows if asked.day else rows.none(), found.columns_for(request.can), request, asked, prepare=belongs
        ),
        "currency": project.currency,
        "nothing": _("The register was empty, or the project had not begun."),
        "now_url": reverse(found.now, args=[project.code]),
        "others": list(_others(request, project, found, asked.day)),
    }
    return render(request, "projects/past/register.html", context)


def _others(request, project, found: Register, day):
    """What else can be read of that day: (label, url)."""
    query = f"as_of={day.isoformat()}" if day else ""
    for one in REGISTERS.values():
        if one.needs in request.can and one is not found:
            yield one.label, reverse("projects:past", args=[project.code, one.key]) + f"?{query}"
    for needs, label, name, asked in (
        (P.SCOPE_VIEW, _("Traceability matrix"), "projects:traceability", query),
        (P.PROJECT_KPI_VIEW, _("Figures"), "projects:figures", query),
        (P.COST_VIEW, _("Earned value"), "projects:earned-value", query.replace("as_of", "day")),
    ):
        if needs in request.can:
            yield label, reverse(name, args=[project.code]) + f"?{asked}"


@require_safe
@project_view(read=P.PROJECT_ACTIVITY_VIEW)
def past_record(request, project, register, key):
    """One row with all its fields as they were, beside today's; without a past day as of yesterday."""
    found = _register(request, register)
    asked = Asked(request)
    if not asked.day and not asked.form.errors:
        asked.day = timezone.localdate() - datetime.timedelta(days=1)
    rows = found.rows_for(project, request.user).filter(**{found.key_field: key})
    can = request.can
    record = records.told(project, rows, asked.day, held=[one for one in P if one in can], even=found.even)
    if record is None:
        raise Http404
    read_only(request)
    context = {
        "project": project,
        "tab": found.tab,
        "register": found,
        "asked": asked,
        "record": record,
        "now_url": reverse(found.one, args=[project.code, key]) if found.one and record.is_there else "",
    }
    return render(request, "projects/past/record.html", context)


@require_safe
@project_view(read=P.PROJECT_VIEW)
def past_export(request, project, register):
    """The same rows and columns; without a past day those of today."""
    found = _register(request, register)
    asked = Asked(request)
    if asked.form.errors:
        return HttpResponse(asked.form.errors["as_of"].as_text(), status=422, content_type="text/plain; charset=utf-8")
    columns = found.columns_for(request.can)
    rows = list(_rows(request, project, found, asked.day)[:MAX_ROWS])
    for row in rows:
        row.project = project
    lines = ([value for _column, value in line] for line in cells(columns, rows))
    name = f"{project.code}-{found.key}" + (f"-{asked.day}" if asked.day else "")
    return HttpResponse(
        "\ufeff" + write_csv([column.label for column in columns], lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
