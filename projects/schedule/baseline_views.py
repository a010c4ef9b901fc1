"""Baselines: taken, compared, approved, chosen."""

from functools import cached_property

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.roles import Permission as P
from pmdm.interchange.tabular import write_csv
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.forms import FilterForm
from pmdm.ui.lists import ListPage
from projects.lifecycle.access import project_view
from projects.schedule.baselines import (
    activate_baseline,
    decide_baseline,
    describe_baseline,
    remove_baseline,
    request_approval,
    take_baseline,
    variance_days,
)
from projects.schedule.calendars import project_calendar
from projects.schedule.comparison import KIND_NAMES, SORTS, Comparison, in_order
from projects.schedule.forms import BaselineForm
from projects.schedule.localtime import to_wall

NOW = "now"


class ComparisonFilter(FilterForm):
    """Which of the compared tasks are shown, and what the baseline is compared with."""

    q = forms.CharField(label=gettext_lazy("Task or WBS"), max_length=200, required=False)
    against = forms.ChoiceField(label=gettext_lazy("Compared with"), required=False)
    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[
            ("", gettext_lazy("All tasks")),
            ("moved", gettext_lazy("All that differ")),
            *KIND_NAMES.items(),
            ("milestones", gettext_lazy("Milestones")),
        ],
    )

    def __init__(self, *args, baseline, others, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(NOW, _("The plan as it is"))]
        choices += [(str(row.number), str(row)) for row in others if row.pk != baseline.pk]
        self.fields["against"].choices = choices  # type: ignore[attr-defined]
        self.fields["against"].initial = NOW

    def matches(self, row) -> bool:
        data, state = self.cleaned_data, row.any
        text = f"{state.wbs} {state.name}".casefold()
        if not all(word.casefold() in text for word in self.words()):
            return False
        match data.get("show"):
            case "" | None:
                return True
            case "moved":
                return row.kind != "unchanged" and not state.is_summary
            case "milestones":
                return state.is_milestone
            case kind:
                return row.kind == kind and not state.is_summary


class ComparisonPage(ListPage):
    """Rows that were compared in memory, filtered, sorted and shown in pages."""

    def __init__(self, request, project, baseline, can):
        others = list(project.baselines.order_by("-number"))
        super().__init__(
            request,
            None,
            sorts=SORTS,
            default_sort="number",
            form=ComparisonFilter,
            form_kwargs={"baseline": baseline, "others": others},
            per_page=100,
        )
        self.form.is_valid()
        wanted = self.form.cleaned_data.get("against") or NOW
        against = next((row for row in others if str(row.number) == wanted), None)
        self.comparison = Comparison(
            project, baseline, against, with_cost=P.COST_VIEW in can, with_work=P.TEAM_VIEW in can
        )

    @property
    def filtered(self) -> bool:
        return bool(self.form.active.get("q") or self.form.active.get("show"))

    @cached_property
    def queryset(self) -> list:
        rows = self.comparison.rows
        if self.form.is_valid():
            rows = [row for row in rows if self.form.matches(row)]
        return in_order(rows, self.sort.removeprefix("-"), descending=self.sort.startswith("-"))


@project_view(read=P.SCHEDULE_VIEW, write=P.SCHEDULE_EDIT)
def baseline_list(request, project):
    """GET: all baselines. POST: take one."""
    form, status = None, 200
    if request.can["schedule_edit"] and not project.locked_reason:
        form = BaselineForm(request.POST or None, project=project)
        if request.method == "POST":
            status = attempt(form, lambda: take_baseline(project, by=request.user, **form.cleaned_data))
            if status == SAVED:
                messages.success(request, _("The plan is frozen as a baseline."))
                return redirect("projects:baseline-list", project.code)
    calendar = project_calendar(project)
    rows = [
        {
            "baseline": row,
            "start": to_wall(row.start, project),
            "finish": to_wall(row.finish, project),
            "variance": _variance(row.finish, project.computed_finish, project, calendar),
        }
        for row in project.baselines.select_related("taken_by", "requested_by", "decided_by")
        .prefetch_related("replaced_by_changes")
        .annotate(task_count=Count("tasks"))
        .order_by("-number")  # said again: a count over other rows drops the order of the table
    ]
    context = {"project": project, "tab": "schedule", "view": "baselines", "form": form, "rows": rows}
    return render(request, "projects/schedule/baseline_list.html", context, status=status)


@project_view(read=P.SCHEDULE_VIEW)
def baseline(request, project, number):
    """One baseline beside the plan as it is, or beside another baseline."""
    return _baseline_page(request, project, _get(project, number))


@project_view(read=P.SCHEDULE_VIEW)
def baseline_export(request, project, number):
    """The same comparison, with its filter and order, as CSV; formulas neutralised."""
    row = _get(project, number)
    page = ComparisonPage(request, project, row, request.can)
    text = write_csv(*_table(page))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    against = page.comparison.now.number if page.comparison.now else NOW
    name = f"{project.code}-baseline-{row.number}-{against}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def baseline_edit(request, project, number):
    """Its name and what is noted about it."""
    row = _get(project, number)
    if row.is_approved:
        messages.error(request, _("An approved baseline stays as it is."))
        return redirect("projects:baseline-detail", project.code, number)
    form = DescriptionForm(request.POST or None, initial={"name": row.name, "note": row.note})
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: describe_baseline(row, by=request.user, **form.cleaned_data))
        if status == SAVED:
            return redirect("projects:baseline-detail", project.code, number)
    context = {
        "project": project,
        "tab": "schedule",
        "heading": _("Describe the baseline"),
        "form": form,
        "back": reverse("projects:baseline-detail", args=[project.code, number]),
    }
    return render(request, "projects/_form.html", context, status=status)


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def baseline_activation(request, project, number):
    row = _get(project, number)
    if request.method == "POST":
        activate_baseline(row, by=request.user)
        messages.success(request, _("“On time” is measured against %(baseline)s now.") % {"baseline": row})
    return redirect("projects:baseline-list", project.code)


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def baseline_request(request, project, number):
    """Ask for its approval."""
    row = _get(project, number)
    if request.method == "POST":
        try:
            request_approval(row, by=request.user)
        except ValidationError as error:
            return _baseline_page(request, project, _get(project, number), problem=error.messages[0], status=409)
        messages.success(request, _("The sponsor and the PMO see that you ask for approval."))
    return redirect("projects:baseline-detail", project.code, number)


@project_view(read=P.BASELINE_APPROVE, write=P.BASELINE_APPROVE)
def baseline_decision(request, project, number):
    """Approve or decline it."""
    row = _get(project, number)
    if request.method != "POST":
        return redirect("projects:baseline-detail", project.code, number)
    form = DecisionForm(request.POST)
    status = attempt(form, lambda: decide_baseline(row, by=request.user, **form.cleaned_data))
    if status != SAVED:
        return _baseline_page(request, project, _get(project, number), decision=form, status=status)
    messages.success(request, _("Approved.") if row.is_approved else _("Declined; the project manager sees why."))
    return redirect("projects:baseline-detail", project.code, number)


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def baseline_removal(request, project, number):
    row = _get(project, number)
    back = reverse("projects:baseline-detail", args=[project.code, number])
    if request.method == "POST":
        try:
            remove_baseline(row, by=request.user)
        except ValidationError as error:
            return _baseline_page(request, project, _get(project, number), problem=error.messages[0], status=422)
        messages.success(request, _("“%(baseline)s” is removed.") % {"baseline": row})
        return redirect("projects:baseline-list", project.code)
    context = {
        "project": project,
        "tab": "schedule",
        "heading": _("Remove “%(baseline)s”?") % {"baseline": row},
        "text": _("What it froze is lost; nothing can be compared with it any more."),
        "back": back,
    }
    return render(request, "projects/_confirm.html", context)


class DescriptionForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100, required=False)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=2000, required=False, widget=forms.Textarea)


class DecisionForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Reason or condition"), max_length=2000, required=False, widget=forms.Textarea
    )
    decision = forms.ChoiceField(choices=[("approve", ""), ("decline", "")], widget=forms.HiddenInput)

    def clean(self):
        data = super().clean()
        return {"note": data.get("note", ""), "approve": data.get("decision") == "approve"}


def _baseline_page(request, project, row, *, problem="", decision=None, status=200):
    page = ComparisonPage(request, project, row, request.can)
    comparison = page.comparison
    writable = request.can["schedule_edit"] and not project.locked_reason
    may_decide = (
        request.can["baseline_approve"]
        and not project.locked_reason
        and row.state == row.State.REQUESTED
        and row.requested_by_id != request.user.pk
    )
    known = {"work": comparison.work, "cost": comparison.cost}
    context = {
        "project": project,
        "tab": "schedule",
        "view": "baselines",
        "baseline": row,
        "page": page,
        "comparison": comparison,
        "then_name": str(row),
        "now_name": str(comparison.now) if comparison.now else _("the plan as it is"),
        "counts": [(kind, KIND_NAMES[kind], count) for kind, count in comparison.counts.items()],
        "kind_names": KIND_NAMES,
        "show_work": known["work"] is not None,
        "show_cost": known["cost"] is not None,
        "inside": request.can["team_view"],
        "problem": problem,
        "writable": writable,
        "decision": (decision or DecisionForm()) if may_decide else None,
    }
    return render(request, "projects/schedule/baseline.html", context, status=status)


def _table(page) -> tuple[list, list]:
    comparison = page.comparison
    header = ["UID", "WBS", "Task", "Change", "Start then", "Start now", "Start variance (d)", "Finish then"]
    header += ["Finish now", "Finish variance (d)", "Duration then (h)", "Duration now (h)"]
    if comparison.with_work:
        header += ["Work then (h)", "Work now (h)"]
    if comparison.with_cost:
        header += ["Cost then", "Cost now"]
    rows = []
    for row in page.queryset:
        then, now, state = row.then, row.now, row.any
        cells = [state.uid, state.wbs, state.name, str(KIND_NAMES[row.kind])]
        cells += [_minute(then and then.start), _minute(now and now.start), row.start_days]
        cells += [_minute(then and then.finish), _minute(now and now.finish), row.finish_days]
        names = ["duration", *(["work"] if comparison.with_work else [])]
        for name in names:
            cells += [_hours(getattr(side, name) if side else None) for side in (then, now)]
        if comparison.with_cost:
            cells += [side.cost if side and side.cost is not None else "" for side in (then, now)]
        rows.append(["" if cell is None else cell for cell in cells])
    return header, rows


def _minute(moment) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _hours(minutes):
    return "" if minutes is None else round(minutes / 60, 2)


def _get(project, number):
    rows = project.baselines.select_related("taken_by", "requested_by", "decided_by")
    row = get_object_or_404(rows, number=number)
    row.project = project
    return row


def _variance(then, now, project, calendar) -> float | None:
    days = variance_days(to_wall(then, project), to_wall(now, project), calendar, project.minutes_per_day)
    return None if days is None else round(days, 1)
