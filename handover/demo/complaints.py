"""What becomes of the complaints in the demo: heard, judged against what was accepted, put right, confirmed or refused."""

import datetime
import random
from decimal import Decimal

from delivery.complaints.models import Complaint
from delivery.complaints.sweep import KIND, sweep
from handover.demo.timeline import DAY, HOUR
from handover.followon.needs import ask_for
from pmdm.jobs.models import Outbox

REASONS = {
    "breach": "The acceptance protocol says otherwise: it was promised and shown.",
    "misunderstanding": "It works as accepted; the mail that announced it was unclear.",
    "new_need": "Nobody asked for it then; it is worth a request of its own.",
}
REMEDIES = {
    "breach": "Corrected, and tried again against the acceptance criteria.",
    "misunderstanding": "Explained on the phone; the announcement is rewritten.",
    "new_need": "Noted as a wish for the next release; nothing was owed.",
}
MINUTE = datetime.timedelta(minutes=1)


class Complaints:
    """Takes the place of the usual way of an issue, where it is a complaint."""

    def __init__(self, story) -> None:
        self.story, self.line, self.asked = story, story.line, 0
        self.dice = random.Random(f"complaints of {story.spec.code}")

    def follow(self, issue, at) -> None:
        """Plan its acknowledgement; now and then nobody looks for a day."""
        agent = self.dice.choice(self.story.agents)
        prompt = self.dice.random() < self.story.spec.health
        minutes = self.dice.uniform(20, 240) if prompt else self.dice.uniform(1700, 2600)
        self.line.at(at + minutes * MINUTE, agent, self.acknowledge, issue)

    def _of(self, issue) -> Complaint:
        row = Complaint.objects.select_related("issue").get(issue=issue)
        row.issue.product = self.story.product
        return row

    def acknowledge(self, issue, *, by, at):
        sweep(at, issue=issue.pk)
        self._read(at)
        row = self._of(issue)
        if not row.issue.is_open or row.acknowledged_at:
            return
        row.acknowledge(by=by, text="We have your complaint and are sorry. You hear from us by tomorrow.", at=at)
        row.issue.take(by=by, at=at)
        self.line.at(at + self.dice.uniform(2, 20) * HOUR, by, self.judge, issue)

    def judge(self, issue, *, by, at):
        row = self._of(issue)
        if not row.issue.is_open:
            return
        accepted = list(self.story.product.requirements.accepted().order_by("number"))
        verdict = self.dice.choice(["breach", "misunderstanding", "misunderstanding", "new_need"])
        if verdict == "breach" and not accepted:
            verdict = "misunderstanding"
        requirement = self.dice.choice(accepted) if accepted and verdict != "new_need" else None
        row.judge(by=by, verdict=verdict, reasoning=REASONS[verdict], requirement=requirement, at=at)
        if verdict == "new_need" and self.asked < 2:
            self._ask(row, by, at)
        self.line.at(at + self.dice.uniform(6, 40) * HOUR, by, self.remedy, issue)

    def _ask(self, row, by, at) -> None:
        """The first new need of a product is asked for as a project, the second stays a draft."""
        request = ask_for(row, by=by, at=at)
        self.asked += 1
        if self.asked == 1:
            values = {
                "goal": "Customers get what they miss without asking for it.",
                "objective": "Fewer complaints about what is missing",
                "measure": "Complaints a quarter about it",
                "baseline_value": 4,
                "target_value": 0,
                "target_start": (at + 60 * DAY).date(),
                "target_finish": (at + 150 * DAY).date(),
                "budget": Decimal(24000),
                "sponsor": self.story.product.delivery_manager,
            }
            for name, value in values.items():
                setattr(request, name, value)
            request.save_changes(list(values))
            request.submit(by=by, at=at + HOUR)

    def remedy(self, issue, *, by, at):
        row = self._of(issue)
        if not row.issue.is_open:
            return
        row.remedy(by=by, text=REMEDIES[row.verdict], cause="Nobody asked the customer before.", at=at)
        customer = next((one for one in self.story.customers if one.organisation_id == row.issue.organisation_id), None)
        if customer is None or self.dice.random() < 0.1:
            return  # the customer says nothing
        refuses = row.refused == 0 and self.dice.random() < 0.18
        self.line.at(at + self.dice.uniform(0.5, 4) * DAY, customer, self.refuse if refuses else self.confirm, issue)

    def confirm(self, issue, *, by, at):
        row = self._of(issue)
        if row.standing in ("remedied", "closed"):
            row.confirm(by=by, at=at)

    def refuse(self, issue, *, by, at):
        row = self._of(issue)
        if row.standing in ("remedied", "closed"):
            row.refuse(by=by, text="It is still as it was on my screen.", at=at)
            self.line.at(at + self.dice.uniform(4, 30) * HOUR, row.issue.assignee, self.remedy, issue)

    def _read(self, at) -> None:
        """What was written then was sent then."""
        Outbox.objects.filter(kind=KIND, done_at=None).update(done_at=at, created_at=at, due_at=at)
