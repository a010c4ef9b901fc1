import datetime

import pytest

from projects.models import Benefit
from tests.factories import make_cast, make_project


@pytest.fixture
def cast(db):
    """A project to end on 18 December 2026 with one objective, which Dora answers for."""
    project = make_project(code="PAYS", name="Pays off")
    people = make_cast(project)
    people.project = project
    people.objective = project.objectives.create(
        statement="Faster claims", measure="Median minutes", unit="min", baseline_value=34, target_value=10,
        higher_is_better=False,
    )  # fmt: skip
    days = [datetime.date(2027, 3, 18), datetime.date(2027, 6, 18)]
    people.benefit = Benefit.plan(people.objective, owner=people.dora, by=people.alice, due=days)
    return people
