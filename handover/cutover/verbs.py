"""Planning a cutover and running it. A run is led under its row lock: who comes second is told what was first."""

import datetime
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from handover.around import locked
from handover.cutover import engine
from handover.cutover.models import CutoverEntry, CutoverRun, CutoverStep
from handover.transfer.models import Handover
from pmdm.accounts.roles import Permission
from pmdm.registers.editing import FIRST

EDITABLE = Handover.EDITABLE_STATES
NEEDS_NOTE = (engine.PROBLEM, engine.SKIP, engine.NO_GO)
Outcome = CutoverRun.Outcome


# --- The plan ---


@transaction.atomic
def add_step(handover: Handover, *, by, **fields) -> CutoverStep:
    """A step of the plan; one of the rollback has no start, every other has."""
    current = _open_plan(handover)
    _check_time(fields["kind"], fields.get("planned_start"))
    return CutoverStep.objects.create(project_id=current.project_id, handover=current, **fields)


@transaction.atomic
def change_step(step: CutoverStep, fields: list[str], *, by, version: int) -> None:
    """Write what was edited; StaleVersion if somebody saved since."""
    _open_plan(step.handover)
    _check_time(step.kind, step.planned_start)
    step.save_changes(fields, version=version)


@transaction.atomic
def remove_step(step: CutoverStep, *, by) -> None:
    """Take it off the plan. A step that was run, if only in a rehearsal, stays."""
    _open_plan(step.handover)
    if step.entries.exists():
        raise ValidationError(_("“%(step)s” was run; the log names it, so it stays.") % {"step": step})
    step.delete()


def _open_plan(handover: Handover) -> Handover:
    current = locked(handover, *EDITABLE)
    if current.cutover_runs.filter(ended_at=None).exists():
        raise ValidationError(_("A run is going on: the plan stays as it is until it has ended."), code=FIRST)
    return current


def _check_time(kind: str, start) -> None:
    if kind == engine.ROLLBACK and start:
        raise ValidationError({"planned_start": _("A step of the rollback follows the decision: leave this empty.")})
    if kind != engine.ROLLBACK and not start:
        raise ValidationError({"planned_start": _("Say when it starts.")})


# --- The run ---


@dataclass
class Told:
    """A run with its steps, its log and what the log says."""

    run: CutoverRun
    steps: list[CutoverStep]
    entries: list[CutoverEntry]
    state: engine.Run

    @property
    def shift(self) -> datetime.timedelta:
        """A rehearsal is held at another time: the plan is moved to where it began."""
        planned = [step.planned_start for step in self.steps if step.planned_start]
        if self.run.kind == CutoverRun.Kind.LIVE or not planned:
            return datetime.timedelta()
        return self.run.started_at - min(planned)


def told(run: CutoverRun) -> Told:
    """What has happened, from the log; two queries."""
    steps = list(CutoverStep.objects.filter(handover=run.handover_id).select_related("owner"))
    entries = list(run.entries.select_related("by", "step"))
    state = engine.replay(
        [engine.Step(step.pk, step.kind) for step in steps],
        [engine.Entry(entry.event, entry.at, entry.step_id) for entry in entries],
    )
    return Told(run, steps, entries, state)


@transaction.atomic
def begin(handover: Handover, *, by, kind: str = CutoverRun.Kind.LIVE, at=None) -> CutoverRun:
    """Start a run. One at a time; a plan without steps can't be run."""
    current = locked(handover)
    if current.state == Handover.State.WITHDRAWN:
        raise ValidationError(_("This handover was withdrawn."))
    if current.cutover_runs.filter(ended_at=None).exists():
        raise ValidationError(_("A run is going on already."), code=FIRST)
    if not current.cutover_steps.exclude(kind=engine.ROLLBACK).exists():
        raise ValidationError(_("The plan has no steps yet."))
    last = current.cutover_runs.filter(kind=CutoverRun.Kind.LIVE).first()
    if kind == CutoverRun.Kind.LIVE and last and last.outcome == Outcome.COMPLETED:
        raise ValidationError(_("The cutover was completed with %(run)s.") % {"run": last.ref})
    return CutoverRun.objects.create(
        project_id=current.project_id, handover=current, kind=kind, started_at=at or timezone.now(), started_by=by
    )


def _locked_run(run: CutoverRun) -> CutoverRun:
    current = CutoverRun.objects.select_for_update(of=("self",)).select_related("handover__project").get(pk=run.pk)
    if current.ended_at:
        raise ValidationError(_("This run has ended."), code=FIRST)
    return current


@transaction.atomic
def step_on(run: CutoverRun, step: CutoverStep, event: str, *, by, note: str = "", at=None) -> CutoverEntry:
    """Write what happened with a step: start, done, problem, skip, go or no_go. Its owner may, and who leads the run.

    ValidationError, code FIRST, when the log does not allow it now.
    """
    current = _locked_run(run)
    _may(current, by, step)
    state = told(current).state
    allowed = state.allowed(engine.Step(step.pk, step.kind))
    if event not in allowed:
        now = state.progress[step.pk].state
        raise ValidationError(
            _("“%(step)s” is “%(state)s” now; this can't follow.") % {"step": step, "state": STATES.get(now, now)},
            code=FIRST,
        )
    if event in NEEDS_NOTE and not note.strip():
        raise ValidationError({"note": _("Say why, or what went wrong: the log keeps it.")})
    return _write(current, event, by=by, note=note, at=at, step=step)


@transaction.atomic
def roll_back(run: CutoverRun, *, by, reason: str, at=None) -> CutoverEntry:
    """Decide to go back: from now on only the steps of the rollback move."""
    current = _locked_run(run)
    _may(current, by)
    if not told(current).state.may_roll_back:
        raise ValidationError(_("The rollback was decided already."), code=FIRST)
    if not reason.strip():
        raise ValidationError({"note": _("Give the reason: which trigger was met.")})
    return _write(current, engine.ROLL_BACK, by=by, note=reason, at=at)


@transaction.atomic
def end(run: CutoverRun, *, by, note: str = "", at=None) -> str:
    """End the run; the outcome follows from the log. What is not through is broken off, with a reason."""
    current = _locked_run(run)
    _may(current, by)
    state = told(current).state
    if not state.is_through:
        if not note.strip():
            raise ValidationError({"note": _("Not every step is over: say why the run is broken off.")})
        outcome = Outcome.ABORTED
    else:
        outcome = Outcome.ROLLED_BACK if state.rolled_back_at else Outcome.COMPLETED
    entry = _write(current, engine.END, by=by, note=note, at=at)
    CutoverRun.objects.filter(pk=current.pk).update(ended_at=entry.at, outcome=outcome)
    run.refresh_from_db()
    return outcome


@transaction.atomic
def remark(run: CutoverRun, *, by, note: str, at=None) -> CutoverEntry:
    """A note in the log."""
    current = _locked_run(run)
    if not note.strip():
        raise ValidationError({"note": _("Write something first.")})
    return _write(current, engine.NOTE, by=by, note=note, at=at)


def _may(run: CutoverRun, by, step: CutoverStep | None = None) -> None:
    if step and step.owner_id == by.pk:
        return
    if not run.handover.project.allows(by, Permission.HANDOVER_EDIT):
        raise ValidationError(
            _("Only %(owner)s or who leads the handover can do that.") % {"owner": step.owner}
            if step
            else _("Only the project manager and the delivery manager lead the run.")
        )


def _write(run: CutoverRun, event: str, *, by, note: str, at, step: CutoverStep | None = None) -> CutoverEntry:
    last = run.entries.order_by("-pk").values_list("at", flat=True).first() or run.started_at
    # Two clocks may differ by a little; a log never runs backwards.
    moment = max(at or timezone.now(), last)
    return CutoverEntry.objects.create(
        project_id=run.project_id, run=run, step=step, event=event, at=moment, by=by, note=note.strip()
    )


STATES = {
    engine.PLANNED: gettext_lazy("planned"),
    engine.RUNNING: gettext_lazy("running"),
    engine.PROBLEM: gettext_lazy("problem"),
    engine.DONE: gettext_lazy("done"),
    engine.SKIPPED: gettext_lazy("skipped"),
    engine.GO: gettext_lazy("go"),
    engine.NO_GO: gettext_lazy("no-go"),
}
