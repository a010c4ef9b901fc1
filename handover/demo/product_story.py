"""How a product of the demo lives: issues, surveys, incidents, releases and re-checks, from go-live to today."""

import datetime

from django.db.models import prefetch_related_objects

from delivery.issues.escalation.sweep import KIND as ESCALATION
from delivery.issues.escalation.sweep import told_until
from delivery.issues.queue.models import SavedView
from delivery.models import CannedAnswer, Incident, Issue, Product, Survey
from handover.demo import imports
from handover.demo.catalogue import COMMENTS_BAD, COMMENTS_GOOD, FIXES, OUTAGES, TICKETS, ProductSpec
from handover.demo.comes_back import ComesBack
from handover.demo.complaints import Complaints
from handover.demo.controls import Controls
from handover.demo.departments import AcrossDepartments
from handover.demo.desk import Desk
from handover.demo.early_life import EarlyLife
from handover.demo.incidents import MajorIncidents
from handover.demo.people import Company
from handover.demo.releases import bring_out, plan_next
from handover.demo.service_record import ServiceRecord
from handover.demo.timeline import DAY, HOUR, Timeline
from pmdm.accounts.roles import Role
from pmdm.jobs.models import Outbox
from pmdm.prepared import reread

# Hours ago: what makes this morning's desk.
LATELY = (27, 5, 1)
# What support writes again and again, and what it must not forget.
ANSWERS = (
    ("We look into it", "Hello {name},\n\nthank you for {number}. We look into it and answer until {due}.\n\n{agent}"),
    ("What we need to know", "Hello {name},\n\nfor {number} we need the time, the browser and a picture.\n\n{agent}"),
    (
        "Solved with the next release",
        "Hello {name},\n\n“{title}” is solved and comes with the next release.\n\n{agent}",
    ),
)
STEPS = ("Seen on a test system", "Cause written down", "Test added", "Reporter has seen the fix")

VIEWS = (
    ("Nobody has it yet", [("assignee", "none")]),
    ("By person", [("group", "assignee"), ("sums", "on")]),
    ("Due first", [("overdue", "risk"), ("sort", "due")]),
)
# Impact and urgency that give each priority.
JUDGED = {1: (1, 1), 2: (1, 2), 3: (2, 2), 4: (2, 3)}
MINUTE = datetime.timedelta(minutes=1)


class ProductStory:
    """``product`` is given when a handover made it; else it is launched as one that was there before."""

    def __init__(
        self, spec: ProductSpec, company: Company, line: Timeline, product: Product | None = None, *, since=None
    ):
        self.spec, self.company, self.line, self.product = spec, company, line, product
        self.manager = company[spec.delivery]
        self.agents = [company[key] for key in spec.support]
        self.customers = [person for client in spec.clients for person in company.clients_people(client)]
        self.was_there_before = product is None
        self.complaints = Complaints(self)
        self.since = since or line.morning(line.now + spec.live * DAY)
        line.at(self.since, self.manager, self.begin)

    def begin(self, *, by, at):
        if self.product is None:
            spec = self.spec
            self.product = Product.launch(
                by=by,
                delivery_manager=by,
                clients=[self.company.clients[client] for client in spec.clients],
                at=at,
                reason="In service before projects were kept here",
                code=spec.code,
                name=spec.name,
                description=spec.description,
                live_on=at.date(),
                calendar=self.company.service,
            )
            for title in spec.requirements:
                promise = self.product.requirements.create(title=title, text=f"{title}: as promised.", created_at=at)
                promise.check_conformance(by=by, result="met", evidence="Acceptance protocol", at=at)
        for person in self.agents:
            self.product.add_member(person, Role.SUPPORT, by=by, at=at)
        for person in self.customers:
            self.product.add_member(person, Role.CLIENT, by=by, at=at)
        self.product.add_member(self.company["lucia"], Role.STAKEHOLDER, by=by, at=at)
        self.product.add_member(self.company["greta"], Role.STAKEHOLDER, by=by, at=at)
        for name, parameters in VIEWS:
            SavedView.keep(by=by, product=self.product, name=name, parameters=parameters, is_shared=True)
        for name, text in ANSWERS:
            CannedAnswer.keep(by=by, product=self.product, name=name, text=text)
        self.product.checklist_templates.create(name="Before a bug is resolved", type=Issue.Type.BUG, lines=[*STEPS])
        self.read_levels()
        self.desk = Desk(self, by=by, at=at)
        self.record = ServiceRecord(self, at)
        self._plan_life(at)

    def read_levels(self) -> None:
        """Levels and calendar, kept because each event of an issue asks for them; again after hypercare changed them."""
        assert self.product is not None, "It has not begun."
        self.product.refresh_from_db()
        prefetch_related_objects([self.product], "service_levels", "calendar")

    def _plan_life(self, start) -> None:
        dice, now = self.line.dice, self.line.now
        months = (now - start) / (30 * DAY)
        for carried in self.product.issues.open():
            self.line.at(start + 30 * MINUTE, self.agents[0], self.answer, carried)
        for number in range(int(months * self.spec.issues_a_month)):
            # More in the first weeks than later: the square pulls towards the start.
            share = number / max(1, months * self.spec.issues_a_month)
            when = start + (now - start) * (share**1.25) + dice.uniform(0, 3) * DAY
            reporter = dice.choice([*self.customers, *self.agents])
            self.line.at(self.line.morning(when, spread=9), reporter, self.report)
        for hours in LATELY if self.spec.stage == "live" and now - start > 7 * DAY else ():
            self.line.at(now - hours * HOUR, dice.choice([*self.customers, *self.agents]), self.report)
        for number in range(1, int(months * 30 / 45) + 1):
            self.line.at(self.line.morning(start + number * 45 * DAY), self.manager, self.release, number)
        for number in range(int(months * 30 / 90) + 1):
            self.line.at(self.line.morning(start + (25 + number * 90) * DAY), self.manager, self.survey, number + 1)
            self.line.at(self.line.morning(start + (40 + number * 90) * DAY), self.manager, self.recheck)
        for number in range(round(self.spec.outages * months / 12)):
            when = start + (now - start) * ((number + dice.random()) / max(1, round(self.spec.outages * months / 12)))
            self.line.at(when, self.manager, self.outage)
        self.line.at(now, None, self.catch_up)
        if self.spec.stage == "live":
            self.line.at(now - 2 * DAY, self.agents[0], self.plan_next)
        if self.was_there_before:
            self.line.at(start + 70 * DAY, self.manager, self.leave_early_life)
        else:
            EarlyLife(self, start)
        MajorIncidents(self, start)
        AcrossDepartments(self, start)
        Controls(self, start)
        if self.spec.code == imports.BROUGHT:
            self.line.at(start + 2 * DAY, self.manager, lambda by, at: imports.bring(self, by=by, at=at))
            ComesBack(self)
        self.line.at(start + 20 * DAY, self.manager, self.find_risk)
        if self.spec.stage == "sunset":
            self.line.at(now - 100 * DAY, self.manager, self.sunset)

    # --- Stages ---

    def leave_early_life(self, *, by, at):
        self.product.change_stage(
            "live", by=by, reason="Seventy days without a critical bug; service levels are met.", at=at
        )

    def sunset(self, *, by, at):
        self.product.change_stage("sunset", by=by, reason="Its successor is chosen; new customers go there.", at=at)
        self.product.retire_on = (at + 300 * DAY).date()
        self.product.save(update_fields=["retire_on"])

    def find_risk(self, *, by, at):
        self.product.risks.create(
            title="Only one person knows the nightly job",
            description="When they are away, a failed night is repaired late.",
            category="People", probability=3, impact=4, inherent_probability=4, inherent_impact=4, owner=by,
            response="mitigate", response_plan="A second person runs it for a month.", raised_at=at,
            control="Runbook, tried by a second person each quarter", control_owner=self.agents[0],
        )  # fmt: skip

    # --- Issues ---

    def report(self, *, by, at):
        dice = self.line.dice
        kind, title, severity = dice.choice(TICKETS)
        fields = {"type": kind, "severity": severity, "description": f"{title}. Seen by {by.name}."}
        if kind == "bug" and dice.random() < 0.6:
            accepted = list(self.product.requirements.filter(is_accepted=True))
            fields["requirement"] = dice.choice(accepted) if accepted else None
        if not by.organisation_id and self.customers:
            fields["organisation"] = dice.choice(self.customers).organisation
        if not by.organisation_id:  # Support judges what it enters; a client says how bad it is.
            fields["impact"], fields["urgency"] = JUDGED[severity]
        issue = Issue.report(self.product, by=by, title=title, at=at, **fields)
        agent = dice.choice(self.agents)
        if kind == Issue.Type.COMPLAINT:
            self.complaints.follow(issue, at)
            return
        prompt = dice.random() < self.spec.health + 0.08
        minutes = dice.uniform(8, 50) if prompt else dice.uniform(300, 1500)
        self.line.at(at + minutes * MINUTE, agent, self.answer, issue)

    def _look_at(self, issue, at) -> None:
        told_until(issue.pk, at)
        reread(issue)
        issue.product = self.product  # with its service levels and calendar already read

    def answer(self, issue, *, by, at):
        self._look_at(issue, at)
        if not issue.is_open:
            return
        issue.respond(by=by, text="Thank you, we are looking into it.", at=at)
        issue.take(by=by, at=at)
        self.desk.sort(issue, by=by, at=at)
        dice = self.line.dice
        if dice.random() < 0.25:
            self.line.at(at + dice.uniform(1, 5) * HOUR, by, self.ask, issue)
        else:
            self.line.at(self._solved(issue, at), by, self.solve, issue)

    def _solved(self, issue, at):
        """Within the target as often as the product is healthy, else well after it."""
        dice = self.line.dice
        target = (issue.resolution_due or at + 5 * DAY) - issue.created_at
        in_time = dice.random() < self.spec.health**0.4
        share = dice.uniform(0.1, 0.9) if in_time else dice.uniform(1.1, 2.4)
        return max(at + HOUR, issue.created_at + target * share)

    def ask(self, issue, *, by, at):
        self._look_at(issue, at)
        if issue.state != "in_progress":
            return
        issue.wait_for_customer(by=by, text="Which browser do you use, and at what time was it?", at=at)
        self.line.at(at + self.line.dice.uniform(0.5, 4) * DAY, by, self.go_on, issue)

    def go_on(self, issue, *, by, at):
        self._look_at(issue, at)
        if issue.state == "waiting":
            issue.resume(by=by, text="The customer answered with a screenshot.", at=at)
            self.line.at(self._solved(issue, at), by, self.solve, issue)

    def solve(self, issue, *, by, at):
        self._look_at(issue, at)
        if not issue.is_open:
            return
        # The release that brings it says so at its launch: the one that is out cannot have fixed it.
        issue.resolve(by=by, resolution=FIXES[issue.type], at=at)
        dice = self.line.dice
        if dice.random() < 0.06:
            self.line.at(at + dice.uniform(0.2, 2) * DAY, issue.reported_by, self.reopen, issue)
        else:
            self.line.at(at + dice.uniform(2, 7) * DAY, by, self.close, issue)
        if issue.requirement_id and issue.requirement.is_broken and dice.random() < 0.8:
            self.line.at(at + 2 * DAY, self.manager, self.check_again, issue.requirement_id)

    def reopen(self, issue, *, by, at):
        self._look_at(issue, at)
        if issue.state == "resolved":
            issue.reopen(by=by, reason="It happened again this morning.", at=at)
            self.line.at(at + self.line.dice.uniform(2, 30) * HOUR, issue.assignee or by, self.solve, issue)

    def close(self, issue, *, by, at):
        self._look_at(issue, at)
        if issue.state == "resolved":
            issue.close(by=by, at=at)

    def catch_up(self, *, by, at):
        """Who had to be told of what is still open was told; these mails went out in the past."""
        for issue in self.product.issues.open():
            told_until(issue.pk, at)
        Outbox.objects.filter(kind=ESCALATION, done_at=None).update(done_at=at, created_at=at, due_at=at)

    # --- Promises, releases, customers, production ---

    def check_again(self, requirement_id, *, by, at):
        requirement = self.product.requirements.get(pk=requirement_id)
        open_bugs = requirement.issues.filter(state__in=Issue.OPEN_STATES, type="bug", severity__lte=2).exists()
        if not open_bugs:
            requirement.check_conformance(by=by, result="met", evidence="Tried again after the correction", at=at)

    def recheck(self, *, by, at):
        """Every quarter each promise is looked at."""
        for requirement in self.product.requirements.filter(is_accepted=True):
            serious = requirement.issues.filter(state__in=Issue.OPEN_STATES, type="bug", severity__lte=2).exists()
            degraded = serious or self.line.dice.random() > 0.9 + self.spec.health / 12
            requirement.check_conformance(
                by=by,
                result="degraded" if degraded else "met",
                evidence="Quarterly check" if not degraded else "Quarterly check: slower than promised",
                at=at,
            )

    def release(self, number, *, by, at):
        major, minor = divmod(number, 6)
        release = bring_out(self, f"{major + 1}.{minor}.0", by=by, at=at)
        self.record.follow(release, by=by, at=at)

    def plan_next(self, *, by, at):
        plan_next(self, by=by, at=at)

    def survey(self, number, *, by, at):
        dice = self.line.dice
        survey = Survey.open_wave(
            self.product, by=by, name=f"Wave {number}, {at:%B %Y}", at=at, closes_at=at + 21 * DAY
        )
        people = [(person.email, person.organisation) for person in self.customers]
        people += [
            (f"user{n:02}@{dice.choice(self.customers).email.split('@')[1]}", dice.choice(self.customers).organisation)
            for n in range(1, 31)
        ]
        invitations = survey.invite(people, by=by, at=at)
        # These mails went out in the past: no worker must send them today.
        keys = [f"survey.invite:{invitation.pk}" for invitation in invitations]
        Outbox.objects.filter(key__in=keys).update(done_at=at, created_at=at, due_at=at)
        survey.invitations.update(sent_at=at)
        for invitation in invitations:
            if dice.random() < 0.62:
                self.line.at(at + dice.uniform(0.1, 18) * DAY, None, self.take, invitation)

    def take(self, invitation, *, by, at):
        dice = self.line.dice
        happy = dice.random() < self.spec.health - 0.02
        satisfaction = dice.choice([4, 4, 5, 5, 5]) if happy else dice.choice([1, 2, 3, 3])
        recommendation = dice.choice([7, 8, 8, 9, 9, 10, 10]) if happy else dice.choice([2, 4, 5, 6, 6, 7])
        if dice.random() < 0.05:
            recommendation = None
        comment = dice.choice(COMMENTS_GOOD if happy else COMMENTS_BAD)
        invitation.take_answer(satisfaction=satisfaction, recommendation=recommendation, comment=comment, at=at)

    def outage(self, *, by, at):
        dice = self.line.dice
        incident = Incident.begin(self.product, by=by, title=dice.choice(OUTAGES), started_at=at)
        minutes = dice.uniform(12, 95) if dice.random() < self.spec.health else dice.uniform(150, 420)
        self.line.at(at + minutes * MINUTE, by, self.restore, incident)

    def restore(self, incident, *, by, at):
        incident.end(by=by, at=at, cause="Found in the log, repaired, and an alert was added.")
