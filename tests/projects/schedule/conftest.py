import pytest

from tests.projects.planned import people, planned, project

__all__ = ["people", "plan", "project"]


@pytest.fixture
def plan(project, people):
    """Phase(A 2d → B 3d), Done ◆ after B; C 1d stands alone in Other. Tasks by name."""
    rows = [("Phase", 1, None), ("A", 2, 960), ("B", 2, 1440), ("Done", 1, 0), ("Other", 1, None), ("C", 2, 480)]
    return planned(project, people.alice, rows, [(1, 2), (2, 3)])
