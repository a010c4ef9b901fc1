"""Scope of the demo after its approval: texts that change, promises that are taken back, evidence as files."""

import datetime
from io import BytesIO

from handover.demo.timeline import DAY, HOUR
from projects.models import Deliverable, Delivery, TestCase, TestSession
from projects.scope.tracing.models import link

# Title, the task that makes it, whether it is traced to what was promised.
DELIVERABLES = (
    ("Solution design", "Solution design", False),
    ("System in operation", "Pilot", True),
    ("Operating manual", "Operating manual", False),
    ("Trained users and support", "Training of users and support", False),
)
BUILDS = ("Core services", "User interface", "Integrations", "Reporting", "Data model and migration")


class Upload(BytesIO):
    """As much of an uploaded file as keeping one needs."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text.encode())
        self.name = name


def protocol(name: str, line, checker, at: datetime.datetime) -> Upload:
    """What the tester wrote down."""
    text = f"Test protocol {name}\n\n{line.text}\nResult: pass\nTested by {checker.name} on {at:%d %B %Y}.\n"
    return Upload(f"Test protocol {name}.txt", text)


class ScopeStory:
    """Follows one project from the day its plan is approved."""

    def __init__(self, story, approved: datetime.datetime) -> None:
        self.story = story
        line, span = story.line, story.last - approved
        line.at(approved + span * 0.25, story.manager, self.propose)
        line.at(approved + span * 0.25 + 3 * DAY, story.sponsor, self.approve)
        line.at(approved + span * 0.6, story.manager, self.propose_again)
        # A day after the plan is approved, so that the tasks and the promise are there to be linked.
        line.at(approved + DAY, story.manager, self.plan_deliverables)
        for title, task, _requirements in DELIVERABLES[:1]:
            # Its task may be done before the plan is approved, and so before it is promised.
            ready = max(self._done(task), approved + DAY)
            line.at(ready + DAY, story.manager, self.submit_one, title)
            line.at(ready + 4 * DAY, story.accepter, self.accept_one, title)
        line.at(self._done("Test preparation"), story.team[0], self.write_cases)
        line.at(self._done("System test") - DAY, story.team[0], self.first_round)
        line.at(self._done("Corrections"), story.team[0], self.second_round)
        line.at(self._done("Acceptance") + HOUR, story.manager, self.deliver)
        line.at(self._done("Acceptance") + DAY, story.accepter, self.decide, False)
        line.at(self._done("Acceptance") + 5 * DAY, story.manager, self.deliver)
        line.at(self._done("Acceptance") + 6 * DAY, story.accepter, self.decide, True)

    @property
    def project(self):
        return self.story.project

    def _done(self, task: str) -> datetime.datetime:
        return self.story.truth[task][1]

    def plan_deliverables(self, *, by, at):
        if self.project.state != "active":
            return
        promised = list(self.project.requirements.approved().order_by("number"))
        for place, (title, task, traced) in enumerate(DELIVERABLES):
            Deliverable.plan(
                self.project,
                by=by,
                at=at,
                requirements=promised if traced else (),
                title=title,
                owner=self.story.team[place % len(self.story.team)],
                task=self.project.tasks.filter(name=task).first(),
                due=self.project.tasks.get(name=task).finish.date(),
            )
        # The last requirement has no task of its own yet: a gap that the matrix shows.
        for place, requirement in enumerate(promised[:-1]):
            task = self.project.tasks.filter(name=BUILDS[place % len(BUILDS)]).first()
            link("task", [requirement], task, by=by, at=at)
        if risk := self.project.risks.filter(state="open", category="Technical").first():
            link("risk", promised[:1], risk, by=by, at=at)

    def submit_one(self, title, *, by, at):
        row = self._deliverable(title)
        if row and row.state == "planned":
            file = Upload(f"{title}.txt", f"{title}\n{self.project.name}\n\nIssued {at:%d %B %Y} by {by.name}.\n")
            row.submit(by=by, file=file, at=at)

    def accept_one(self, title, *, by, at):
        row = self._deliverable(title)
        if row and row.state == "submitted":
            row.decide(accept=True, by=by, at=at)

    def _deliverable(self, title):
        row = self.project.deliverables.filter(title=title).first() if self.project.state == "active" else None
        if row:
            row.project = self.project
        return row

    def deliver(self, *, by, at):
        """Everything that is not accepted yet, in one delivery."""
        rows = list(self.project.deliverables.filter(state__in=("planned", "rejected")))
        if self.project.state != "active" or not rows:
            return
        number = self.project.deliveries.count() + 1
        delivery = Delivery.bundle(
            self.project, rows, title=f"System, delivery {number}", by=by, note="For acceptance as agreed.", at=at
        )
        delivery.project = self.project
        delivery.submit(by=by, at=at)

    def decide(self, accept, *, by, at):
        """The first is rejected where the project ran late; the second is accepted."""
        delivery = self.project.deliveries.filter(state="submitted").first()
        if self.project.state != "active" or delivery is None:
            return
        accept = accept or self.story.spec.pace <= 1.05
        reason = "" if accept else "The manual lacks the chapter on restoring a back-up."
        delivery.decide(accept=accept, by=by, reason=reason, at=at)

    # --- Tests ---

    def write_cases(self, *, by, at):
        if self.project.state != "active":
            return
        # One is forgotten: "without test" finds it.
        for requirement in list(self.project.requirements.approved().order_by("number"))[:-1]:
            if not requirement.trace_links.filter(case__isnull=False).exists():
                write_case(self.project, requirement, by=by, at=at)

    def first_round(self, *, by, at):
        """System test: one case fails and opens an issue."""
        self._round("System test", fails=1, by=by, at=at)

    def second_round(self, *, by, at):
        for issue in self.project.issues.filter(test_runs__result="fail", state__in=("open", "in_progress")).distinct():
            if self.project.state == "active":
                issue.close(by=by, resolution="Corrected and tried again in the next session.", at=at - HOUR)
        self._round("Retest after corrections", fails=0, by=by, at=at)

    def _round(self, title, *, fails, by, at):
        cases = list(self.project.test_cases.order_by("number"))
        if self.project.state != "active" or not cases:
            return
        session = TestSession.plan(
            self.project, cases, title=title, planned_on=at.date(), environment="Test system", at=at - 2 * DAY
        )
        for place, run in enumerate(session.runs.select_related("case")):
            run.project, run.session = self.project, session
            if place == 1 and fails:
                run.record(
                    "fail", by=by, note="The user without rights sees the page.", at=at,
                    new_issue=f"Rights are not checked: {run.case.title.removeprefix('Try: ')}"[:250],
                )  # fmt: skip
                self._doubt(run, by=by, at=at)
            else:
                run.record("pass", by=by, at=at)
        session.close(by=by, at=at)

    def _doubt(self, run, *, by, at):
        """What was verified before it failed is not verified any more."""
        for row in self.project.requirements.filter(trace_links__case=run.case, state="verified"):
            row.project = self.project
            if line := row.criteria.first():
                line.requirement = row
                line.record("fail", by=by, evidence=f"{run.session.ref}: {run.note}", at=at)

    def _promised(self):
        rows = self.project.requirements.filter(state__in=("approved", "built")).order_by("number")
        row = rows.exclude(versions__state="draft").first()
        if row:
            row.project = self.project
        return row

    def propose(self, *, by, at):
        row = self._promised()
        if self.project.state == "active" and row:
            text = row.text.replace("in the workshops with the client", "in the workshops, and on telephones too")
            row.propose({"text": text}, by=by, reason="Half of the users work on a telephone.", at=at)

    def approve(self, *, by, at):
        if self.project.state != "active":
            return
        for draft in self.project.requirement_versions.filter(state="draft", change_items=None).select_related(
            "requirement"
        ):
            draft.requirement.project = self.project
            draft.approve(by=by, at=at)

    def propose_again(self, *, by, at):
        """A second wish, which waits for the sponsor."""
        row = self._promised()
        if self.project.state == "active" and row and self.story.spec.ends == "execution":
            row.propose({"priority": "could"}, by=by, reason="Nobody used it in the pilot.", at=at)


def write_case(project, requirement, *, by, at) -> TestCase:
    """How this requirement is tried."""
    return TestCase.write_down(
        project,
        by=by,
        at=at,
        requirements=[requirement],
        title=f"Try: {requirement.title}"[:250],
        preconditions="Test system with last night's data.",
        steps="Do what the requirement says, once as a user and once as a user without rights.",
        expected="It works for the first and is refused to the second.",
        owner=by,
    )


def prove(project, requirements, *, by, at) -> None:
    """Try what is about to be verified and was not passed yet, in one session."""
    cases = []
    for requirement in requirements:
        links = requirement.trace_links.filter(case__isnull=False).select_related("case")
        found = [row.case for row in links] or [write_case(project, requirement, by=by, at=at)]
        for case in found:
            last = case.runs.exclude(result="not_run").order_by("-at", "-pk").first()
            if last is None or last.result != "pass":
                cases.append(case)
    if not cases:
        return
    title = f"Trial of what was built by {at.day} {at:%B}"
    session = TestSession.plan(project, cases, title=title, planned_on=at.date(), environment="Test system", at=at)
    for run in session.runs.select_related("case"):
        run.project, run.session = project, session
        run.record("pass", by=by, at=at)
    session.close(by=by, at=at)
