"""How projects of the demo end: the end report with a decision on everything open, and the sponsor's word."""

import datetime

from projects.closing import cancelling
from projects.closing.authorising import open_report
from projects.closing.cancelling import Salvage
from projects.closing.matters import ACCEPT, CARRY, CLOSE

# What becomes of open things of each kind, and why. A kind that is not named is accepted or closed.
DECISIONS = {
    "tasks": (CLOSE, "No longer needed: the product is live without it."),
    "requirements": (CARRY, "Known and agreed with the delivery manager."),
    "deliverables": (ACCEPT, "In use since go-live; the sponsor takes it as it is."),
    "issues": (CARRY, "Known and agreed with the delivery manager."),
    "risks": (CARRY, "It does not end with the project; the delivery manager watches it."),
    "orders": (CLOSE, "Delivered and invoiced; nothing more is to come."),
}
OTHERS = "Looked at with the sponsor; nothing depends on it."


def submit_report(story, *, by, at: datetime.datetime) -> None:
    """The manager writes the report, decides what becomes of open things, and submits it."""
    project = story.project
    project.refresh_from_db()
    project.__dict__.pop("key_people", None)
    report = open_report(project, by=by, at=at)
    met = sum(1 for objective in project.objectives.all() if objective.is_met)
    total = project.objectives.count()
    report.reached = (
        f"{project.name} is live and in daily use. {met} of {total} objectives are met. "
        f"Open items go to {story.delivery.name} with the handover."
    )
    if met < total:
        report.missed = "Not every objective was reached by go-live; each is measured again after half a year."
    report.advice = (
        "Name the people of operations at the start of execution, not at its end: their questions changed the design. "
        "Keep one environment that looks like production from the first week on."
    )
    report.released_on = at.date()
    report.release = "The project room and the test machines were given back; the partner's accounts are closed."
    report.save_changes(["reached", "missed", "advice", "released_on", "release"])
    for matter in report.matters():
        if matter.kind.decisions:
            decision, reason = DECISIONS.get(matter.kind.code, ("", OTHERS))
            chosen = decision if decision in matter.kind.decisions else matter.kind.decisions[0]
            report.decide(matter.kind.code, [item.key for item in matter.items], chosen, by=by, reason=reason, at=at)
    report.submit(by=by, at=at)
    story.report = report


def authorise(story, *, by, at: datetime.datetime) -> None:
    story.report.authorise(by=by, reason="Read, discussed in the steering meeting, and agreed.", at=at)


# --- Cancelled ---------------------------------------------------------------------------------------------

WHY = "The pilot answered one question in five; the money goes into the service desk."


def cancel(story, *, by, at: datetime.datetime) -> None:
    """It ends without its result; what can be used again is named, with who takes it."""
    story.project.refresh_from_db()
    first, second = story.team[0], story.team[-1]
    cancelling.cancel(
        story.project,
        by=by,
        reason=WHY,
        salvage=[
            Salvage(
                "Questions and answers collected in the workshops", "knowledge", "Service desk, knowledge base", first
            ),
            Salvage("Test machines of the pilot", "equipment", "Test environment of the data centre", second),
            Salvage("Licences until the end of the year", "contract", "Service desk", story.manager),
        ],
        at=at,
    )


def accept_parts(story, *, by, at: datetime.datetime) -> None:
    """The sponsor takes what is usable as it is."""
    left = cancelling.acceptable(story.project)
    notes = {("deliverable", row.pk): "Draft, usable without its annexes." for row in left["deliverable"][:1]}
    notes |= {
        ("requirement", row.pk): "Works for one department; no more is expected." for row in left["requirement"][:1]
    }
    if notes:
        cancelling.accept_parts(story.project, notes, by=by, at=at)


def give_away(story, *, by, at: datetime.datetime) -> None:
    for item in story.project.salvage.all()[:2]:
        cancelling.confirm_taken(item, by=by, at=at)
