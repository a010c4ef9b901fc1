from django.core.paginator import Paginator
from django.shortcuts import redirect, render

from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from projects.lifecycle.access import project_view
from projects.lifecycle.forms.updates import UpdateForm

PER_PAGE = 20


# Written for ourselves: an update may speak of money and people, so a client does not read it.
@project_view(read=P.PROJECT_ACTIVITY_VIEW, write=P.STATUS_POST)
def update_list(request, project):
    form = UpdateForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: project.post_update(by=request.user, **form.cleaned_data))
        if status == SAVED:
            return redirect(project)
    updates = Paginator(project.status_updates.select_related("by"), PER_PAGE).get_page(request.GET.get("page"))
    may_post = request.can["status_post"] and not project.locked_reason
    context = {"project": project, "tab": "overview", "form": form if may_post else None, "updates": updates}
    return render(request, "projects/lifecycle/updates.html", context, status=status)
