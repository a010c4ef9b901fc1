"""Duplicates, and known errors that reporters see before they file the same."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction

from delivery.models import Issue, Product
from delivery.moves import NotNow

pytestmark = pytest.mark.django_db

URL = "/products/CLAIMS/issues/"


def report(product, people, title="Login fails", **fields):
    return Issue.report(product, by=fields.pop("by", people.dora), title=title, **fields)


def test_a_duplicate_is_closed_and_its_own_follow(product, people):
    first, second, third = (report(product, people) for _number in range(3))
    third.mark_duplicate(second, by=people.sue)
    second.mark_duplicate(first, by=people.sue)
    third.refresh_from_db()
    assert (second.state, second.duplicate_of, third.duplicate_of) == ("closed", first, first)
    assert not second.escalations.waiting().exists()
    # Naming one that is a duplicate means what that one stands for.
    fourth = report(product, people)
    fourth.mark_duplicate(third, by=people.sue)
    assert fourth.duplicate_of == first
    with pytest.raises(NotNow):
        fourth.mark_duplicate(first, by=people.sue)
    fourth.reopen(by=people.sue, reason="It is something else")
    assert fourth.duplicate_of is None


def test_it_is_never_its_own_nor_of_another_product(product, people):
    first, second = report(product, people), report(product, people)
    other = report(Product.launch(by=people.dora, code="OTHER", name="Other"), people)
    second.mark_duplicate(first, by=people.sue)
    for of in (first, second, other):
        with pytest.raises(ValidationError):
            first.mark_duplicate(of, by=people.sue)
    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.filter(pk=first.pk).update(duplicate_of=first.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.filter(pk=second.pk).update(state="resolved")


@pytest.mark.django_db(transaction=True)
def test_two_that_are_marked_at_once_are_not_each_others(product, people):
    one, two = report(product, people), report(product, people)
    gate, refused = threading.Barrier(2), []

    def mark(this, of):
        try:
            gate.wait()
            Issue.objects.get(pk=this).mark_duplicate(Issue.objects.get(pk=of), by=people.sue)
        except ValidationError:
            refused.append(this)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=mark, args=pair) for pair in ((one.pk, two.pk), (two.pk, one.pk))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Issue.objects.filter(duplicate_of=None).count() == 1


def test_the_customer_does_not_read_whose_it_is(product, people, as_user):
    first = report(product, people, "Contoso canary", by=people.olga)
    second = report(product, people, "Northwind too", by=people.cleo)
    browser = as_user(people.sue)
    assert browser.post(f"{URL}{second.number}/duplicate/", {"of": "ISS-999"}).status_code == 422
    assert browser.post(f"{URL}{second.number}/duplicate/", {"of": second.ref}).status_code == 422
    assert browser.post(f"{URL}{second.number}/duplicate/", {"of": first.ref}).status_code == 302
    assert first.ref in browser.get(f"{URL}{second.number}/").content.decode()
    assert second.ref in browser.get(f"{URL}{first.number}/").content.decode()
    text = as_user(people.cleo).get(f"{URL}{second.number}/").content.decode()
    assert "canary" not in text
    assert first.ref + " " not in text
    assert as_user(people.cleo).post(f"{URL}{second.number}/duplicate/", {"of": first.ref}).status_code == 403


def test_a_known_error_is_offered_until_its_problem_is_solved(product, people, as_user):
    problem = report(product, people, "Export of claims is empty")
    browser = as_user(people.sue)
    form = {"title": "Claims export is empty", "workaround": "Export by month"}
    assert browser.post(f"{URL}{problem.number}/known-error/", {**form, "workaround": " "}).status_code == 422
    assert browser.post(f"{URL}{problem.number}/known-error/", form).status_code == 302
    gap = product.known_gaps.get()
    assert gap.issue == problem
    assert gap.ref in browser.get(f"{URL}{problem.number}/").content.decode()
    like = f"{URL}known-gaps/?title=my claims export"
    assert "Export by month" in as_user(people.cleo).get(like).content.decode()
    problem.resolve(by=people.sue, resolution="Fixed")
    assert "Export by month" not in as_user(people.cleo).get(like).content.decode()
    problem.reopen(by=people.sue, reason="No")
    assert "Export by month" in as_user(people.cleo).get(like).content.decode()
