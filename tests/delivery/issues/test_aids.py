"""Answers kept under a name, filled in for an issue; checklists that go with a type."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from delivery.issues.aids import placeholders
from delivery.models import CannedAnswer, CheckLine, ChecklistTemplate, Issue

URL = "/products/CLAIMS/"


@given(st.text(), st.dictionaries(st.sampled_from(placeholders.NAMES), st.text()))
def test_values_are_filled_in_once(text, values):
    plain = text.replace("{", "").replace("}", "")
    assert placeholders.fill(plain, values) == plain
    for name in values:
        assert placeholders.fill(f"a{{{name}}}b", values) == f"a{values[name] or '{' + name + '}'}b"


def test_what_is_not_known():
    assert placeholders.unknown("{name} {nmae} {client} {x} {nmae}") == ["nmae", "x"]


@pytest.mark.django_db
def test_an_answer_is_filled_in_for_its_issue(product, people):
    issue = Issue.report(product, by=people.cleo, title="Login {agent}")
    answer = CannedAnswer.keep(by=people.sue, name="Hello", text="{name} of {client}: {number} {title}. {agent}")
    assert answer.filled(issue, by=people.sue) == "Cleo Client of Northwind: ISS-1 Login {agent}. Sue Support"
    nobodys = Issue.report(product, by=people.dora, title="Other")
    assert "{client}" in answer.filled(nobodys, by=people.sue), "a gap is seen"
    with pytest.raises(ValidationError):
        CannedAnswer.keep(by=people.sue, name="Wrong", text="{nmae}")


@pytest.mark.django_db
def test_answers_are_ones_own_or_the_products(product, people):
    CannedAnswer.keep(by=people.sue, name="Mine", text="1")
    CannedAnswer.keep(by=people.sue, name="Mine", text="2")
    CannedAnswer.keep(by=people.dora, name="Ours", text="3", product=product)
    offered = CannedAnswer.objects.offered_to
    assert [(row.name, row.text) for row in offered(people.sue, product)] == [("Mine", "2"), ("Ours", "3")]
    assert [row.name for row in offered(people.bob, product)] == ["Ours"]
    with pytest.raises(IntegrityError), transaction.atomic():
        CannedAnswer.objects.create(name="Nobody's", text="-")


@pytest.mark.django_db
def test_checklists_go_on_new_issues_of_their_type(product, people):
    make = ChecklistTemplate.objects.create
    make(product=product, name="Bug", type="bug", lines=["Reproduce", "Log"], is_automatic=True)
    by_hand = make(product=product, name="Any", lines=["Log", "Tell sales"])
    bug = Issue.report(product, by=people.dora, title="Bug", type="bug")
    wish = Issue.report(product, by=people.dora, title="Wish", type="request")
    assert [line.text for line in bug.check_lines.all()] == ["Reproduce", "Log"]
    assert not wish.check_lines.exists()
    assert by_hand.put_on(bug, by=people.sue) == 1, "what is there is not repeated"
    CheckLine.add(bug, "Call them", by=people.sue)
    lines = list(bug.check_lines.all())
    assert [line.text for line in lines] == ["Reproduce", "Log", "Tell sales", "Call them"]
    lines[0].tick(by=people.sue)
    lines[0].tick(by=people.bob)
    assert lines[0].done_by == people.sue
    lines[0].untick(by=people.bob)
    assert lines[0].done_at is None


@pytest.mark.django_db
def test_on_the_pages(product, people, as_user):
    browser = as_user(people.dora)
    answer = {"do": "answer", "name": "Hello", "text": "Dear {name}"}
    assert browser.post(f"{URL}aids/", {**answer, "text": "{nmae}"}).status_code == 422
    assert browser.post(f"{URL}aids/", {**answer, "is_shared": "on"}).status_code == 302
    checklist = {"do": "checklist", "name": "Bugs", "type": "bug", "lines": "One\n\nTwo", "is_automatic": "on"}
    assert browser.post(f"{URL}aids/", {**checklist, "lines": " "}).status_code == 422
    assert browser.post(f"{URL}aids/", checklist).status_code == 302
    assert browser.post(f"{URL}aids/", checklist).status_code == 422
    issue = Issue.report(product, by=people.cleo, title="Bug", type="bug")
    page = f"{URL}issues/{issue.number}/"
    key = product.answers.get().pk
    browser = as_user(people.sue)
    assert "Dear Cleo Client" in browser.get(f"{page}?answer={key}").content.decode()
    line = issue.check_lines.first()
    browser.post(f"{page}checklist/", {"do": "tick", "key": line.pk})
    assert "1 of 2 done" in browser.get(page).content.decode()
    assert browser.post(f"{page}resolution/", {"resolution": "Done"}).status_code == 422, "a step is open"
    assert browser.post(f"{page}resolution/", {"resolution": "Done", "steps_open": "on"}).status_code == 302
    assert browser.post(f"{URL}aids/", checklist).status_code == 403, "checklists are the delivery manager's"
    assert "Dear Cleo" not in as_user(people.cleo).get(f"{page}?answer={key}").content.decode()


@pytest.mark.django_db
def test_one_forgets_ones_own_answers_and_whoever_edits_the_product_its(product, people, as_user):
    mine = CannedAnswer.keep(by=people.sue, name="Mine", text="1")
    dora = CannedAnswer.keep(by=people.dora, name="Dora's", text="2")
    ours = CannedAnswer.keep(by=people.dora, name="Ours", text="3", product=product)
    page = as_user(people.sue)
    assert page.post(f"{URL}aids/", {"do": "forget", "key": dora.pk}).status_code == 404
    assert page.post(f"{URL}aids/", {"do": "forget", "key": ours.pk}).status_code == 404
    assert page.post(f"{URL}aids/answers/{ours.pk}/removal/").status_code == 403
    assert page.post(f"{URL}aids/", {"do": "forget", "key": mine.pk}).status_code == 302
    assert as_user(people.dora).post(f"{URL}aids/answers/{ours.pk}/removal/").status_code == 302
    assert list(CannedAnswer.objects.all()) == [dora]
