"""The plan of the cutover, and the live run: a page that follows by itself and works with a thumb."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from handover import around
from handover.cutover import engine, verbs
from handover.cutover.forms import BeginForm, NoteForm, StepEditForm, StepForm
from handover.cutover.models import CutoverEntry, CutoverRun
from handover.cutover.timeline import chart
from handover.transfer.access import handover_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt

VIEW, EDIT = P.HANDOVER_VIEW, P.HANDOVER_EDIT
VERBS = {
    engine.START: gettext_lazy("Start"),
    engine.DONE: gettext_lazy("Done"),
    engine.PROBLEM: gettext_lazy("Problem"),
    engine.SKIP: gettext_lazy("Skip"),
    engine.GO: gettext_lazy("Go"),
    engine.NO_GO: gettext_lazy("No-go"),
}


def _plan(request, project, handover, *, refused=None, status=200):
    runs = list(handover.cutover_runs.select_related("started_by"))
    going = next((run for run in runs if run.ended_at is None), None)
    latest = runs[0] if runs else None
    may = request.can["handover_edit"]
    live = next((run for run in runs if run.kind == CutoverRun.Kind.LIVE), None)
    may_begin = may and not going and handover.state != handover.State.WITHDRAWN
    may_begin = may_begin and not (live and live.outcome == CutoverRun.Outcome.COMPLETED)
    context = around.page(
        request, project, handover, "cutover",
        steps=list(handover.cutover_steps.select_related("owner")),
        runs=runs, going=going, refused=refused,
        chart=chart(verbs.told(latest), timezone.now()) if latest else None,
        may_edit=may and handover.is_editable and not going,
        begin=BeginForm() if may_begin else None,
    )  # fmt: skip
    return render(request, "handover/cutover/plan.html", context, status=status)


@handover_view(read=VIEW)
def cutover(request, project, handover):
    """The plan and its runs."""
    return _plan(request, project, handover)


@handover_view(read=EDIT, write=EDIT)
def step_new(request, project, handover):
    form = StepForm(request.POST or None, initial={"owner": request.user})
    return around.row_form(
        request,
        project,
        handover,
        "cutover",
        form,
        _("New step"),
        lambda: verbs.add_step(handover, by=request.user, **form.cleaned_data),
    )


@handover_view(read=EDIT, write=EDIT)
def step_edit(request, project, handover, pk):
    step = get_object_or_404(handover.cutover_steps, pk=pk)
    step.handover = handover
    form = StepEditForm(request.POST or None, instance=step)
    form.instance.handover = handover
    return around.row_form(
        request,
        project,
        handover,
        "cutover",
        form,
        step.title,
        lambda: form.save_changes(by=request.user),
        removal="cutover-step-removal",
        pk=pk,
    )


@require_POST
@handover_view(read=VIEW, write=EDIT)
def step_removal(request, project, handover, pk):
    step = get_object_or_404(handover.cutover_steps, pk=pk)
    step.handover = handover
    return around.do(request, project, handover, "cutover", lambda: verbs.remove_step(step, by=request.user), _plan)


@require_POST
@handover_view(read=VIEW, write=EDIT)
def run_new(request, project, handover):
    """Begin a run."""
    form, made = BeginForm(request.POST), []
    status = attempt(form, lambda: made.append(verbs.begin(handover, by=request.user, kind=form.cleaned_data["kind"])))
    if status != SAVED:
        return _plan(request, project, handover, refused=form, status=status)
    messages.success(request, _("The run has begun."))
    return redirect("handover:cutover-run", project.code, handover.number, made[0].number)


@vary_on_headers("HX-Request")
@handover_view(read=VIEW, write=VIEW)
def run(request, project, handover, run_number):
    """The live run. ``?since=``: only if the log has grown, else 204. POST: a note, the rollback, the end."""
    found = _run(handover, run_number)
    if request.method == "POST":
        form = NoteForm(request.POST)
        acts = {
            engine.ROLL_BACK: lambda: verbs.roll_back(found, by=request.user, reason=form.cleaned_data["note"]),
            engine.END: lambda: verbs.end(found, by=request.user, note=form.cleaned_data["note"]),
        }
        event = request.POST.get("event", "")
        act = acts.get(event, lambda: verbs.remark(found, by=request.user, note=form.cleaned_data["note"]))
        return _after(request, project, handover, found, form, attempt(form, act), event or engine.NOTE)
    since = request.GET.get("since", "")
    if since.isdecimal() and len(since) < 19 and not found.ended_at:
        newest = CutoverEntry.objects.filter(run=found).order_by("-pk").values_list("pk", flat=True).first()
        if (newest or 0) <= int(since):
            return HttpResponse(status=204)
    return _live(request, project, handover, found)


@require_POST
@handover_view(read=VIEW, write=VIEW)
def run_step(request, project, handover, run_number, pk):
    """What happened with a step; who may is the verb's to say: its owner, or who leads the run."""
    found = _run(handover, run_number)
    step = get_object_or_404(handover.cutover_steps.select_related("owner"), pk=pk)
    form = NoteForm(request.POST)
    event = request.POST.get("event", "")
    status = attempt(form, lambda: verbs.step_on(found, step, event, by=request.user, note=form.cleaned_data["note"]))
    return _after(request, project, handover, found, form, status, f"{step.pk}-{event}")


def _after(request, project, handover, found, form, status, key):
    if status == SAVED and not request.htmx:
        return redirect("handover:cutover-run", project.code, handover.number, found.number)
    found.refresh_from_db()
    refused = (key, form) if status != SAVED else None
    return _live(request, project, handover, found, refused=refused, status=status)


def _live(request, project, handover, found, *, refused=None, status=200):
    found.handover = handover
    told = verbs.told(found)
    leads = request.can["handover_edit"]
    rows = []
    for step in told.steps:
        allowed = told.state.allowed(engine.Step(step.pk, step.kind))
        if not (leads or step.owner_id == request.user.pk):
            allowed = ()
        rows.append(
            {
                "step": step,
                "progress": told.state.progress[step.pk],
                "word": verbs.STATES[told.state.progress[step.pk].state],
                "planned": step.planned_start + told.shift if step.planned_start else None,
                "hidden": step.kind == engine.ROLLBACK and not told.state.rolled_back_at,
                "buttons": [(event, VERBS[event]) for event in allowed if event not in verbs.NEEDS_NOTE],
                "noted": [
                    (event, VERBS[event], _note_form(refused, f"{step.pk}-{event}", event))
                    for event in allowed
                    if event in verbs.NEEDS_NOTE
                ],
            }
        )
    context = around.page(
        request, project, handover, "cutover",
        run=found, rows=rows, state=told.state,
        leads=leads and not found.ended_at,
        newest=told.entries[-1].pk if told.entries else 0,
        entries=told.entries[::-1],
        chart=chart(told, timezone.now()),
        refused=refused[1] if refused else None,
        forms={event: _note_form(refused, event, event) for event in (engine.ROLL_BACK, engine.END, engine.NOTE)},
    )  # fmt: skip
    template = "handover/cutover/run.html" + ("#run" if request.htmx else "")
    return render(request, template, context, status=status)


def _note_form(refused, key: str, event: str) -> NoteForm:
    """The one that was refused with what was typed, else an empty one."""
    if refused and refused[0] == key:
        return refused[1]
    return NoteForm(initial={"event": event}, auto_id=f"id_{key}_%s")


def _run(handover, number):
    found = get_object_or_404(handover.cutover_runs.select_related("started_by"), number=number)
    found.handover = handover
    return found
