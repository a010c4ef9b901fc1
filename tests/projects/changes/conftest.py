"""A small project with everything that a change can touch: plan, scope and budget, each with its baseline."""

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from projects.budget import reserves, verbs
from projects.schedule import edits
from projects.schedule.baselines import take_baseline
from projects.scope.baseline import freeze
from tests.factories import make_cast, make_project, make_requirement

CLOSE = datetime.timedelta(minutes=1)


class World:
    """``tasks["A"]``, ``reqs["Login"]``, ``lines["Labour"]`` as they are in the database now."""

    def __init__(self, project, people):
        self.project, self.people = project, people

    def task(self, name):
        return self.project.tasks.get(name=name)

    def req(self, title):
        row = self.project.requirements.get(title=title)
        row.project = self.project
        return row

    def line(self, name):
        return self.project.budget_lines.get(name=name)

    def change(self, **fields):
        """A draft that Bob asks for."""
        values = {"title": "More", "reason": "The law changed.", "requester": self.people.bob} | fields
        row = self.project.change_requests.create(created_by=values["requester"], **values)
        row.project = self.project
        return row

    def assessed(self, **fields):
        row = self.change(**fields)
        row.submit(by=row.requester)
        row.assess(by=self.people.alice)
        return row


def make_world():
    """Phase(A 2d → B 3d), Done ◆ from Monday 5 January 2026; three promised requirements; 10,000 in two lines."""
    project = make_project(
        target_start=datetime.date(2026, 1, 5), target_finish=None, approved_budget=Decimal("12000.00")
    )
    people = make_cast(project)
    rows = [
        {"name": "Phase", "level": 1},
        {"name": "A", "level": 2, "duration": 960},
        {"name": "B", "level": 2, "duration": 1440},
        {"name": "Done", "level": 1, "duration": 0, "is_milestone": True},
    ]
    edits.add_tasks(project, by=people.alice, rows=rows, links=[(1, 2), (2, 3)])
    for title, priority in (("Login", "must"), ("Search", "should"), ("Print", "could")):
        row = make_requirement(project, title=title, text=f"{title} works", priority=priority)
        row.project = project
        row.move_on("reviewed")
        row.approve(by=people.sam)
    verbs.plan_line(project, by=people.alice, name="Labour", category="labour", planned=Decimal("8000.00"))
    verbs.plan_line(project, by=people.alice, name="Travel", category="travel", planned=Decimal("2000.00"))
    reserves.set_allowance(project, "contingency", by=people.sam, amount=Decimal("1500.00"))
    reserves.set_allowance(project, "reserve", by=people.sam, amount=Decimal("3000.00"))
    freeze(project, by=people.sam, at=timezone.now())
    take_baseline(project, by=people.alice)
    return World(project, people)


@pytest.fixture
def world(db):
    return make_world()
