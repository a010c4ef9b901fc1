"""The list of projects, a new one, and the overview of one."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pmdm.accounts.access import may_on_site, signed_in_view, site_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from projects.lifecycle import listing
from projects.lifecycle.access import project_view
from projects.lifecycle.forms.charter import ProjectForm
from projects.lifecycle.forms.filters import ProjectFilter
from projects.lifecycle.models import Phase, Project
from projects.lifecycle.overview import overview
from projects.types.preview import preview


@signed_in_view
@require_safe
def project_list(request):
    visible = Project.objects.visible_to(request.user)
    page = ListPage(
        request,
        listing.rows_for(request.user),
        sorts=listing.SORTS,
        default_sort="name",
        form=ProjectFilter,
        form_kwargs={"visible": visible, "reader": request.user},
    )
    phases = {kind.value: str(kind.label) for kind in Phase.Kind}
    for row in page.rows:
        row.phase_name = row.phase_title or phases.get(row.phase_kind, "")
    may_create = may_on_site(request.user, P.PROJECT_CREATE)
    return render(request, "projects/project_list.html", {"page": page, "may_create": may_create})


@site_view(read=P.PROJECT_CREATE, write=P.PROJECT_CREATE)
def project_new(request):
    form = ProjectForm(request.POST or None, user=request.user)
    status, shown = 200, None
    if request.method == "POST" and "preview" in request.POST:
        # Nothing is made: what was typed stays in the form, and what would be made stands below it.
        form.full_clean()
        kind, start = form.cleaned_data.get("type"), form.cleaned_data.get("target_start")
        if kind and kind.current:
            shown = preview(
                kind.current,
                start=start or timezone.localdate(),
                with_plan=form.cleaned_data.get("with_plan", True),
            )
        form = ProjectForm(initial=request.POST.dict(), user=request.user)
        form.initial["with_plan"] = "with_plan" in request.POST
    elif request.method == "POST":
        made = []
        status = attempt(form, lambda: made.append(form.initiate(by=request.user)))
        if status == SAVED:
            messages.success(request, _("%(name)s is initiated.") % {"name": made[0].name})
            return redirect(made[0])
    return render(request, "projects/project_new.html", {"form": form, "preview": shown}, status=status)


@project_view(read=P.PROJECT_VIEW)
def detail(request, project):
    return render(
        request,
        "projects/detail.html",
        {"project": project, "tab": "overview", **overview(project, request.user, request.can)},
    )
