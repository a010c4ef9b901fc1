"""Deliverables and the deliveries that bundle them."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from pmdm.registers.editing import FIRST
from projects.scope.deliverables.models import Deliverable, Delivery
from tests.factories import make_cast, make_project, make_requirement

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    project = make_project()
    people = make_cast(project)
    people.project = project
    people.url = project.get_absolute_url() + "deliverables/"
    return people


def make(cast, **fields):
    return cast.project.deliverables.create(**{"title": "Manual"} | fields)


def test_alice_plans_one_with_its_requirements_and_task(client, cast):
    requirement = make_requirement(cast.project, title="Export")
    task = cast.project.tasks.create(uid=1, number=1, name="Write it")
    client.force_login(cast.alice)
    answer = client.post(
        cast.url + "new/",
        {"title": "Manual", "owner": cast.bob.pk, "due": "2026-06-01", "task": task.pk, "requirements": requirement.pk},
    )
    row = cast.project.deliverables.get()
    assert answer.url == f"{cast.url}{row.number}/"
    assert (row.ref, row.owner, row.task, row.state) == ("D-1", cast.bob, task, "planned")
    page = client.get(answer.url).text
    assert "Export" in page
    assert "Write it" in page
    data = {"title": "Manual", "version": row.version, "requirements": []}
    assert client.post(answer.url + "edit/", data).status_code == 302
    assert not row.trace_links.exists()


def test_submitted_with_its_file_and_accepted_by_the_client(client, cast):
    row = make(cast)
    url = f"{cast.url}{row.number}/"
    client.force_login(cast.alice)
    file = SimpleUploadedFile("manual.pdf", b"%PDF-1.7")
    assert client.post(url + "submission/", {"file": file}).status_code == 302
    client.force_login(cast.cleo)
    assert "manual.pdf" in client.get(url).text
    assert client.post(url + "decision/", {"decision": "accept"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.submitted_by, row.decided_by) == ("accepted", cast.alice, cast.cleo)
    assert row.decided_at >= row.submitted_at


def test_a_rejection_says_why_and_it_may_be_submitted_again(client, cast):
    row = make(cast)
    row.submit(by=cast.alice)
    url = f"{cast.url}{row.number}/"
    client.force_login(cast.sam)
    answer = client.post(url + "decision/", {"decision": "reject", "reason": ""})
    assert answer.status_code == 422
    assert "Say what is missing" in answer.text
    client.post(url + "decision/", {"decision": "reject", "reason": "No chapter on backup"})
    row.refresh_from_db()
    assert (row.state, row.reason) == ("rejected", "No chapter on backup")
    row.submit(by=cast.alice)
    assert (row.state, row.reason, row.decided_by) == ("submitted", "", None)


def test_the_second_decision_sees_somebody_was_first(cast):
    row = make(cast)
    row.submit(by=cast.alice)
    mine, theirs = (Deliverable.objects.get(pk=row.pk) for _ in range(2))
    theirs.decide(accept=True, by=cast.cleo)
    with pytest.raises(ValidationError, match="is accepted by now") as caught:
        mine.decide(accept=False, by=cast.sam, reason="No")
    assert caught.value.code == FIRST


def test_a_delivery_pushes_its_state(client, cast):
    rows = [make(cast, title="Manual"), make(cast, title="System")]
    client.force_login(cast.alice)
    answer = client.post(
        cast.project.get_absolute_url() + "deliveries/new/",
        {"title": "First", "deliverables": [row.pk for row in rows]},
    )
    delivery = cast.project.deliveries.get()
    assert set(delivery.deliverables.all()) == set(rows)
    with pytest.raises(ValidationError, match="part of DEL-1"):
        rows[0].submit(by=cast.alice)

    def states():
        return set(cast.project.deliverables.values_list("state", "submitted_by", "decided_by", "reason"))

    assert client.post(answer.url + "submission/").status_code == 302
    assert states() == {("submitted", cast.alice.pk, None, "")}
    client.force_login(cast.cleo)
    client.post(answer.url + "decision/", {"decision": "reject", "reason": "Late"})
    assert states() == {("rejected", cast.alice.pk, cast.cleo.pk, "Late")}
    again = Delivery.bundle(cast.project, rows, title="Second", by=cast.alice)
    again.submit(by=cast.alice)
    again.decide(accept=True, by=cast.sam)
    assert states() == {("accepted", cast.alice.pk, cast.sam.pk, "")}


def test_what_is_in_a_delivery_does_not_go_into_another(cast):
    row = make(cast)
    Delivery.bundle(cast.project, [row], title="First", by=cast.alice)
    with pytest.raises(ValidationError, match="part of another delivery"):
        Delivery.bundle(cast.project, [row], title="Second", by=cast.alice)
    with pytest.raises(ValidationError, match="at least one"):
        Delivery.bundle(cast.project, [], title="Empty", by=cast.alice)
    theirs = make_project().deliverables.create(title="Theirs")
    with pytest.raises(ValidationError, match="at least one"):
        Delivery.bundle(cast.project, [theirs], title="Foreign", by=cast.alice)


@pytest.mark.parametrize("values", [{"state": "accepted"}, {"state": "submitted"}, {"state": "rejected"}])
def test_the_database_refuses_a_state_without_who_and_when(cast, values):
    row = make(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deliverable.objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize(
    ("name", "submits", "decides"),
    [("alice", True, False), ("sam", False, True), ("cleo", False, True), ("bob", False, False)],
)
def test_who_submits_and_who_decides(client, cast, name, submits, decides):
    row = make(cast)
    url = f"{cast.url}{row.number}/"
    client.force_login(getattr(cast, name))
    assert client.get(url).status_code == client.get(cast.url).status_code == 200
    assert (client.post(url + "submission/").status_code == 302) == submits
    Deliverable.objects.filter(pk=row.pk, state="planned").update(
        state="submitted", submitted_by=cast.alice, submitted_at=row.created_at
    )
    assert (client.post(url + "decision/", {"decision": "accept"}).status_code == 302) == decides
    client.force_login(cast.charlie)
    assert client.get(url).status_code == 404


def test_as_many_queries_for_300_rows_as_for_3(client, cast):
    client.force_login(cast.alice)

    def queries():
        client.get(cast.url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(cast.url).status_code == 200
        return len(captured)

    for number in range(3):
        make(cast, owner=cast.bob, number=number)
    few = queries()
    Deliverable.objects.bulk_create(
        Deliverable(project=cast.project, number=number, title="More", owner=cast.bob) for number in range(3, 300)
    )
    assert queries() == few
