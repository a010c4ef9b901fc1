"""The desk behind a product of the demo: who has an issue, and how it goes from one team to the other.

Its dice are its own, thrown by the issue's number: what the desk does changes nothing else in the demo.
"""

import random

from delivery.issues import family
from delivery.issues.queue.telling import SOLVED
from delivery.models import HandOff, Problem, Team
from handover.demo.timeline import DAY, HOUR
from pmdm.jobs.models import Outbox

DECLINED = (
    "The log of that hour is missing; without it we would only guess.",
    "This is how it was asked for: first line can explain it.",
)


class Desk:
    """First line has what comes in; what it can't solve it offers to second line."""

    def __init__(self, story, *, by, at) -> None:
        self.story, self.line = story, story.line
        product = story.product
        self.first = Team.form(product, by=by, name="First line", members=story.agents, at=at)
        self.second = Team.form(product, by=by, name="Second line", members=[by], at=at)
        self.suspected: set[str] = set()

    def dice(self, issue) -> random.Random:
        return random.Random(f"{self.story.product.code}-{issue.number}")

    def sort(self, issue, *, by, at) -> None:
        """Whoever answers it puts it into the queue; some of it goes on to second line."""
        dice = self.dice(issue)
        if issue.team_id is None:
            HandOff.offer(issue, to=self.first, by=by, reason="First answer given", at=at)
        self.suspect(issue, by=by, at=at)
        if dice.random() < 0.2 and issue.type in ("bug", "performance"):
            self.line.at(at + dice.uniform(0.2, 2) * HOUR, by, self.offer, issue, dice)

    def suspect(self, issue, *, by, at) -> None:
        """The third bug of the same title is a problem: its cause is looked for, published, and removed."""
        if issue.type != "bug" or issue.title in self.suspected:
            return
        same = list(self.story.product.issues.filter(title=issue.title, type="bug").order_by("number"))
        if len(same) < 3:
            return
        self.suspected.add(issue.title)
        problem = Problem.raise_problem(
            self.story.product, by=by, title=f"Again and again: {issue.title}", issues=same, at=at,
            description="Three reports of the same; each was repaired by hand.",
        )  # fmt: skip
        waiting = [each for each in same if each.is_open]
        for child in waiting[1:]:
            family.attach(child, waiting[0], by=by)
        self.line.at(at + 1 * DAY, self.story.manager, self.investigate, problem)

    def investigate(self, problem, *, by, at) -> None:
        problem.investigate(by=by, at=at)
        self.line.at(at + 6 * DAY, by, self.publish, problem)

    def publish(self, problem, *, by, at) -> None:
        problem.publish(
            by=by, title=problem.title.removeprefix("Again and again: "), at=at,
            root_cause="Two requests in the same second overtake each other.",
            workaround="Wait a moment and try again; nothing is lost.",
        )  # fmt: skip
        self.line.at(at + 50 * DAY, by, self.remove, problem)

    def remove(self, problem, *, by, at) -> None:
        release = self.story.product.releases.filter(released_on__lte=at.date()).first()
        problem.resolve(
            by=by, resolution="Requests wait for each other now.", fixed_in=release, with_issues=True, at=at
        )
        # The reporters heard of it then, where anybody wrote to them at all: no worker must tell them today.
        Outbox.objects.filter(kind=SOLVED, done_at=None).update(done_at=at, created_at=at, due_at=at)
        self.line.at(at + 14 * DAY, by, self.close, problem)

    def close(self, problem, *, by, at) -> None:
        problem.close(by=by, with_issues=True, at=at)

    def offer(self, issue, dice, *, by, at) -> None:
        self._look_at(issue)
        if not issue.is_open or issue.team_id != self.first.pk or issue.hand_offs.waiting().exists():
            return
        offer = HandOff.offer(issue, to=self.second, by=by, reason="Needs a look at code and logs.", at=at)
        self.line.at(at + dice.uniform(0.3, 5) * HOUR, self.story.manager, self.answer, offer, dice)

    def answer(self, offer, dice, *, by, at) -> None:
        offer.refresh_from_db()
        self._look_at(offer.issue)
        if offer.state != "offered" or not offer.issue.is_open:
            return
        if dice.random() < 0.2:
            offer.decline(by=by, answer=dice.choice(DECLINED), at=at)
        else:
            offer.accept(by=by, at=at)
            offer.issue.refresh_from_db()
            offer.issue.product = self.story.product
            offer.issue.take(by=by, at=at)

    def _look_at(self, issue) -> None:
        issue.refresh_from_db()
        issue.product = self.story.product
