"""Known gaps are read by all clients of a product: none learns from them who else is one, on any surface."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError

from delivery.issues.problems.models import Problem
from delivery.models import Issue, KnownGap, Requirement

pytestmark = pytest.mark.django_db

PRODUCT = "/products/CLAIMS/"
TITLE = "Bulk payment is missing"


@pytest.fixture
def requirement(product):
    return Requirement.objects.create(product=product, title="Claims are paid", is_accepted=True)


@pytest.fixture
def gap(product, requirement):
    """As a handover carries it: it names the client of its project, which accepted it so."""
    return KnownGap.objects.create(
        product=product, title=TITLE, workaround="NORTHWIND pays one by one", requirement=requirement
    )


def report(browser):
    """The page of a report that was sent once: it shows what is known before it files."""
    return browser.post(f"{PRODUCT}issues/new/", {"title": TITLE, "type": "bug", "severity": "3"})


SURFACES = {
    "the list": lambda browser: browser.get(f"{PRODUCT}known-gaps/"),
    "the requirements": lambda browser: browser.get(f"{PRODUCT}requirements/"),
    "the requirement": lambda browser: browser.get(f"{PRODUCT}requirements/1/"),
    "while one types": lambda browser: browser.get(f"{PRODUCT}issues/known-gaps/?title={TITLE}"),
    "the form": lambda browser: browser.get(f"{PRODUCT}issues/new/?title={TITLE}"),
    "the report": report,
    "the CSV": lambda browser: browser.get(f"{PRODUCT}lists/known-gaps.csv"),
}


@pytest.mark.parametrize("surface", SURFACES)
def test_a_client_reads_what_names_it_and_no_other_does(gap, people, as_user, surface):
    def read(person):
        return SURFACES[surface](as_user(person)).content.decode().replace(f'value="{TITLE}"', "")

    assert TITLE in read(people.cleo)
    assert TITLE in read(people.sue), "our own people read everything"
    seen = read(people.olga)
    assert TITLE not in seen
    assert "northwind" not in seen.lower()


def test_a_report_of_what_one_may_not_read_is_filed_at_once(gap, people, as_user):
    assert report(as_user(people.olga)).status_code == 302
    assert report(as_user(people.cleo)).status_code == 422, "it is shown first"


def test_it_does_not_count_for_who_does_not_read_it(gap, people, as_user):
    said = "1 known gap"
    assert said in as_user(people.cleo).get(PRODUCT).content.decode()
    assert said not in as_user(people.olga).get(PRODUCT).content.decode()


def test_a_client_without_an_organisation_reads_none_that_names_one(gap, product, people):
    people.olga.organisation = None
    people.olga.save()
    assert not product.known_gaps.visible_to(people.olga, product).exists()


def test_our_own_people_see_which_is_hidden_from_whom(gap, product, people, as_user):
    KnownGap.accept(product, by=people.dora, title="No dark mode")
    page = as_user(people.sue).get(f"{PRODUCT}known-gaps/").content.decode()
    assert page.count("other clients do not read it") == 1
    assert "It names Northwind" in page
    assert "other clients do not read it" not in as_user(people.cleo).get(f"{PRODUCT}known-gaps/").content.decode()


def test_what_a_person_writes_names_no_client(product, people, as_user):
    issue = Issue.report(product, by=people.cleo, title="x")
    problem = Problem.raise_problem(product, by=people.sue, title="Northwind cannot sign in")
    writes = [
        lambda: KnownGap.accept(product, by=people.dora, title="Contoso has no bulk payment"),
        lambda: KnownGap.accept(product, by=people.dora, title="x", description="As Contoso asked"),
        lambda: issue.publish_known_error(by=people.sue, title="x", workaround="As Contoso does"),
        lambda: problem.publish(by=people.sue, title="Northwind", root_cause="A key", workaround="Again"),
    ]
    for write in writes:
        with pytest.raises(ValidationError, match="names another client"):
            write()
    problem.refresh_from_db()
    assert problem.state == Problem.State.NEW
    browser, fields = as_user(people.dora), {"title": "Contoso has no bulk payment", "workaround": "One by one"}
    answer = browser.post(f"{PRODUCT}known-gaps/", fields)
    assert answer.status_code == 422
    assert "One by one" in answer.content.decode(), "what was typed is kept"
    for address in (f"issues/{issue.number}/known-error/", f"problems/{problem.number}/publication/"):
        fields = {"title": "x", "root_cause": "A key", "workaround": "As Contoso does"}
        answer = browser.post(f"{PRODUCT}{address}", fields)
        assert answer.status_code == 422
        assert "names another client" in answer.content.decode()
    assert not product.known_gaps.exists()


def test_the_csv_of_our_own_people_has_all(gap, people, as_user):
    text = as_user(people.sue).get(f"{PRODUCT}lists/known-gaps.csv").content.decode("utf-8-sig")
    assert [row["Title"] for row in csv.DictReader(io.StringIO(text))] == [TITLE]


def test_a_gap_tells_no_other_client_by_the_requirement_it_is_about(requirement, product, people, as_user):
    KnownGap.objects.create(product=product, title=TITLE, requirement=requirement)
    assert TITLE in as_user(people.olga).get(f"{PRODUCT}known-gaps/").content.decode()
    requirement.title = "Claims of Northwind are paid"
    requirement.save()
    for surface in ("known-gaps/", "lists/known-gaps.csv"):
        told = as_user(people.olga).get(f"{PRODUCT}{surface}").content.decode()
        assert TITLE not in told
        assert "northwind" not in told.lower()
        assert TITLE in as_user(people.cleo).get(f"{PRODUCT}{surface}").content.decode()
