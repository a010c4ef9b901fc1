"""What each type has of its own: fields and states by one table, which every way to write or read an issue keeps."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from delivery.issues import types
from delivery.issues.importing import carry_out, prepare
from delivery.issues.queue import bulk
from delivery.issues.types import TYPES
from delivery.issues.words import step_of
from delivery.models import Issue
from delivery.moves import NotNow
from pmdm.interchange.tabular import read

URL = "/products/CLAIMS/issues/"
NAMES = ["steps", "measured", "unit", "since", "hours", "nonsense"]
KINDS = st.sampled_from(sorted(TYPES))


def report(product, people, **fields):
    return Issue.report(product, by=fields.pop("by", people.dora), title="It is so", **fields)


# --- The table --------------------------------------------------------------------------------------------


def test_the_table_is_whole():
    assert set(TYPES) == set(Issue.Type.values)
    names = [step.name for each in TYPES.values() for step in each.steps]
    assert len(names) == len(set(names)), "a filter and a bulk edit name a step without its type"
    for each in TYPES.values():
        known = {"", *(step.name for step in each.steps)}
        for step in each.steps:
            assert set(step.after) <= known
            assert set(step.within) <= set(Issue.State.values)
            assert len(step.name) <= Issue._meta.get_field("step").max_length
        assert len({field.name for field in each.fields}) == len(each.fields)


@given(KINDS, st.lists(st.integers(0, 9), max_size=8))
def test_every_walk_stays_in_the_table(kind, choices):
    step = ""
    for choice in choices:
        following = TYPES[kind].following(step)
        if not following:
            break
        step = following[choice % len(following)].name
        assert types.allowed(kind, "in_progress", step)
        assert types.allowed(kind, "waiting", step), "asking the customer does not lose it"
        assert not types.allowed(kind, "resolved", step)


@given(
    KINDS, st.dictionaries(st.sampled_from(["steps", "measured", "unit", "since", "hours", "x"]), st.text(max_size=9))
)
def test_what_is_cleaned_is_clean(kind, details):
    """Cleaning either refuses, or gives what it gives again."""
    try:
        kept = types.clean(kind, details)
    except types.WrongDetail:
        return
    assert types.clean(kind, kept) == kept
    assert set(kept) <= {field.name for field in TYPES[kind].fields}


@pytest.mark.parametrize(
    ("kind", "details", "field"),
    [
        ("bug", {"measured": "3"}, "measured"),
        ("bug", {"happens": "daily"}, "happens"),
        ("performance", {"measured": "fast", "unit": "s"}, "measured"),
        ("performance", {"measured": "NaN", "unit": "s"}, "measured"),
        ("performance", {"measured": "3"}, "unit"),
        ("performance", {"since": "yesterday"}, "since"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(kind, details, field):
    with pytest.raises(types.WrongDetail) as refused:
        types.clean(kind, details)
    assert refused.value.field == field


# --- Verbs ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_states_of_a_type_follow_each_other(product, people):
    bug = report(product, people, type="bug")
    bug.advance("reproduced", by=people.sue)
    assert (bug.state, bug.get_state_display()) == ("in_progress", "Reproduced")
    bug.wait_for_customer(by=people.sue, text="Since when?")
    assert bug.get_state_display() == "Reproduced", "it waits, and stays reproduced"
    bug.advance("testing", by=people.sue)
    assert bug.state == "in_progress"
    assert bug.pauses[-1][1] is not None, "the clock runs again"
    for step in ("testing", "approved", "nonsense"):
        with pytest.raises(NotNow):
            bug.advance(step, by=people.sue)
    stale = Issue.objects.get(pk=bug.pk)
    bug.resolve(by=people.sue, resolution="Fixed")
    assert bug.step == ""
    with pytest.raises(NotNow):
        stale.advance("reproduced", by=people.sue)
    bug.reopen(by=people.sue, reason="No")
    assert bug.get_state_display() == "In progress"


@pytest.mark.django_db
def test_a_request_may_be_declined_and_nothing_else(product, people):
    wish = report(product, people, type="request")
    wish.advance("approval", by=people.sue)
    wish.decline(by=people.dora, reason="Not in this product")
    wish.close(by=people.dora)
    assert (wish.state, wish.step, wish.get_state_display()) == ("closed", "declined", "Declined")
    wish.reopen(by=people.dora, reason="Asked again")
    assert wish.step == ""
    with pytest.raises(NotNow):
        report(product, people, type="bug").decline(by=people.dora, reason="No")


@pytest.mark.django_db
def test_the_database_keeps_the_table(product, people):
    bug = report(product, people, type="bug")
    for wrong in ({"step": "approved", "state": "in_progress"}, {"step": "reproduced"}, {"step": "nonsense"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Issue.objects.filter(pk=bug.pk).update(**wrong)
    with pytest.raises(ValidationError):
        report(product, people, type="bug", details={"benefit": "Much"})


@pytest.mark.django_db
def test_another_type_in_bulk_and_back(product, people):
    bug = report(product, people, type="bug", details={"steps": "Click", "happens": "always"})
    bug.advance("reproduced", by=people.sue)
    done = bulk.apply({bug.pk: None}, "type", "request", by=people.sue)
    bug.refresh_from_db()
    assert (bug.type, bug.step, bug.details) == ("request", "", {})
    bulk.undo(done.pk, by=people.sue)
    bug.refresh_from_db()
    assert (bug.type, bug.step, bug.details) == ("bug", "reproduced", {"steps": "Click", "happens": "always"})


@pytest.mark.django_db
def test_states_of_a_type_in_bulk(product, people):
    bug, wish = report(product, people, type="bug"), report(product, people, type="request")
    done = bulk.apply({bug.pk: None, wish.pk: None}, "state", "step:reproduced", by=people.sue)
    bug.refresh_from_db()
    assert (bug.state, bug.step, bug.assignee) == ("in_progress", "reproduced", people.sue)
    assert [row["issue"] for row in done.refused] == [wish.pk]
    bulk.apply({bug.pk: None}, "state", "resolved", "Fixed", by=people.sue)
    bug.refresh_from_db()
    assert (bug.state, bug.step) == ("resolved", "")


@pytest.mark.django_db
def test_a_type_in_bulk_that_is_a_complaint_gets_its_clock(product, people):
    bug = report(product, people, type="bug")
    bulk.apply({bug.pk: None}, "type", "complaint", by=people.sue)
    assert Issue.objects.get(pk=bug.pk).complaint.acknowledged_at is None


# --- Import and export ------------------------------------------------------------------------------------


def test_words_of_other_trackers():
    assert step_of("Ready for QA", "bug", "in_progress") == "testing"
    assert step_of("Ready for QA", "request", "in_progress") == ""
    assert step_of("Rejected", "request", "closed") == "declined"
    assert step_of("Rejected", "bug", "closed") == ""
    assert step_of("Reproduced", "bug", "new") == ""


@pytest.mark.django_db
def test_an_import_keeps_to_the_table(product, people):
    text = (
        "Summary,Issue Type,Status\nA,Bug,Reproduced\nB,Story,Waiting for approval\nC,Story,Rejected\nD,Bug,Rejected\n"
    )
    carry_out(product, prepare(read(text.encode())), by=people.dora)
    found = product.issues.order_by("number").values_list("type", "state", "step")
    assert list(found) == [
        ("bug", "in_progress", "reproduced"),
        ("request", "in_progress", "approval"),
        ("request", "closed", "declined"),
        ("bug", "closed", ""),
    ]


@pytest.mark.django_db
def test_the_exported_list_has_the_fields_of_each_type(product, people, as_user):
    report(product, people, type="bug", details={"steps": "=1+1", "happens": "always"})
    report(product, people, type="request", details={"hours": "4321", "benefit": "Much"}, by=people.cleo)
    url = "/products/CLAIMS/lists/issues.csv"
    text = as_user(people.sue).get(url).content.decode()
    assert "Bug: How often" in text
    assert "Always" in text
    assert "4321" in text
    assert "'=1+1" in text, "no cell that a spreadsheet would run"
    text = as_user(people.cleo).get(url).content.decode()
    assert "Much" in text
    assert "Estimate in hours" not in text
    assert "4321" not in text


# --- Pages ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_fields_of_the_chosen_type_are_shown_with_what_was_typed(product, people, as_user):
    browser = as_user(people.sue)
    assert "Steps that lead there" in browser.get(f"{URL}new/").content.decode()
    form = {"title": "Slow", "type": "performance", "severity": "2", "look": "1"}
    response = browser.post(f"{URL}new/", form)
    text = response.content.decode()
    assert response.status_code == 200
    assert "What is measured" in text
    assert "Steps that lead there" not in text
    assert 'value="Slow"' in text
    assert not product.issues.exists()
    filled = {"title": "Slow", "type": "performance", "severity": "2", "own_measured": "4.50"}
    refused = browser.post(f"{URL}new/", filled)
    assert refused.status_code == 422
    assert "A number needs its unit" in refused.content.decode()
    assert browser.post(f"{URL}new/", {**filled, "own_unit": "s", "own_since": "2026-02-28"}).status_code == 302
    issue = product.issues.get()
    assert issue.details == {"measured": "4.5", "unit": "s", "since": "2026-02-28"}
    assert "4.5" in browser.get(f"{URL}{issue.number}/").content.decode()


@pytest.mark.django_db
def test_edits_and_moves_on_the_page(product, people, as_user):
    issue = report(product, people, type="request", details={"hours": "8"})
    browser = as_user(people.sue)
    page = f"{URL}{issue.number}/"
    assert browser.post(f"{page}step-approval/", {"x": 1}).status_code == 302
    assert browser.post(f"{page}step-testing/", {"x": 1}).status_code == 409
    text = browser.get(page).content.decode()
    assert "Waiting for approval" in text
    assert "step-approved" in text
    assert "step-reproduced" not in text
    form = {"title": "It is so", "type": "bug", "severity": "3", "version": 3, "own_steps": "Click"}
    assert browser.post(page, {**form, "look": "1"}).status_code == 200
    version = Issue.objects.get(pk=issue.pk).version
    assert browser.post(page, {**form, "version": version}).status_code == 302
    issue.refresh_from_db()
    assert (issue.type, issue.step, issue.details) == ("bug", "", {"steps": "Click"})
    assert browser.post(f"{page}declination/", {"text": "No"}).status_code == 409


@pytest.mark.django_db
def test_the_queue_finds_and_shows_states_of_a_type(product, people, as_user):
    report(product, people, type="bug").advance("reproduced", by=people.sue)
    report(product, people, type="request")
    text = as_user(people.sue).get(f"{URL}?state=step:reproduced").content.decode()
    assert text.count('class="row-link"') == 1
    assert 'data-label="State">Reproduced' in text


@pytest.mark.django_db
def test_what_is_internal_stays_so(product, people, as_user):
    wish = report(product, people, by=people.cleo, type="request", details={"hours": "4321", "benefit": "Much"})
    text = as_user(people.cleo).get(f"{URL}{wish.number}/").content.decode()
    assert "Much" in text
    assert "4321" not in text
    assert "own_hours" not in as_user(people.cleo).get(f"{URL}new/?type=request").content.decode()
