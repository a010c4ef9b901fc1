import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from handover.transfer import actions
from projects.closing import cancelling
from projects.closing.cancelling import Salvage
from projects.models import AcceptedPart, Project, SalvageItem
from tests.factories import make_cast, make_project, make_requirement
from tests.handover.conftest import make_ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    project = make_project()
    people = make_cast(project)
    people.project = project
    people.url = project.get_absolute_url() + "cancellation/"
    approved = {"state": "approved", "approved_by": people.sam, "approved_at": timezone.now()}
    people.unmet = make_requirement(project, title="Sign online", **approved)
    people.manual = project.deliverables.create(title="Manual")
    return people


def rows_of(*lines):
    """The rows of the salvage list, as a browser sends them."""
    sent = {"salvage-TOTAL_FORMS": len(lines) + 1, "salvage-INITIAL_FORMS": 0}
    for number, line in enumerate(lines):
        sent |= {f"salvage-{number}-{name}": value for name, value in line.items()}
    # The kind is a list with a first choice: a row that was left empty sends it too.
    return sent | {f"salvage-{len(lines)}-kind": "result"}


def pump(taker, **fields):
    return {"what": "Pump", "kind": "equipment", "goes_to": "The yard", "taker": taker.pk} | fields


def cancelled(cast, *lines):
    lines = lines or (Salvage("Pump", "equipment", "The yard", cast.bob),)
    cancelling.cancel(cast.project, by=cast.alice, reason="No money", salvage=lines)
    return Project.objects.get(pk=cast.project.pk)


def test_alice_cancels_with_a_salvage_list(client, cast):
    client.force_login(cast.alice)
    assert "Open" in client.get(cast.url).text
    answer = client.post(cast.url, {"reason": "No money", **rows_of(pump(cast.bob), pump(cast.dora, what="Licences"))})
    assert answer.status_code == 302
    project = Project.objects.get(pk=cast.project.pk)
    assert project.state == "cancelled"
    assert project.state_changes.get().reason == "No money"
    assert list(project.salvage.values_list("what", "taker__name")) == [("Pump", "Bob"), ("Licences", "Dora")]
    page = client.get(cast.url)
    assert "No money" in page.text
    assert "The yard" in page.text


@pytest.mark.parametrize("missing", ["what", "goes_to", "taker"])
def test_a_half_line_cancels_nothing_and_keeps_what_was_typed(client, cast, missing):
    client.force_login(cast.alice)
    answer = client.post(cast.url, {"reason": "No money", **rows_of(pump(cast.bob) | {missing: ""})})
    assert answer.status_code == 422
    assert "No money" in answer.text
    assert Project.objects.get(pk=cast.project.pk).state == "active"
    assert not SalvageItem.objects.exists()


def test_no_cancelling_without_a_reason(client, cast):
    client.force_login(cast.alice)
    assert client.post(cast.url, {"reason": " ", **rows_of(pump(cast.bob))}).status_code == 422
    assert not SalvageItem.objects.exists()


def test_more_rows_keep_what_was_typed(client, cast):
    client.force_login(cast.alice)
    answer = client.post(cast.url, {"reason": "Half", "more": "1", **rows_of(pump(cast.bob))})
    assert answer.status_code == 200
    assert 'value="Pump"' in answer.text
    assert "Half" in answer.text
    assert Project.objects.get(pk=cast.project.pk).state == "active"


@pytest.mark.parametrize(
    ("name", "status"), [("bob", 403), ("sam", 403), ("cleo", 403), ("pmo", 403), ("charlie", 404)]
)
def test_only_the_manager_cancels(client, cast, name, status):
    client.force_login(getattr(cast, name))
    assert client.post(cast.url, {"reason": "x"}).status_code == status


def test_the_sponsor_accepts_parts_as_they_are(client, cast):
    cancelled(cast)
    client.force_login(cast.sam)
    form = {f"requirement-{cast.unmet.pk}": "Works for one office", f"deliverable-{cast.manual.pk}": ""}
    assert client.post(f"{cast.url}acceptance/", {}).status_code == 422
    assert client.post(f"{cast.url}acceptance/", form).status_code == 302
    part = AcceptedPart.objects.get()
    assert (part.thing, part.note, part.accepted_by) == (cast.unmet, "Works for one office", cast.sam)
    page = client.get(cast.url)
    assert "Works for one office" in page.text
    assert [row for row, _field in page.context["acceptance"].rows()] == [cast.manual]
    # Accepted once, its words stay.
    assert cancelling.accept_parts(cast.project, {("requirement", cast.unmet.pk): "Other"}, by=cast.sam) == 0
    assert AcceptedPart.objects.get().note == "Works for one office"


@pytest.mark.parametrize(("name", "status"), [("alice", 403), ("bob", 403), ("cleo", 403), ("charlie", 404)])
def test_nobody_else_accepts(client, cast, name, status):
    project = cancelled(cast)
    client.force_login(getattr(cast, name))
    assert client.post(f"{cast.url}acceptance/", {f"requirement-{cast.unmet.pk}": "x"}).status_code == status
    if name == "alice":
        with pytest.raises(PermissionDenied):
            cancelling.accept_parts(project, {("requirement", cast.unmet.pk): "x"}, by=cast.alice)


def test_parts_of_another_project_are_not_accepted(cast):
    project = cancelled(cast)
    other = make_requirement(make_project())
    with pytest.raises(ValidationError, match="of this project"):
        cancelling.accept_parts(project, {("requirement", other.pk): "x"}, by=cast.sam)


def test_the_list_goes_on_after_cancelling(client, cast):
    cancelled(cast)
    client.force_login(cast.alice)
    assert client.post(f"{cast.url}salvage/", pump(cast.dora, what="")).status_code == 422
    assert client.post(f"{cast.url}salvage/", pump(cast.dora, what="Licences")).status_code == 302
    assert client.post(f"{cast.url}salvage/1/taken/").status_code == 302
    client.post(f"{cast.url}salvage/1/removal/")
    client.post(f"{cast.url}salvage/2/removal/")
    item = SalvageItem.objects.get()
    assert (item.what, item.confirmed_by) == ("Pump", cast.alice)
    with pytest.raises(ValidationError) as caught:
        cancelling.confirm_taken(item, by=cast.admin)
    assert caught.value.code == "first"
    assert client.post(f"{cast.url}salvage/99/taken/").status_code == 404


def test_only_a_cancelled_project_has_a_list(cast):
    line = Salvage("Pump", "equipment", "The yard", cast.bob)
    with pytest.raises(ValidationError, match="Only a cancelled"):
        cancelling.add_salvage(cast.project, line, by=cast.alice)
    with pytest.raises(ValidationError, match="Only a cancelled"):
        cancelling.accept_parts(cast.project, {("requirement", cast.unmet.pk): "x"}, by=cast.sam)


def test_reopened_and_cancelled_again_it_has_a_list_of_its_own(client, cast):
    project = cancelled(cast)
    project.reopen(by=cast.alice, reason="Money came")
    with pytest.raises(ValidationError, match="Only a cancelled"):
        cancelling.confirm_taken(project.salvage.get(), by=cast.alice)
    cancelling.cancel(project, by=cast.alice, reason="It went again")
    client.force_login(cast.alice)
    page = client.get(cast.url)
    assert "Pump" not in page.text
    assert "It went again" in page.text


def test_a_part_is_one_thing(cast):
    project = cancelled(cast)
    change = project.state_changes.get()
    for things in ({}, {"requirement": cast.unmet, "deliverable": cast.manual}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AcceptedPart.objects.create(project=project, cancellation=change, note="x", accepted_by=cast.sam, **things)


def test_a_cancelled_project_hands_over_what_exists(cast):
    verified = make_requirement(
        cast.project, title="Report a claim", state="verified", verified_at=timezone.now(),
        approved_by=cast.sam, approved_at=timezone.now(),
    )  # fmt: skip
    project = cancelled(cast)
    record = actions.start(project, by=cast.alice)
    make_ready(record, decision="known_gap")
    actions.submit(record, by=cast.alice)
    product = actions.accept(record, by=cast.dora)
    kept = set(product.requirements.values_list("title", "is_accepted"))
    assert kept == {(verified.title, True), (cast.unmet.title, False)}
