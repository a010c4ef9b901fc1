"""What the cutover means for the record: its plan is signed, its latest run shows on the page."""

from django.urls import reverse
from django.utils.translation import gettext as _

from handover import hooks
from handover.cutover.models import CutoverRun
from handover.transfer.models import Handover


def register() -> None:
    hooks.register_blockers("cutover", blockers)
    hooks.register_content("cutover", content)
    hooks.register_section("cutover", 60, section)


def url_of(handover: Handover) -> str:
    return reverse("handover:cutover", args=[handover.project.code, handover.number])


def _live_runs(handover: Handover) -> list[CutoverRun]:
    """The latest first; rehearsals are not among them."""
    runs = handover.cutover_runs.filter(kind=CutoverRun.Kind.LIVE).select_related("started_by")
    return hooks.once(handover, "cutover", lambda: list(runs))


def blockers(handover: Handover):
    """While a live run goes on nobody can say what is taken over."""
    run = next((run for run in _live_runs(handover) if run.ended_at is None), None)
    if run:
        yield hooks.Blocker(
            _("The cutover is running; it has to end first."),
            who=run.started_by,
            url=reverse("handover:cutover-run", args=[handover.project.code, handover.number, run.number]),
            stage="accept",
            key="cutover",
        )


def content(handover: Handover) -> list:
    """The plan, not its runs: they happen after it was signed."""
    return [
        [
            step.kind,
            step.title,
            step.instructions,
            step.owner.email,
            step.planned_start.isoformat() if step.planned_start else "",
            step.minutes,
            step.rollback_trigger,
        ]
        for step in handover.cutover_steps.select_related("owner")
    ]


def section(handover: Handover, request):
    run = next(iter(_live_runs(handover)), None)
    if run and not run.ended_at:
        note, status = _("Running now"), "watch"
    elif run:
        note = str(run.get_outcome_display())
        status = "ok" if run.outcome == CutoverRun.Outcome.COMPLETED else "act"
    elif steps := handover.cutover_steps.count():
        note, status = _("%(n)s steps planned") % {"n": steps}, ""
    else:
        note, status = _("No plan yet"), ""
    return hooks.Section("cutover", _("Cutover"), url=url_of(handover), note=note, status=status)
