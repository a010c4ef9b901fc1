"""The desk behind a product of the demo: who has an issue, and how it goes from one team to the other.

Its dice are its own, thrown by the issue's number: what the desk does changes nothing else in the demo.
"""

import random

from delivery.models import HandOff, Team
from handover.demo.timeline import HOUR

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

    def dice(self, issue) -> random.Random:
        return random.Random(f"{self.story.product.code}-{issue.number}")

    def sort(self, issue, *, by, at) -> None:
        """Whoever answers it puts it into the queue; some of it goes on to second line."""
        dice = self.dice(issue)
        if issue.team_id is None:
            HandOff.offer(issue, to=self.first, by=by, reason="First answer given", at=at)
        if dice.random() < 0.2 and issue.type in ("bug", "performance"):
            self.line.at(at + dice.uniform(0.2, 2) * HOUR, by, self.offer, issue, dice)

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
