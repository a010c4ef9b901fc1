"""Support flow over all products: the sum of those that the reader may see, each number with its rows."""

import csv
import io

import pytest
from django.utils import timezone

from delivery.flow.figures import DEFAULT, NAMES, Flow
from delivery.models import Issue
from tests import factories

pytestmark = pytest.mark.django_db
URL = "/products/flow/"


@pytest.fixture
def second(product, people):
    """Another product of the same delivery manager, and one of nobody here."""
    other = factories.make_product(code="OTHER", name="Other product")
    hidden = factories.make_product(code="SECRET", name="Secret product")
    Issue.report(hidden, by=people.dora, title="Not for Dora")
    other.memberships.create(user=people.dora, role="delivery_manager")
    for each in (product, other):
        issue = Issue.report(each, by=people.dora, title=f"Open on {each.code}")
        done = Issue.report(each, by=people.dora, title=f"Solved on {each.code}")
        done.resolve(by=people.dora, resolution="-")
        done.reopen(by=people.dora, reason="No")
        done.resolve(by=people.dora, resolution="-")
        assert issue.is_open
    return other


def test_every_number_is_the_sum_and_has_its_rows(product, second, people, as_user):
    browser = as_user(people.dora)
    browser.get(URL)
    now = timezone.now()
    both = Flow([product, second], DEFAULT, now, one=False)
    each = [Flow([one], DEFAULT, now) for one in (product, second)]
    for name in NAMES:
        assert both.n[name] == sum(one.n[name] for one in each), name
        assert browser.get(f"{URL}90/{name}/").context["page"].count == both.n[name], name
    assert both.n["open"] == 2
    assert both.n["reopened"] == 2
    assert sorted(both.minutes) == sorted(minutes for one in each for minutes in one.minutes)


def test_nobody_counts_what_they_may_not_see(product, second, people, as_user):
    page = as_user(people.dora).get(f"{URL}90/open/").content.decode()
    assert "Open on OTHER" in page
    assert "Not for Dora" not in page
    cleo = as_user(people.cleo)
    assert cleo.get(URL).context["count"] == 0
    assert cleo.get(f"{URL}90/open/").context["page"].count == 0


def test_its_rows_come_as_a_file(product, second, people, as_user):
    answer = as_user(people.dora).get("/products/lists/flow.csv?days=90&figure=open")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row[0] for row in rows[1:]} == {product.name, "Other product"}


def test_there_is_no_other_period(people, as_user):
    browser = as_user(people.dora)
    assert browser.get(f"{URL}31/").status_code == 404
    assert browser.get(f"{URL}90/nothing/").status_code == 404


@pytest.mark.parametrize("count", [2, 12])
def test_questions_do_not_grow_with_products(product, people, as_user, count, django_assert_max_num_queries):
    for number in range(count):
        other = factories.make_product(code=f"P{number}", name=f"P {number}")
        other.memberships.create(user=people.dora, role="delivery_manager")
        Issue.report(other, by=people.dora, title="Open").respond(by=people.dora, text="Yes")
    browser = as_user(people.dora)
    browser.get(URL)
    with django_assert_max_num_queries(25):
        browser.get(URL)
