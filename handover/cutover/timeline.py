"""Planned against actual of one run, as a chart and in words."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from handover.cutover import engine
from handover.cutover.verbs import STATES, Told
from pmdm.charts.runs import RunRow, run_chart
from pmdm.ui import format as fmt

COLOURS = {
    engine.PROBLEM: "act",
    engine.NO_GO: "act",
    engine.SKIPPED: "soft",
    engine.DONE: "accent",
    engine.GO: "accent",
}


def moment(value: datetime.datetime) -> str:
    local = timezone.localtime(value)
    return f"{fmt.day(local)} {local:%H:%M}"


def chart(told: Told, now: datetime.datetime):
    """The figure of the run; an open step reaches to now."""
    rows = []
    until = told.run.ended_at or now
    for step in told.steps:
        progress = told.state.progress[step.pk]
        if step.kind == engine.ROLLBACK and not told.state.rolled_back_at:
            continue
        planned = None
        if step.planned_start and step.planned_finish:
            planned = (
                timezone.localtime(step.planned_start + told.shift),
                timezone.localtime(step.planned_finish + told.shift),
            )
        actual = None
        if progress.started:
            actual = (timezone.localtime(progress.started), timezone.localtime(progress.finished or until))
        rows.append(
            RunRow(
                name=step.title,
                planned=planned,
                actual=actual,
                css=COLOURS.get(progress.state, "teal"),
                word=str(STATES[progress.state]),
            )
        )
    return run_chart(
        id=f"run-{told.run.number}",
        title=_("Planned and actual"),
        description=sentence(told, now),
        rows=rows,
        now=None if told.run.ended_at else timezone.localtime(now),
        form=moment,
        head=[
            _("Step"),
            _("Planned start"),
            _("Planned finish"),
            _("Actual start"),
            _("Actual finish"),
            _("State"),
        ],
        planned_label=_("Planned"),
        actual_label=_("Actual"),
    )


def sentence(told: Told, now: datetime.datetime) -> str:
    """How much is over, and how the last finished step lies against its plan."""
    counted = [step for step in told.steps if (step.kind == engine.ROLLBACK) == bool(told.state.rolled_back_at)]
    over = [step for step in counted if told.state.progress[step.pk].is_over]
    text = _("%(done)s of %(all)s steps are over.") % {"done": len(over), "all": len(counted)}
    if delay := delay_of(told):
        seconds = delay.total_seconds()
        words = fmt.elapsed(abs(delay))
        text += " " + (_("%(time)s behind the plan.") if seconds > 0 else _("%(time)s ahead of the plan.")) % {
            "time": words
        }
    return text


def delay_of(told: Told) -> datetime.timedelta | None:
    """The last finished step's actual against its planned finish, to the minute; None before one, or on time."""
    finished = [
        (progress.finished, step.planned_finish + told.shift)
        for step in told.steps
        if (progress := told.state.progress[step.pk]).finished and step.planned_finish
    ]
    if not finished:
        return None
    actual, planned = max(finished, key=lambda pair: pair[0])
    minutes = round((actual - planned).total_seconds() / 60)
    return datetime.timedelta(minutes=minutes) if minutes else None
