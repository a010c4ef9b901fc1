import pytest

from projects.models import Lesson
from tests.factories import make_cast, make_organisation, make_project
from tests.projects.lessons.texts import TEXT


@pytest.fixture
def cast(db):
    """A project with its people, its client named Northwind, and one draft."""
    client = make_organisation("Northwind Insurance")
    project = make_project(code="OLD", name="Northwind claims portal", client=client)
    people = make_cast(project, organisation=client)
    people.project = project
    people.lesson = Lesson.write_down(project, by=people.bob, **TEXT)
    return people


@pytest.fixture
def later(cast):
    """Another project, of other people, whose charter speaks of a supplier and a certification."""
    goal = "Orders are paid through the new payment provider, whose certification we need; the supplier is known."
    project = make_project(code="NEW", name="Checkout", goal=goal)
    people = make_cast(project)
    people.project = project
    return people
