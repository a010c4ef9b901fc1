"""A phase with the checklist and the decision of its gate."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED, SAVED, attempt
from projects.lifecycle import order, track
from projects.lifecycle.access import project_view
from projects.lifecycle.forms.phases import DecisionForm, GatePlanForm, LineForm, TickForm, condition_rows
from projects.lifecycle.models import GateCondition, GateDecision

_AGREED = Prefetch("agreed", queryset=GateCondition.objects.select_related("owner", "task", "line"))


# Gates are our own governance: a client sees where the project stands, not how that was decided.
@project_view(read=P.PROJECT_ACTIVITY_VIEW)
def phase(request, project, kind):
    return _page(request, project, _phase(project, kind))


@project_view(read=P.PROJECT_EDIT, write=P.PROJECT_EDIT)
def gate_plan(request, project, kind):
    phase = _phase(project, kind)
    form = GatePlanForm(request.POST or None, instance=phase)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: phase.plan_gate(by=request.user, **form.cleaned_data))
        if status == SAVED:
            messages.success(request, _("The gate is planned."))
            return redirect("projects:phase", project.code, kind)
    context = {"project": project, "tab": "overview", "phase": phase, "form": form}
    return render(request, "projects/lifecycle/gate_plan.html", context, status=status)


@project_view(read=P.PROJECT_EDIT, write=P.PROJECT_EDIT)
def checklist(request, project, kind):
    """POST adds a line."""
    phase = _phase(project, kind)
    form = LineForm(request.POST)
    if request.method != "POST":
        return redirect("projects:phase", project.code, kind)
    status = attempt(form, lambda: phase.add_line(form.cleaned_data["text"], required=form.cleaned_data["required"]))
    if status == SAVED:
        return redirect("projects:phase", project.code, kind)
    return _page(request, project, phase, line_form=form, status=status)


@project_view(read=P.PROJECT_EDIT, write=P.PROJECT_EDIT)
def checklist_line(request, project, kind, pk):
    """POST ticks the line with its evidence, or takes the tick back."""
    phase = _phase(project, kind)
    line = _line(phase, pk)
    form = TickForm(request.POST, request.FILES, auto_id=f"tick-{line.pk}-%s")
    if request.method != "POST":
        return redirect("projects:phase", project.code, kind)

    def save():
        if form.cleaned_data["done"]:
            line.tick(by=request.user, evidence=form.cleaned_data["evidence"], upload=form.cleaned_data["upload"])
        else:
            line.untick()

    status = attempt(form, save)
    if status == SAVED:
        return redirect("projects:phase", project.code, kind)
    return _page(request, project, phase, tick=(line.pk, form), status=status)


@project_view(read=P.PROJECT_EDIT, write=P.PROJECT_EDIT)
def checklist_line_removal(request, project, kind, pk):
    phase = _phase(project, kind)
    line = _line(phase, pk)
    if request.method == "POST":
        try:
            line.remove()
        except ValidationError as error:
            messages.error(request, error.messages[0])
        return redirect("projects:phase", project.code, kind)
    context = {
        "project": project,
        "tab": "overview",
        "heading": _("Remove this line from the checklist?"),
        "text": line.text,
        "back": _url(project, kind),
    }
    return render(request, "projects/_confirm.html", context)


@project_view(read=P.PROJECT_ACTIVITY_VIEW, write=P.GATE_DECIDE)
def decisions(request, project, kind):
    """POST records the approver's decision."""
    phase = _phase(project, kind)
    if request.method != "POST":
        return redirect("projects:phase", project.code, kind)
    form, rows = DecisionForm(request.POST, auto_id="gate-%s"), condition_rows(project, request.POST)
    if "more" in request.POST:
        return _page(request, project, phase, decision_form=_unbound(form), rows=_more(project, request.POST))
    data = form.data
    made = []

    def save():
        conditions = rows.wanted()
        if conditions and form.cleaned_data["decision"] != GateDecision.Decision.CONDITIONS:
            raise ValidationError(
                {"decision": _("You named conditions: choose “Go with conditions”, or empty their rows.")}
            )
        made.append(phase.decide(by=request.user, conditions=conditions, **form.cleaned_data))

    if rows.is_valid():
        status = attempt(form, save)
    else:
        status = REFUSED
        form.add_error(None, rows.non_form_errors() or _("A condition needs its text, its owner and its day."))
    if status == SAVED:
        messages.success(
            request,
            _("%(phase)s: %(decision)s.") % {"phase": phase, "decision": made[0].get_decision_display()},
        )
        return redirect(project)
    form.data = {**data.dict(), "seen": phase.decisions.count()}
    return _page(request, project, _phase(project, kind), decision_form=form, rows=rows, status=status)


def _unbound(form):
    """What was typed, before anything is judged."""
    return DecisionForm(initial=form.data.dict(), auto_id="gate-%s")


def _more(project, data):
    """The rows that were typed, and two more."""
    count = min(
        int(data.get("condition-TOTAL_FORMS", 0) or 0) if data.get("condition-TOTAL_FORMS", "").isdecimal() else 0, 18
    )
    typed = [
        {name: data.get(f"condition-{number}-{name}", "") for name in ("text", "owner", "due")}
        for number in range(count)
    ]
    return condition_rows(project, typed=typed)


def _url(project, kind):
    return reverse("projects:phase", args=[project.code, kind])


def _phase(project, kind):
    phase = get_object_or_404(project.phases.select_related("approver"), key=kind)
    phase.project = project
    return phase


def _line(phase, pk):
    line = get_object_or_404(phase.checklist.select_related("file", "condition__task"), pk=pk)
    line.phase, line.project = phase, phase.project
    return line


def _page(request, project, phase, *, line_form=None, decision_form=None, rows=None, tick=None, status=200):
    lines = list(
        phase.checklist.select_related("done_by", "file", "condition__task", "condition__owner", "condition__decision")
    )
    history = list(phase.decisions.select_related("decided_by").prefetch_related(_AGREED))
    may_edit = request.can[P.PROJECT_EDIT.name] and not project.locked_reason and phase.state != "done"
    for line in lines:
        line.promise = getattr(line, "condition", None)
        line.is_met = line.done_at is not None or (line.promise is not None and line.promise.is_met)
        by_task = line.promise is not None and line.promise.task is not None
        if tick and tick[0] == line.pk:
            line.form = tick[1]
        elif may_edit and not line.done_at and not by_task:
            line.form = TickForm(initial={"evidence": line.evidence, "done": True}, auto_id=f"tick-{line.pk}-%s")
    shared = project.phases.filter(key=order.shares(phase.places, phase.key)).first()
    may_decide = (
        phase.has_gate
        and phase.state == "active"
        and project.state == "active"
        and phase.may_be_decided_by(request.user)
    )
    context = {
        "project": project,
        "tab": "overview",
        "phase": phase,
        "track": track.steps(project, request.user, links=True),
        "lines": lines,
        "done": sum(1 for line in lines if line.is_met),
        "shared": shared,
        # From planning on, who will run it sits at the table.
        "asks_for_delivery": phase.kind != "initiation" and phase.state != "done",
        "history": history,
        "may_edit": may_edit,
        "line_form": (line_form or LineForm(auto_id="line-%s")) if may_edit else None,
        "decision_form": (decision_form or DecisionForm(initial={"seen": len(history)}, auto_id="gate-%s"))
        if may_decide or decision_form
        else None,
        # Nothing follows the last gate that could meet a condition.
        "condition_rows": (rows or condition_rows(project))
        if (may_decide or decision_form) and phase.leads_on
        else None,
        "missing": phase.missing() if may_decide else [],
        "decider": phase.decider,
    }
    return render(request, "projects/lifecycle/phase.html", context, status=status)
