"""Controls of operational risks in the demo: tried each quarter, once not working; the outages in which a risk showed."""

import datetime
import random

from delivery.risks.controls import ControlTest, RiskIncident
from delivery.risks.reminders import KIND
from handover.demo.catalogue import IN_OPERATION
from handover.demo.timeline import DAY
from pmdm.jobs.models import Outbox

QUARTER = 91 * DAY
TRIED = {
    "works": "Done by the runbook by somebody who had never done it.",
    "partly": "It worked, but took two hours: a step was missing in the runbook.",
    "fails": "The runbook named a server that is gone. Corrected the same day.",
}


class Controls:
    """Those of one product; called when its life is planned."""

    def __init__(self, story, start) -> None:
        self.story, self.line = story, story.line
        self.dice = random.Random(f"controls of {story.spec.code}")
        self.line.at(_weekday(start + 7 * DAY), story.manager, self.reword)
        when = start + 50 * DAY
        while when < self.line.now:
            self.line.at(self.line.morning(when), story.agents[0], self.test)
            when += QUARTER

    def reword(self, *, by, at):
        """What came from the project is said as operations sees it; where it came from stays linked."""
        for risk in self.story.product.risks.open().filter(title__in=IN_OPERATION):
            risk.title, risk.description, risk.control = IN_OPERATION[risk.title]
            risk.response_plan = "Kept small by its control."
            risk.save_changes(["title", "description", "control", "response_plan"])

    def test(self, *, by, at):
        risks = self.story.product.risks.open().select_related("control_owner").order_by("number")
        for risk in risks.exclude(control="").exclude(control_owner=None):
            result = self.dice.choice(["works", "works", "works", "partly", "fails"])
            ControlTest.record(
                risk,
                by=risk.control_owner,
                result=result,
                evidence=TRIED[result],
                next_due=(at + QUARTER).date(),
                at=at,
            )
            outage = self.story.product.incidents.filter(started_at__lt=at).exclude(ended_at=None).first()
            if result == "fails" and outage:
                RiskIncident.link(risk, outage, by=self.story.manager, at=at)
        for risk in risks.filter(review_on__lte=at.date()):  # Whoever tries the controls looks at the risks as well.
            risk.review_on = (at + QUARTER).date()
            risk.save_changes(["review_on"])
        Outbox.objects.filter(kind=KIND, done_at=None).update(done_at=at, created_at=at, due_at=at)


def _weekday(day: datetime.datetime) -> datetime.datetime:
    return day + (7 - day.weekday()) * DAY if day.weekday() > 4 else day
