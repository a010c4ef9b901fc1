from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from projects.lifecycle.access import project_view
from projects.lifecycle.forms.state import StateForm


@project_view(read=P.PROJECT_ACTIVITY_VIEW, write=P.PROJECT_STATE, even_when_closed=True)
def state(request, project):
    """The project's state with its history; POST pauses, resumes, cancels or reopens."""
    form = StateForm(request.POST or None, project=project) if request.can["project_state"] else None
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: form.save(by=request.user))
        if status == SAVED:
            messages.success(
                request, _("The project is now: %(state)s.") % {"state": project.get_state_display().lower()}
            )
            return redirect(project)
        project.refresh_from_db(fields=["state"])
    context = {
        "project": project,
        "tab": "overview",
        "form": form,
        "changes": project.state_changes.select_related("by"),
    }
    return render(request, "projects/lifecycle/state.html", context, status=status)
