"""A small plan and its people, for the stories that show a plan in another way: import the fixtures in a conftest."""

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
    """Phase(A 2d → B 3d → C 1d → D 1d), Done ◆: four cards. Tasks by name."""
    rows = [
        {"name": "Phase", "level": 1},
        *(
            {"name": name, "level": 2, "duration": 480 * days}
            for name, days in (("A", 2), ("B", 3), ("C", 1), ("D", 1))
        ),
        {"name": "Done", "level": 1, "duration": 0, "is_milestone": True},
    ]
    edits.add_tasks(project, by=people.alice, rows=rows, links=[(1, 2), (2, 3), (3, 4), (4, 5)])
    return Tasks(project)


class Tasks:
    """``plan["A"]`` is the task as it is in the database now."""

    def __init__(self, project):
        self.project = project

    def __getitem__(self, name):
        task = self.project.tasks.get(name=name)
        task.project = self.project
        return task

    @property
    def outline(self):
        return [(task.number, task.wbs, task.name) for task in self.project.tasks.order_by("number")]


def planned(project, by, rows, links=()):
    """A plan of (name, level, duration) rows, milestones where it is 0; links by place."""
    tasks = [
        {"name": name, "level": level, "is_milestone": duration == 0}
        | ({} if duration is None else {"duration": duration})
        for name, level, duration in rows
    ]
    edits.add_tasks(project, by=by, rows=tasks, links=list(links))
    return Tasks(project)
