"""Reopening a parent asks which of its solved children are open again with it."""

import pytest

from delivery.issues import family
from delivery.models import Issue

pytestmark = pytest.mark.django_db
URL = "/products/CLAIMS/issues/"


@pytest.fixture
def tree(product, people):
    """A parent that was solved with two children; a third was solved on its own, a fourth is open."""
    parent, *children = (Issue.report(product, by=people.cleo, title=name) for name in ("All", "A", "B", "C", "D"))
    for child in children:
        family.attach(child, parent, by=people.sue)
    children[2].resolve(by=people.sue, resolution="By hand")
    family.resolve(parent, by=people.sue, resolution="Restarted", with_children=True)
    Issue.objects.filter(pk=children[3].pk).update(state="in_progress", resolved_at=None)
    return parent, children


def test_the_page_asks_and_offers_those_solved_with_it(tree, people, as_user):
    parent, (one, two, alone, _still) = tree
    form = as_user(people.sue).get(f"{URL}{parent.number}/reopening/").context["form"]
    assert list(form.fields["children"].queryset) == [one, two, alone]
    assert form.initial["children"] == [one.pk, two.pk]


def test_those_chosen_are_open_again_and_the_others_stay(tree, people, as_user):
    parent, (one, two, alone, still) = tree
    due = one.resolution_due
    answer = as_user(people.sue).post(
        f"{URL}{parent.number}/reopening/", {"text": "Down again", "children": [one.pk, two.pk]}
    )
    assert answer.status_code == 302
    states = {issue.pk: (issue.state, issue.reopened) for issue in Issue.objects.all()}
    assert states[parent.pk] == states[one.pk] == states[two.pk] == ("in_progress", 1)
    assert states[alone.pk] == ("resolved", 0)
    assert states[still.pk] == ("in_progress", 0)
    one.refresh_from_db()
    assert (one.resolution_due, one.resolved_at) == (due, None)
    # What was said about the parent is nothing for the customers of its children.
    assert [(note.text, note.is_internal) for note in one.notes.all()] == [("Down again", True)]


def test_none_chosen_leaves_all_as_they_were(tree, people, as_user):
    parent, _children = tree
    as_user(people.sue).post(f"{URL}{parent.number}/reopening/", {"text": "Down again"})
    assert Issue.objects.filter(parent=parent, state="resolved").count() == 3


def test_a_client_reopens_its_own_and_is_not_asked(tree, people, as_user):
    parent, children = tree
    browser = as_user(people.cleo)
    assert "children" not in browser.get(f"{URL}{parent.number}/reopening/").context["form"].fields
    browser.post(f"{URL}{parent.number}/reopening/", {"text": "Down", "children": [children[0].pk]})
    assert Issue.objects.filter(parent=parent, state="resolved").count() == 3


def test_another_parents_child_is_not_taken_along(tree, product, people, as_user):
    parent, _children = tree
    other = Issue.report(product, by=people.sue, title="Other")
    other.resolve(by=people.sue, resolution="-")
    answer = as_user(people.sue).post(f"{URL}{parent.number}/reopening/", {"text": "Down", "children": [other.pk]})
    assert answer.status_code == 422
    assert not Issue.objects.get(pk=parent.pk).is_open


@pytest.mark.parametrize("count", [3, 40])
def test_questions_do_not_grow(product, people, count, django_assert_max_num_queries):
    parent = Issue.report(product, by=people.sue, title="All")
    for number in range(count):
        family.attach(Issue.report(product, by=people.sue, title=f"{number}"), parent, by=people.sue)
    family.resolve(parent, by=people.sue, resolution="-", with_children=True)
    with django_assert_max_num_queries(70):
        assert family.reopen(parent, by=people.sue, text="No", children=list(parent.children.all())) == count
