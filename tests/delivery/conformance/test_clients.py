"""Requirements are read by all clients of a product: none learns from them who else is one, on any surface."""

import pytest

from delivery.models import Issue, Requirement

pytestmark = pytest.mark.django_db

PRODUCT = "/products/CLAIMS/"
TITLE = "Statements are printed"
SURFACES = {
    "the list": f"{PRODUCT}requirements/",
    "the requirement": f"{PRODUCT}requirements/1/",
    "the overview": PRODUCT,
    "what a report may break": f"{PRODUCT}issues/new/",
    "the CSV": f"{PRODUCT}lists/requirements.csv",
    "the search": "/search/?q=statements",
    "the jump": "/search/?q=REQ-1",
}


@pytest.fixture
def requirement(product):
    """As a handover carries it: it names the client of its project, which accepted it so."""
    return Requirement.objects.create(
        product=product, title=TITLE, text="As NORTHWIND has them today", is_accepted=True, conformance="failed"
    )


@pytest.mark.parametrize("surface", SURFACES)
def test_a_client_reads_what_names_it_and_no_other_does(requirement, people, as_user, surface):
    def read(person):
        answer = as_user(person).get(SURFACES[surface], follow=True)
        return answer.content.decode()

    assert TITLE in read(people.cleo)
    assert TITLE in read(people.sue), "our own people read everything"
    seen = read(people.olga)
    assert TITLE not in seen
    assert "northwind" not in seen.lower()


def test_an_issue_tells_its_client_of_it_only_then(requirement, product, people, as_user):
    issues = {
        person: Issue.report(product, by=person, title="It prints nothing", severity=3, requirement=requirement)
        for person in (people.cleo, people.olga)
    }
    for person, told in ((people.cleo, True), (people.olga, False)):
        browser = as_user(person)
        page = browser.get(f"{PRODUCT}issues/{issues[person].number}/").content.decode()
        assert (TITLE in page) is told
        assert TITLE not in browser.get(f"{PRODUCT}issues/?columns=requirement&group=requirement").content.decode()
        assert TITLE not in browser.get(f"{PRODUCT}lists/issues.csv").content.decode()
    assert TITLE in as_user(people.sue).get(f"{PRODUCT}issues/{issues[people.olga].number}/").content.decode()


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        ("Northwind", False),
        ("for northwind, each month", False),
        ("A Northwindow opens", True),
        ("North wind", True),
        ("Olga's people", True),
    ],
)
def test_names_are_whole_words(requirement, people, as_user, said, is_told):
    requirement.text = said
    requirement.save()
    assert (TITLE in as_user(people.olga).get(f"{PRODUCT}requirements/").content.decode()) is is_told


def test_signs_in_a_name_stand_for_themselves(requirement, people, as_user):
    people.cleo.organisation.name = "N.rth (wind) + Co\\"
    people.cleo.organisation.save()
    for said, is_told in (("by N.rth (wind) + Co\\", False), ("by North (wind) + Co\\", True), ("N.rth wind Co", True)):
        requirement.text = said
        requirement.save()
        assert (TITLE in as_user(people.olga).get(f"{PRODUCT}requirements/").content.decode()) is is_told, said
