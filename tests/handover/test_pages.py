"""The pages of a handover, walked by both managers; who may not see or do what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from delivery.models import Product
from handover.transfer import actions
from tests import factories


def page(project, name="detail", *args):
    return reverse(f"handover:{name}", args=[project.code, *args])


def test_both_managers_walk_it(client, project):
    people = project.people
    client.force_login(people.alice)
    assert b"Open the handover" in client.get(page(project)).content
    client.post(page(project))
    record = project.handovers.get()
    for line in record.checklist.all():
        client.post(page(project, "checklist-line", line.pk), {f"line-{line.pk}-evidence": "Folder 3"})
    for item in record.open_items.all():
        client.post(page(project, "open-item", item.pk), {f"item-{item.pk}-decision": "carry"})
    answer = client.post(page(project, "submission"))
    assert answer.status_code == 302
    record.refresh_from_db()
    assert record.state == "submitted"

    client.force_login(people.dora)
    answer = client.post(page(project, "acceptance"))
    product = Product.objects.get()
    assert answer.url == reverse("delivery:detail", args=[product.code])
    assert product.name in client.get(page(project)).content.decode()
    story = client.get(page(project, "story")).content.decode()
    assert "responsibility moved" in story
    assert "Report a claim" in story


def test_a_refused_submission_says_what_is_missing(client, project):
    client.force_login(project.people.alice)
    client.post(page(project))
    answer = client.post(page(project, "submission"))
    assert answer.status_code == 422
    assert "3 open items have no decision" in answer.content.decode()


def test_a_refused_decision_keeps_what_was_typed(client, record):
    project = record.project
    client.force_login(record.giver)
    item = record.open_items.exclude(risk=None).get()
    answer = client.post(
        page(project, "open-item", item.pk),
        {f"item-{item.pk}-decision": "known_gap", f"item-{item.pk}-reason": "Typed with care"},
    )
    assert answer.status_code == 422
    assert "Typed with care" in answer.content.decode()


def test_htmx_gets_the_record_alone(client, record):
    client.force_login(record.giver)
    line = record.checklist.first()
    answer = client.post(page(record.project, "checklist-line", line.pk), {"undo": "1"}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.lstrip().startswith('<div id="record"')
    line.refresh_from_db()
    assert line.done_at is None


def test_strangers_get_404_and_clients_403(client, record):
    people = record.project.people
    client.force_login(people.charlie)
    assert client.get(page(record.project)).status_code == 404
    client.force_login(people.cleo)
    assert client.get(page(record.project)).status_code == 403


def test_a_member_reads_and_may_not_decide(client, record):
    item = record.open_items.first()
    client.force_login(record.project.people.bob)
    assert client.get(page(record.project)).status_code == 200
    answer = client.post(page(record.project, "open-item", item.pk), {f"item-{item.pk}-decision": "close"})
    assert answer.status_code == 403


def test_the_giver_cannot_accept_for_the_receiver(client, record):
    actions.submit(record, by=record.giver)
    client.force_login(record.giver)
    assert client.post(page(record.project, "acceptance")).status_code == 403


def test_lines_of_another_handover_are_not_found(client, record):
    other = factories.make_project(by=record.giver)
    actions.start(other, by=record.giver)
    line = other.handovers.get().checklist.first()
    client.force_login(record.giver)
    assert client.post(page(record.project, "checklist-line", line.pk), {"undo": "1"}).status_code == 404


def test_two_people_editing_the_details_see_both_versions(client, record):
    client.force_login(record.giver)
    url = page(record.project, "details")
    fields = {
        "receiver": record.receiver.pk,
        "product_code": "NCP",
        "product_name": "Mine",
        "scope": "x",
        "version": record.version,
    }
    record.product_name = "Theirs"
    record.save_changes(["product_name"])
    answer = client.post(url, fields)
    assert answer.status_code == 409
    assert "Theirs" in answer.content.decode()
    assert "Mine" in answer.content.decode()
    record.refresh_from_db()
    assert record.product_name == "Theirs"


@pytest.mark.django_db
def test_the_list_asks_as_often_for_30_as_for_3(client):
    def fill(count):
        for _n in range(count):
            project = factories.make_project()
            factories.join(project, factories.make_user("Dora"), "delivery_manager")
            actions.start(project, by=project.manager)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("handover:list")).status_code == 200
        return len(asked)

    client.force_login(factories.make_user("Pia", site_role="pmo"))
    fill(3)
    queries()
    few = queries()
    fill(27)
    assert queries() == few
