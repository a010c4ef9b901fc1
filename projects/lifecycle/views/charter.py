from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from projects.lessons.offers import unheard
from projects.lifecycle.access import project_view
from projects.lifecycle.forms.charter import CharterForm


@project_view(read=P.PROJECT_EDIT, write=P.PROJECT_EDIT)
def edit(request, project):
    form = CharterForm(request.POST or None, instance=project)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            messages.success(request, _("The charter is saved."))
            return redirect(project)
    phases = dict(project.phases.order_by().values_list("kind", "state"))
    # The project as it is stored: what a refused form holds is no charter yet.
    offers = unheard(project, request.user, request.can, phases)
    context = {"project": project, "form": form, "tab": "overview", "offers": offers}
    return render(request, "projects/charter.html", context, status=status)
