import pytest

from tests.projects.planned import people, planned, project

__all__ = ["people", "plan", "project"]


@pytest.fixture
def plan(project, people):
    """Phase(A 5d → B 5d), Gate ◆ after B, C 2d beside them. Tasks by name."""
    rows = [("Phase", 1, None), ("A", 2, 2400), ("B", 2, 2400), ("Gate", 1, 0), ("C", 1, 960)]
    return planned(project, people.alice, rows, [(1, 2), (2, 3)])
