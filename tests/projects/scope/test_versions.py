"""Approved text is locked; a change is the next version, and every earlier one stays readable."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from pmdm.registers.editing import FIRST
from projects.scope import baseline
from projects.scope.engine.words import ADDED, MOST, REMOVED, SAME, Part, compare
from projects.scope.models import Requirement, RequirementVersion
from tests.factories import make_cast, make_project, make_requirement


@pytest.fixture
def cast(db):
    project = make_project()
    people = make_cast(project)
    people.project = project
    people.requirement = make_requirement(project, title="Export", text="The list opens in a table in 5 s.")
    people.requirement.move_on("reviewed")
    people.requirement.approve(by=people.sam)
    people.url = f"{project.get_absolute_url()}requirements/{people.requirement.number}/"
    return people


def propose(cast, text="The list opens in a table in 2 s.", reason="Measured in the pilot", **values):
    return cast.requirement.propose({"text": text, **values}, by=cast.alice, reason=reason)


def test_approval_keeps_the_text_as_version_1(cast):
    version = cast.requirement.versions.get()
    assert (version.number, version.state, version.text) == (1, "approved", cast.requirement.text)
    assert (version.approved_by, version.approved_at) == (cast.sam, cast.requirement.approved_at)


def test_a_change_goes_from_form_to_promise_with_a_readable_difference(client, cast):
    client.force_login(cast.alice)
    answer = client.post(
        cast.url + "versions/new/",
        {"title": "Export", "text": "The list opens in a table in 2 s.", "type": "quality", "priority": "must",
         "reason": "Measured in the pilot"},
    )  # fmt: skip
    assert answer.url == cast.url + "versions/2/"
    cast.requirement.refresh_from_db()
    assert cast.requirement.text.endswith("5 s.")  # the promise stands until the change is approved
    client.force_login(cast.sam)
    page = client.get(answer.url).text
    assert 'removed: </span>5<span class="vh"> end' in page
    assert 'added: </span>2<span class="vh"> end' in page
    assert "Measured in the pilot" in page
    assert client.post(answer.url + "decision/", {"version": 1}).status_code == 302
    cast.requirement.refresh_from_db()
    assert (cast.requirement.text, cast.requirement.type) == ("The list opens in a table in 2 s.", "quality")
    for number, text in ((1, "5 s."), (2, "2 s.")):
        assert text in client.get(f"{cast.url}versions/{number}/").text


def test_a_verified_one_is_to_be_checked_anew_and_the_former_checks_stay(cast):
    requirement = cast.requirement
    line = requirement.add_criterion("Opens")
    requirement.move_on("built")
    line.requirement = requirement
    line.record("pass", by=cast.dora, evidence="Test 12")
    requirement.verify(by=cast.dora)
    propose(cast).approve(by=cast.sam)
    requirement, line = Requirement.objects.get(), requirement.criteria.get()
    assert (requirement.state, requirement.verified_at, line.result) == ("approved", None, "not_run")
    check = line.checks.get()
    assert (check.result, check.evidence, check.version.number) == ("pass", "Test 12", 1)


def test_a_change_says_why_and_changes_something(cast):
    with pytest.raises(ValidationError, match="Say why"):
        propose(cast, reason="  ")
    with pytest.raises(ValidationError, match="Nothing differs"):
        propose(cast, text=cast.requirement.text)


def test_one_draft_at_a_time(cast):
    propose(cast)
    with pytest.raises(ValidationError, match="drafted version 2 already") as caught:
        propose(cast, text="Other")
    assert caught.value.code == FIRST
    content = {name: getattr(cast.requirement, name) for name in Requirement.CONTENT}
    with pytest.raises(IntegrityError, match="requirement_version_one_draft"), transaction.atomic():
        RequirementVersion.objects.create(
            project=cast.project, requirement=cast.requirement, number=3, reason="x", **content
        )


def test_a_draft_that_changed_since_it_was_read_is_not_approved(client, cast):
    draft = propose(cast)
    draft.text = "Something else"
    draft.save_changes(["text"])
    client.force_login(cast.sam)
    answer = client.post(f"{cast.url}versions/2/decision/", {"version": 1})
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text
    cast.requirement.refresh_from_db()
    assert cast.requirement.text.endswith("5 s.")


def test_an_approved_version_is_never_edited(client, cast):
    client.force_login(cast.alice)
    answer = client.post(cast.url + "versions/1/edit/", {"title": "Less", "version": 1}, follow=True)
    assert "stays as it is" in answer.text
    assert cast.requirement.versions.get().title == "Export"


def test_a_discarded_draft_stays_readable_and_makes_room(client, cast):
    propose(cast)
    client.force_login(cast.alice)
    assert client.post(cast.url + "versions/2/discard/", {"version": 1}).status_code == 302
    assert "Discarded" in client.get(cast.url + "versions/2/").text
    assert propose(cast, text="Third").number == 3


def test_the_frozen_item_names_the_version_it_froze(client, cast):
    frozen = baseline.freeze(cast.project, by=cast.sam)
    propose(cast).approve(by=cast.sam)
    item = frozen.items.get()
    assert (item.version.number, item.version.text) == (1, "The list opens in a table in 5 s.")
    client.force_login(cast.cleo)
    assert "In the active baseline, as version 1" in client.get(cast.url).text
    again = baseline.freeze(cast.project, by=cast.sam)
    assert again.items.get().version.number == 2


def test_taking_out_needs_a_reason_and_is_shown(client, cast):
    baseline.freeze(cast.project, by=cast.sam)
    client.force_login(cast.sam)
    assert client.post(cast.url + "withdrawal/", {"reason": ""}).status_code == 422
    assert client.post(cast.url + "withdrawal/", {"reason": "The law was repealed"}).status_code == 302
    cast.requirement.refresh_from_db()
    assert (cast.requirement.state, cast.requirement.removed_by) == ("rejected", cast.sam)
    assert "The law was repealed" in client.get(cast.url).text
    assert baseline.progress(cast.project).promised == 1  # the frozen set stays the divisor
    cast.requirement.move_on("draft")
    assert cast.requirement.removed_at is None


@pytest.mark.parametrize(
    ("name", "allowed"), [("alice", {"new", "decision"}), ("sam", {"decision"}), ("bob", set()), ("cleo", set())]
)
def test_who_may_draft_and_who_may_approve(client, cast, name, allowed):
    propose(cast)
    client.force_login(getattr(cast, name))
    assert client.get(cast.url + "versions/2/").status_code == 200
    assert (client.get(cast.url + "versions/new/").status_code != 403) == ("new" in allowed)
    assert (client.post(cast.url + "versions/2/decision/", {"version": 1}).status_code != 403) == (
        "decision" in allowed
    )
    client.force_login(cast.charlie)
    assert client.get(cast.url + "versions/2/").status_code == 404


TEXTS = st.text(alphabet=st.sampled_from("ab c.\nü"), max_size=60)


@given(TEXTS, TEXTS)
def test_the_parts_put_together_are_both_texts(before, after):
    parts = compare(before, after)
    assert "".join(part.text for part in parts if part.kind != ADDED) == before
    assert "".join(part.text for part in parts if part.kind != REMOVED) == after
    assert all(part.text for part in parts)


def test_whole_words_are_compared():
    assert compare("in 5 s", "in 15 s") == [
        Part(SAME, "in "), Part(REMOVED, "5"), Part(ADDED, "15"), Part(SAME, " s"),
    ]  # fmt: skip


def test_a_long_text_is_compared_line_by_line():
    before = "".join(f"line {number}\n" for number in range(MOST))
    assert [part.kind for part in compare(before, before + "one more")] == [SAME, ADDED]
