import datetime

import pytest

from projects.schedule import edits
from tests.factories import make_cast, make_project


@pytest.fixture
def project(db):
    """Monday to Friday, 08:00 to 17:00 in Berlin, from Monday 5 January 2026."""
    return make_project(target_start=datetime.date(2026, 1, 5), target_finish=None)


@pytest.fixture
def people(project):
    return make_cast(project)


@pytest.fixture
def plan(project, people):
    """Phase(A 5d → B 5d), Gate ◆ after B, C 2d beside them. Tasks by name."""
    rows = [
        {"name": "Phase", "level": 1},
        {"name": "A", "level": 2, "duration": 2400},
        {"name": "B", "level": 2, "duration": 2400},
        {"name": "Gate", "level": 1, "duration": 0, "is_milestone": True},
        {"name": "C", "level": 1, "duration": 960},
    ]
    edits.add_tasks(project, by=people.alice, rows=rows, links=[(1, 2), (2, 3)])
    return Tasks(project)


class Tasks:
    """``plan["A"]`` is the task as it is in the database now."""

    def __init__(self, project):
        self.project = project

    def __getitem__(self, name):
        task = self.project.tasks.get(name=name)
        task.project = self.project
        return task
