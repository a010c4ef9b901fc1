"""The pages of a handover, walked by both managers; who may not see or do what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from delivery.models import Product
from handover.transfer import actions
from tests import factories
from tests.handover.conftest import make_ready, meet_all


def page(project, name="record", *args, number=1):
    return reverse(f"handover:{name}", args=[project.code, number, *args])


def first_page(project):
    return reverse("handover:detail", args=[project.code])


def test_both_managers_walk_it(client, project):
    people = project.people
    client.force_login(people.alice)
    assert b"Open the handover" in client.get(first_page(project)).content
    client.post(first_page(project), {"kind": "software", "what": "final", "title": ""})
    record = project.handovers.get()
    items = page(project, "items")
    rows = [f"{item.pk}:{item.version}" for item in record.open_items.all()]
    data = {"row": rows, "decision": "carry", "control": "A deputy", "control_test_on": "2100-01-01"}
    assert client.post(items, data).status_code == 302
    assert not record.open_items.filter(decision="").exists()
    meet_all(record)
    assert client.post(page(project, "client-asking"), {"protocol": "Signed, folder 3"}).status_code == 302
    answer = client.post(page(project, "submission"))
    assert answer.status_code == 302
    record.refresh_from_db()
    assert record.state == "submitted"

    client.force_login(people.dora)
    assert "Begin the review" in client.get(first_page(project)).content.decode()
    client.post(page(project, "review"))
    assert client.get(page(project, "review")).status_code == 200
    answer = client.post(
        page(project, "acceptance"),
        {
            "condition-0-text": "Write the night roster",
            "condition-0-owner": people.alice.pk,
            "condition-0-due": "2100-02-01",
        },
    )
    product = Product.objects.get()
    assert answer.url == reverse("delivery:detail", args=[product.code])
    assert product.name in client.get(first_page(project)).content.decode()
    record.refresh_from_db()
    assert record.state == "conditions"
    story = client.get(reverse("handover:story", args=[project.code])).content.decode()
    assert "responsibility moved" in story
    assert "Report a claim" in story

    condition = page(project, "condition", record.conditions.get().pk)
    assert client.post(condition, {"evidence": "Not mine"}).status_code == 403
    client.force_login(people.alice)
    assert client.post(condition, {"evidence": "Roster of March"}).status_code == 302
    client.force_login(people.dora)
    assert client.post(condition, {"confirm": "1"}).status_code == 302
    assert record.conditions.get().confirmed_by == people.dora


def test_a_half_filled_condition_is_refused_and_kept(client, record):
    actions.submit(record, by=record.giver)
    client.force_login(record.receiver)
    answer = client.post(page(record.project, "acceptance"), {"condition-0-text": "Typed with care"})
    assert answer.status_code == 422
    assert "Typed with care" in answer.content.decode()
    record.refresh_from_db()
    assert record.state == "submitted"


def test_returning_line_by_line(client, record):
    actions.submit(record, by=record.giver)
    project, line = record.project, record.criteria.first()
    client.force_login(record.receiver)
    client.post(page(project, "remarks"), {"line": f"c-{line.pk}", "text": "Names a dead server"})
    client.post(page(project, "remarks"), {"line": "", "text": "Taken back"})
    client.post(page(project, "remarks"), {"take_back": record.remarks.get(text="Taken back").pk})
    assert client.post(page(project, "refusal"), {"return-reason": ""}).status_code == 302
    record.refresh_from_db()
    assert record.state == "returned"

    client.force_login(record.giver)
    text = client.get(first_page(project)).content.decode()
    assert "Names a dead server" in text
    remark = record.remarks.get()
    client.post(page(project, "remark-answer", remark.pk), {"answer": "Corrected"})
    client.post(page(project, "submission"))
    earlier = client.get(page(project, "round", 1)).content.decode()
    assert "Names a dead server" in earlier
    assert "Corrected" in earlier
    assert record.rounds.count() == 2


def test_a_refused_submission_says_what_is_missing(client, project):
    client.force_login(project.people.alice)
    client.post(first_page(project), {"kind": "software", "what": "final"})
    answer = client.post(page(project, "submission"))
    assert answer.status_code == 422
    assert "3 open items have no decision" in answer.content.decode()


def test_a_refused_decision_keeps_what_was_typed(client, record):
    client.force_login(record.giver)
    item = record.open_items.get(kind="risk")
    answer = client.post(
        page(record.project, "items"),
        {"row": f"{item.pk}:{item.version}", "decision": "known_gap", "reason": "Typed with care"},
    )
    assert answer.status_code == 422
    assert "Typed with care" in answer.content.decode()


def test_who_decides_second_is_told(client, record):
    client.force_login(record.giver)
    item = record.open_items.get(kind="issue")
    stale = f"{item.pk}:{item.version - 1}"
    answer = client.post(page(record.project, "items"), {"row": stale, "decision": "close", "reason": "x"})
    assert answer.status_code == 409
    item.refresh_from_db()
    assert item.decision == "carry"


def test_strangers_get_404_and_clients_403(client, record):
    people = record.project.people
    client.force_login(people.charlie)
    assert client.get(first_page(record.project)).status_code == 404
    client.force_login(people.cleo)
    assert client.get(first_page(record.project)).status_code == 403


def test_a_member_reads_and_may_not_decide(client, record):
    item = record.open_items.first()
    client.force_login(record.project.people.bob)
    assert client.get(first_page(record.project)).status_code == 200
    answer = client.post(page(record.project, "items"), {"row": f"{item.pk}:{item.version}", "decision": "close"})
    assert answer.status_code == 403


def test_the_giver_cannot_accept_for_the_receiver(client, record):
    actions.submit(record, by=record.giver)
    client.force_login(record.giver)
    assert client.post(page(record.project, "acceptance")).status_code == 403


def test_lines_of_another_handover_are_not_found(client, record):
    other = factories.make_project(by=record.giver)
    actions.start(other, by=record.giver)
    line = other.handovers.get().criteria.first()
    client.force_login(record.giver)
    assert client.post(page(record.project, "criterion", line.pk), {"do": "comment"}).status_code == 404


def test_two_people_editing_the_details_see_both_versions(client, record):
    client.force_login(record.giver)
    url = page(record.project, "details")
    fields = {
        "receiver": record.receiver.pk,
        "product_code": "NCP",
        "product_name": "Mine",
        "kind_of_product": "software",
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


def test_the_page_and_its_items_ask_as_often_for_300_as_for_3(client, project):
    record = actions.start(project, by=project.people.alice)
    make_ready(record)
    client.force_login(record.giver)

    def queries(name):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page(project, name)).status_code == 200
        return len(asked)

    names = ("record", "items", "criteria", "client")
    for name in names:
        queries(name)
    few = [queries(name) for name in names]
    project.issues.model.objects.bulk_create(
        project.issues.model(project=project, number=100 + n, title=f"Issue {n}") for n in range(297)
    )
    from handover.items import finding

    finding.refresh(record)
    assert record.open_items.count() == 300
    # One more: what has no decision yet is counted for the giver.
    assert [queries(name) for name in names] == few


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
