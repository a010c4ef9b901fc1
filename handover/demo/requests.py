"""Requests for projects in the demo: one in its second review, one half written."""

import datetime
from decimal import Decimal

from handover.demo.people import Company
from handover.demo.timeline import DAY, acting
from projects.models import InitiationRequest

SAMPLE = {
    "reason": "Two thirds of all calls to the service desk are about the state of an order.",
    "goal": "Customers see the state of their order without calling.",
    "results": "A page that shows the state of an order\nMessages when it changes\nA short manual for the service desk",
    "objective": "Fewer calls about the state of an order",
    "measure": "Calls a week about the state of an order",
    "baseline_value": 620,
    "target_value": 150,
    "budget": Decimal(84000),
    "risks": "The carrier's interface sends no times\nThe service desk is short of people in autumn",
}


def ask_for_projects(company: Company, now: datetime.datetime) -> None:
    """In the past, through the verbs; one of the administrators reviews."""
    asker, sponsor = company["sana"], company["tom"]
    with acting(asker, now - 9 * DAY):
        whole = _draft(asker, "Order tracking for customers", now - 9 * DAY, now, sponsor)
        whole.submit(by=asker, at=now - 8 * DAY)
    with acting(whole.reviewer, now - 6 * DAY):
        whole.send_back(
            by=whole.reviewer, reason="Say what is left out, and how the calls are counted.", at=now - 6 * DAY
        )
    with acting(asker, now - 2 * DAY):
        whole.excluded = "Changes of an order after it was placed"
        whole.measure = "Calls a week about the state of an order, counted by the telephone system"
        whole.save_changes(["excluded", "measure"])
        whole.submit(by=asker, at=now - 2 * DAY)
    with acting(company["liam"], now - DAY):
        other = _draft(company["liam"], "Order tracking for the branch offices", now - DAY, now, None)
        other.objective = other.measure = ""
        other.save_changes(["objective", "measure"])


def _draft(asker, name: str, at, now, sponsor) -> InitiationRequest:
    return InitiationRequest.objects.create(
        asked_by=asker,
        name=name,
        created_at=at,
        sponsor=sponsor,
        target_start=(now + 60 * DAY).date(),
        target_finish=(now + 200 * DAY).date(),
        **SAMPLE,
    )
