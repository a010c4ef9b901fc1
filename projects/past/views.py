"""A register as of a past day as a plain table, and as CSV: for reading only."""

import datetime

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import Asked, read_only
from pmdm.interchange.tabular import MAX_ROWS, write_csv
from projects.lifecycle.access import project_view
from projects.past import records
from projects.past.moments import at
from projects.past.registers import REGISTERS, Register, cells

PER_PAGE = 500


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
    columns = found.columns_for(request.can)
    pages = Paginator(_rows(request, project, found, asked.day) if asked.day else [], PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    rows = list(page.object_list)
    for row in rows:
        row.project = project
    sums = _sums(found, columns, rows) if found.sums and pages.num_pages == 1 else None
    context = {
        "project": project,
        "tab": found.tab,
        "register": found,
        "asked": asked,
        "columns": columns,
        "rows": [list(line) for line in cells(columns, rows)],
        "page": page,
        "now_url": reverse(found.now, args=[project.code]),
        "sums": sums,
        "foot": list(zip(columns, sums, strict=True)) if sums else None,
        "others": [one for one in REGISTERS.values() if one.needs in request.can and one is not found],
    }
    return render(request, "projects/past/register.html", context)


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


def _sums(register: Register, columns, rows) -> list:
    """Below each column that is added up its sum, else None."""
    wanted = {register.columns[place] for place in register.sums}
    return [sum(column.value(row) or 0 for row in rows) if column in wanted else None for column in columns]
