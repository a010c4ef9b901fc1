"""The table of three-point estimates: field by field, as a pasted block, and what counts where there is none."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pmdm.accounts.roles import Permission as P
from projects.control import estimates
from projects.control.models import Shape
from projects.control.pages import frame
from projects.lifecycle.access import project_view
from projects.models import SimulationSettings
from projects.schedule.exporting import units_of

PER_PAGE = 100
MAX_PASTE = 1_000_000  # characters


class SettingsForm(forms.ModelForm):
    class Meta:
        model = SimulationSettings
        fields = ["low", "high", "shape"]
        labels = {"low": gettext_lazy("Shortest, % of the plan"), "high": gettext_lazy("Longest, % of the plan")}
        help_texts = {
            "low": gettext_lazy("−10 means a tenth shorter than planned at best."),
            "high": gettext_lazy("30 means three tenths longer than planned at worst."),
        }


class PasteForm(forms.Form):
    block = forms.CharField(
        label=gettext_lazy("Lines from a spreadsheet"),
        max_length=MAX_PASTE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Number or WBS, optimistic, most likely (may be empty), pessimistic, and perhaps triangular or pert:"
            " one task a line, with tabs or semicolons. A line with three empty durations removes an estimate."
        ),
    )


@project_view(read=P.PROJECT_KPI_VIEW, write=P.SCHEDULE_EDIT)
def estimate_list(request, project):
    """GET: the table. POST: the fields of one page of it, a pasted block, or the default."""
    writable = request.can["schedule_edit"] and not project.locked_reason
    paste, defaults = PasteForm(), SettingsForm(instance=estimates.settings_of(project))
    typed, problems, status = None, [], 200
    if request.method == "POST":
        match request.POST.get("what"):
            case "block":
                paste, problems = PasteForm(request.POST), []
                if paste.is_valid():
                    block = estimates.Pasted(project, paste.cleaned_data["block"])
                    problems = block.problems
                    if not problems:
                        return _saved(request, project, block.rows)
                status = 422
            case "default":
                defaults = SettingsForm(request.POST, instance=estimates.settings_of(project))
                if defaults.is_valid():
                    estimates.set_defaults(project, by=request.user, **defaults.cleaned_data)
                    messages.success(request, _("The default counts for every task without an estimate of its own."))
                    return redirect("projects:estimate-list", project.code)
                status = 422
            case _:
                typed = _typed(request, project)
                if not any(row.errors for row in typed):
                    return _saved(request, project, typed, page=request.GET.get("page", ""))
                status = 422
    page = Paginator(estimates.open_tasks(project), PER_PAGE).get_page(request.GET.get("page"))
    units = units_of(project)
    if typed is None:
        typed = [estimates.stored(task, units) for task in page.object_list]
    context = {
        **frame(project, "simulation"),
        "rows": typed,
        "wrong": sum(bool(row.errors) for row in typed),
        "labels": estimates.labels(),
        "page": page,
        "pages": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "shapes": Shape.choices,
        "paste": paste,
        "problems": problems[: estimates.SHOWN_PROBLEMS],
        "more_problems": max(len(problems) - estimates.SHOWN_PROBLEMS, 0),
        "defaults": defaults,
        "settings": estimates.settings_of(project),
        "estimated": project.estimates.count(),
        "writable": writable,
    }
    return render(request, "projects/control/estimates.html", context, status=status)


def _typed(request, project) -> list[estimates.Typed]:
    """The rows of the form, checked. A task that is no longer open is left out: its fields mean nothing any more."""
    uids = {name[2:] for name in request.POST if name.startswith("a-") and name[2:].isdecimal() and len(name) < 12}
    tasks = estimates.open_tasks(project).filter(uid__in=[int(uid) for uid in list(uids)[:1000]])
    units, rows = units_of(project), []
    for task in tasks:
        texts = {
            name: request.POST.get(f"{letter}-{task.uid}", "")[:40]
            for letter, name in zip("amb", estimates.POINTS, strict=True)
        }
        row = estimates.Typed(task, texts, request.POST.get(f"s-{task.uid}", Shape.TRIANGULAR)[:20])
        estimates.check(row, units)
        rows.append(row)
    return rows


def _saved(request, project, rows, *, page=""):
    try:
        count = estimates.save(project, rows, by=request.user)
    except ValidationError as error:  # a row went wrong between checking and saving
        messages.error(request, error.messages[0])
    else:
        text = ngettext("%(n)d estimate changed.", "%(n)d estimates changed.", count) % {"n": count}
        messages.success(request, text if count else _("No estimate differs from what was stored."))
    url = reverse("projects:estimate-list", args=[project.code])
    return redirect(f"{url}?page={page}" if page.isdecimal() else url)
