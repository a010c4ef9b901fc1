"""Control of the demo's schedules: approved baselines, a re-baseline, what each week kept, a simulation."""

import datetime

from handover.demo.timeline import DAY, HOUR
from projects.control import estimates, simulation
from projects.control.history import keep_week
from projects.schedule.baselines import activate_baseline, decide_baseline, request_approval, take_baseline
from projects.schedule.exporting import units_of
from projects.schedule.notation import format_duration

# Code: share of the way at which a new baseline is proposed, why, and what the sponsor says (None: nothing yet).
PROPOSALS: dict[str, list[tuple[float, str, str, bool | None, str]]] = {
    "ASI": [
        (0.45, "After the store visits", "The stores need two more weeks of training.", True, "Agreed with the client."),
    ],
    "BRK": [
        (0.3, "With offline mode", "Work without network takes longer than estimated.", False,
         "Show first what can be left out."),
        (0.4, "With offline mode, reduced", "Only quotes work without network; the rest waits.", True, "Yes."),
    ],
    "LOY": [(0.5, "With the new till", "The till's interface comes a month later.", True, "Approved in the steering meeting.")],
    "DOC": [(0.3, "With the second scanner", "The client adds a site; it starts four weeks later.", True, "Agreed.")],
    "WRC": [(0.46, "After the supplier's delay", "The certified devices come late; the pilot moves.", None, "")],
}  # fmt: skip


# Projects whose manager estimates and simulates: days before now.
SIMULATED = {"WRC": (62, 5), "OPY": (40, 4)}
RUNS = 5_000


def keep(when: datetime.datetime) -> None:
    """What the daily job keeps, at the end of a week of the past."""
    keep_week(when)


class ControlStory:
    """Follows one project from the day its plan is approved; ``story`` is the ProjectStory it belongs to."""

    def __init__(self, story, approved: datetime.datetime) -> None:
        self.story, line = story, story.line
        line.at(approved - DAY + HOUR, story.manager, self.ask)
        line.at(approved + 2 * HOUR, story.sponsor, self.decide, True, "As planned together.")
        span = story.last - approved
        for share, name, note, answer, said in PROPOSALS.get(story.spec.code, ()):
            proposed = line.morning(approved + span * share)
            line.at(proposed, story.manager, self.propose, name, note)
            if answer is not None:
                line.at(proposed + 3 * DAY, story.sponsor, self.decide, answer, said)

        for number, back in enumerate(SIMULATED.get(story.spec.code, ())):
            day = line.morning(line.now - back * DAY)
            if day > approved + 7 * DAY:
                line.at(day, story.manager, self.estimate, number)
                line.at(day + HOUR, story.manager, self.simulate, number)

    def estimate(self, number, *, by, at):
        """The long tasks ahead, as the team sees them; later a little wiser."""
        project = self.story.project
        units, rows = units_of(project), []
        for task in estimates.open_tasks(project).filter(percent=0, duration__gte=480 * 8):
            texts = {
                name: format_duration(round(task.duration * share / 240) * 240, units=units)
                for name, share in (("optimistic", 0.85), ("pessimistic", 1.7 - 0.1 * number))
            }
            row = estimates.Typed(task, {**texts, "likely": ""}, "pert")
            estimates.check(row, units)
            rows.append(row)
        estimates.save(project, rows, by=by)

    def simulate(self, number, *, by, at):
        if not simulation.obstacle(self.story.project):
            simulation.run(self.story.project, by=by, runs=RUNS, seed=1 + number, at=at)

    def ask(self, *, by, at):
        baseline = self.story.project.baselines.order_by("-number").first()
        if baseline:
            baseline.name = "Approved plan"
            baseline.save(update_fields=["name"])
            request_approval(baseline, by=by, at=at)

    def decide(self, approve, said, *, by, at):
        baseline = self.story.project.baselines.filter(state="requested").first()
        if baseline is None:
            return
        decide_baseline(baseline, by=by, approve=approve, note=said, at=at)
        if approve and not baseline.is_active:
            activate_baseline(baseline, by=self.story.manager)

    def propose(self, name, note, *, by, at):
        if self.story.project.state != "active":
            return
        baseline = take_baseline(self.story.project, by=by, name=name, note=note, active=False, at=at)
        request_approval(baseline, by=by, at=at)
