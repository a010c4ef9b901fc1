"""Many rows by one statement: as save would write them, and nothing else."""

import datetime

import pytest
from django.db import IntegrityError

from pmdm.registers.bulk import update_many
from projects.models import Issue
from tests import factories

pytestmark = pytest.mark.django_db


def test_each_row_gets_its_own_values_and_others_stay():
    project = factories.make_project()
    bob = factories.make_user("Bob")
    rows = [factories.make_issue(project, title=f"Issue {n}") for n in range(3)]
    for number, row in enumerate(rows[:2]):
        row.owner, row.title, row.due = bob, f"Title {number}; 'quoted'", datetime.date(2026, 1, 5 + number)
    rows[1].owner = None
    assert update_many(rows[:2], ["owner", "title", "due"]) == 2
    assert list(Issue.objects.order_by("number").values_list("owner", "title", "due")) == [
        (bob.pk, "Title 0; 'quoted'", datetime.date(2026, 1, 5)),
        (None, "Title 1; 'quoted'", datetime.date(2026, 1, 6)),
        (None, "Issue 2", None),
    ]


def test_no_rows_ask_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert update_many([], ["title"]) == 0


def test_a_column_of_arrays_is_refused():
    lesson = factories.make_lesson(factories.make_project())
    with pytest.raises(ValueError, match="tags"):
        update_many([lesson], ["tags"])


def test_what_the_database_holds_is_held():
    project = factories.make_project()
    first, second = (factories.make_requirement(project) for _ in range(2))
    second.number = first.number
    with pytest.raises(IntegrityError):
        update_many([second], ["number"])
