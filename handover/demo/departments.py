"""What the products of the demo and the departments ask of each other, and what stood in the teams' way."""

import random

from delivery.departments.models import TELL, DepartmentRequest, Roadblock
from handover.demo.timeline import DAY, HOUR
from pmdm.accounts.models import Department
from pmdm.jobs.models import Outbox

# (direction, department, who answers for it, what is asked, what comes of it)
REQUESTS = (
    ("to", "Engineering", "marco", "A read-only copy of production for support", "It is refreshed every night."),
    ("to", "Sales", "omar", "Which customers were promised the new report?", "Two; both contracts are attached to the order."),
    ("to", "Marketing", "lucia", "Text for the announcement of the maintenance", "Published on the customers' page."),
    ("from", "Sales", "omar", "Availability of the last year for a tender", "The figure and its history were sent."),
    ("to", "Engineering", "sana", "An estimate for faster search", "Ten days; it waits for a decision."),
    ("from", "Marketing", "lucia", "A quote of a content customer", "Two answers of the survey may be quoted."),
)  # fmt: skip
DECLINED = "There is nobody for it before the quarter ends; ask again then."
BLOCKS = (
    ("Nobody can restart the interface at night", "Engineering", "The on-call turn covers it now."),
    ("The licence for the monitoring ran out", "Finance", "Renewed for two years."),
    ("Test data may not leave the client's network", "Sales", "The client agreed to masked data."),
)
PACE = 75 * DAY


class AcrossDepartments:
    """Those of one product; called when its life is planned."""

    def __init__(self, story, start) -> None:
        self.story, self.line = story, story.line
        self.dice = random.Random(f"departments of {story.spec.code}")
        when, number = start + 30 * DAY, len(story.spec.name)
        while when < self.line.now - DAY:
            self.line.at(self.line.morning(when), story.agents[0], self.ask, REQUESTS[number % len(REQUESTS)])
            if number % 2:
                block = BLOCKS[number % len(BLOCKS)]
                self.line.at(self.line.morning(when + 11 * DAY), story.agents[-1], self.block, block)
            when, number = when + PACE, number + 1
        self.line.at(self.line.now, None, self.mails_are_read)

    def _department(self, name) -> Department:
        return Department.objects.get(name=name)

    def ask(self, what, *, by, at):
        direction, department, person, title, outcome = what
        asker = by if direction == "to" else self.story.manager
        row = DepartmentRequest.ask(
            self.story.product, by=asker, department=self._department(department), title=title, direction=direction,
            due=(at + 14 * DAY).date(), at=at,
        )  # fmt: skip
        answers = self.story.company[person] if direction == "to" else self.story.agents[0]
        verb = self.decline if self.dice.random() < 0.15 else self.accept
        self.line.at(at + self.dice.uniform(4, 60) * HOUR, answers, verb, row, outcome)

    def decline(self, row, outcome, *, by, at):
        row.decline(by=by, answer=DECLINED, at=at)

    def accept(self, row, outcome, *, by, at):
        row.accept(by=by, owner=by, at=at)
        self.line.at(at + self.dice.uniform(3, 16) * DAY, by, self.finish, row, outcome)

    def finish(self, row, outcome, *, by, at):
        row.finish(by=by, outcome=outcome, at=at)

    def block(self, what, *, by, at):
        title, department, how = what
        row = Roadblock.raise_one(
            self.story.product, by=by, title=title, department=self._department(department), at=at
        )
        self.line.at(at + self.dice.uniform(1, 8) * HOUR, by, self.own, row)
        if self.dice.random() < 0.5:
            self.line.at(at + 2 * DAY, self.story.agents[0], self.escalate, row)
        self.line.at(at + self.dice.uniform(3, 9) * DAY, self.story.manager, self.remove, row, how)

    def own(self, row, *, by, at):
        row.own(self.story.agents[0], by=by, due=(at + 4 * DAY).date(), at=at)

    def escalate(self, row, *, by, at):
        row.refresh_from_db()
        row.escalate(self.story.manager, by=by, reason="Asked twice; it needs somebody above.", at=at)

    def remove(self, row, how, *, by, at):
        row.refresh_from_db()
        row.remove(by=by, how=how, at=at)

    def mails_are_read(self, *, by, at):
        """What was written then was sent then."""
        Outbox.objects.filter(kind=TELL, done_at=None).update(done_at=at, created_at=at, due_at=at)
