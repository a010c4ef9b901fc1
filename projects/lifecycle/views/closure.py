from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.kpis import figures
from pmdm.registers.editing import SAVED, attempt
from projects.lifecycle.access import project_view
from projects.lifecycle.closing import KINDS
from projects.lifecycle.forms.closure import ClosureForm
from projects.lifecycle.models import Closure


@project_view(read=P.PROJECT_KPI_VIEW, write=P.PROJECT_STATE)
def closure(request, project):
    """What is still open and the form that closes; once closed, the frozen result."""
    closed = Closure.objects.filter(project=project).select_related("closed_by").first()
    if closed:
        left_open = [(KINDS[kind][0], left) for kind, left in closed.left_open.items()]
        context = {
            "project": project,
            "tab": "overview",
            "closure": closed,
            "left_open": left_open,
            "figures": [figure for figure in _frozen(project, closed) if _may_see(figure, request)],
        }
        return render(request, "projects/lifecycle/closed.html", context)
    matters = project.open_matters()
    form = ClosureForm(request.POST if request.method == "POST" else None, matters=matters)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: form.close(project, by=request.user))
        if status == SAVED:
            messages.success(request, _("The project is closed. Its result is frozen."))
            return redirect("projects:closure", project.code)
    may_close = request.can["project_state"] and project.state == project.State.ACTIVE
    context = {
        "project": project,
        "tab": "overview",
        "matters": matters,
        "form": form,
        "may_close": may_close,
    }
    return render(request, "projects/lifecycle/closure.html", context, status=status)


def _frozen(project, closed):
    return figures.headline(figures.frozen("project", project.code, closed.result))


def _may_see(figure, request) -> bool:
    return figure.kpi.permission is None or figure.kpi.permission in request.can
