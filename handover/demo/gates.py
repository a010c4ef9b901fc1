"""Gates of the demo: minutes as evidence, and conditions that the team works off after a gate."""

import datetime

from handover.demo.timeline import DAY, HOUR
from projects.lifecycle.conditions import Wanted
from projects.schedule import edits

# (project, gate) -> conditions: text, days until due (None: the target finish), days until done (None: open).
CONDITIONS: dict[tuple[str, str], list[tuple[str, int | None, int | None]]] = {
    ("WRC", "planning"): [
        ("Agree the rollback plan with the data centre", 21, 12),
        ("Show the client's auditor how meter data is deleted", None, None),
    ],
    ("DOC", "planning"): [("Sign the data processing agreement with the scan provider", 28, 19)],
}


class Minutes:
    """The minutes of a steering meeting, as a file to attach."""

    def __init__(self, project, gate: str, day: datetime.date, lines: list[str]) -> None:
        self.name = f"{project.code} minutes {day:%Y-%m-%d}.md"
        self.text = f"# {project.name}: {gate} gate, {day:%d %B %Y}\n\n" + "".join(f"- {line}\n" for line in lines)

    def read(self) -> bytes:
        return self.text.encode()


def pass_gate(story, kind: str, *, by, at: datetime.datetime) -> None:
    """Tick the checklist, the first line with the minutes; then the sponsor decides."""
    project = story.project
    kinds = ("execution", "monitoring") if kind == "execution" else (kind,)
    lines = project.checklist_items.filter(phase__kind__in=kinds, done_at=None, condition=None).select_related("phase")
    first = True
    for item in lines:
        if item.required or story.line.dice.random() < 0.7:
            minutes = Minutes(project, kind, at.date(), [line.text for line in lines]) if first else None
            item.tick(by=story.manager, evidence="Minutes of the steering meeting", upload=minutes, at=at - 2 * HOUR)
            first = False
    phase = project.phases.get(kind=kind)
    phase.project = project
    agreed = CONDITIONS.get((project.code, kind), [])
    if not agreed:
        phase.decide("go", by=by, note="All criteria are met.", at=at)
        return
    wanted = [
        Wanted(text, story.team[number % len(story.team)], (at + due * DAY).date() if due else project.target_finish)
        for number, (text, due, _done) in enumerate(agreed)
    ]
    decision = phase.decide("conditions", by=by, conditions=wanted, note="The plan holds; this is still open.", at=at)
    for condition, (_text, _due, done) in zip(decision.agreed.all(), agreed, strict=True):
        if done is not None:
            story.line.at(at + done * DAY, condition.owner, finish, condition)


def finish(condition, *, by, at) -> None:
    condition.task.refresh_from_db()
    edits.change_task(condition.task, by=by, percent=100, at=at)
