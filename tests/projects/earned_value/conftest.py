import datetime
from decimal import Decimal as D

import pghistory
import pytest

from projects.models import Task
from projects.schedule import edits
from projects.schedule.baselines import take_baseline
from tests.factories import make_cast, make_project
from tests.projects.planned import Tasks

FRIDAY = datetime.datetime(2026, 1, 2, 9, tzinfo=datetime.UTC)  # when all of this was made


def told_at(moment):
    """The audit trail says that what follows happened then, until another moment is told."""
    return pghistory.context(at=moment.isoformat())


@pytest.fixture
def project(db):
    """Monday to Friday, 08:00 to 17:00 in Berlin, from Monday 5 January 2026."""
    with told_at(FRIDAY):
        return make_project(target_start=datetime.date(2026, 1, 5), target_finish=None, approved_budget=D(12000))


@pytest.fixture
def people(project):
    return make_cast(project)


@pytest.fixture
def plan(project, people):
    """Build(A 5d 4000 → B 5d 6000), C 2d 500 beside them. Tasks by name."""
    rows = [
        {"name": "Build", "level": 1},
        {"name": "A", "level": 2, "duration": 2400},
        {"name": "B", "level": 2, "duration": 2400},
        {"name": "C", "level": 1, "duration": 960},
    ]
    with told_at(FRIDAY):
        edits.add_tasks(project, by=people.alice, rows=rows, links=[(1, 2)])
        for name, cost in (("A", 4000), ("B", 6000), ("C", 500)):
            Task.objects.filter(project=project, name=name).update(cost=cost)
    return Tasks(project)


@pytest.fixture
def frozen(project, people, plan):
    """The plan with its active baseline."""
    with told_at(FRIDAY):
        take_baseline(project, by=people.alice, name="First")
    return plan
