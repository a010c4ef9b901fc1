"""What came as a document or an order is a runbook or a contract of the product from the first day."""

import csv
import datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from delivery.models import Agreement, Runbook
from handover.arrivals import verbs
from handover.arrivals.steps import steps_of
from handover.models import Arrival
from handover.pack.collecting import collect
from handover.transfer import actions
from tests.handover.conftest import make_ready

NOTE = "Before you begin, call the desk.\n1. Stop the queue\nWait for it to drain.\n2) Restore\n- Start the queue"


@pytest.fixture
def record(project):
    line = project.budget_lines.create(name="Services", category="services", planned=10, remaining=10)
    project.orders.create(
        line=line, supplier="Northern Lights", description="Lamps", amount=5, placed_by=project.people.alice,
        ordered_on=datetime.date(2026, 5, 4),
    )  # fmt: skip
    record = actions.start(project, by=project.people.alice)
    for kind, title, note in (("runbook", "Restore", NOTE), ("runbook", "Alerts", ""), ("manual", "For users", "x")):
        record.materials.create(
            project=project, kind=kind, title=title, note=note, link="https://wiki.example/a", added_by=record.giver
        )
    make_ready(record)
    return record


def accept(record):
    actions.submit(record, by=record.giver)
    product = actions.accept(record, by=record.receiver)
    record.refresh_from_db()
    return product


@pytest.mark.parametrize(
    ("note", "steps"),
    [
        ("1. One\n2. Two", [("One", ""), ("Two", "")]),
        ("Read this.\n- One\n  more\n* Two", [("One", "more"), ("Two", "")]),
        ("1. One alone", []),
        ("In 2026 it was 1.5 times\nas much", []),
        ("", []),
    ],
)
def test_marked_lines_of_a_note_are_steps(note, steps):
    assert steps_of(note) == steps


def test_a_long_line_is_cut_at_a_word_and_kept_whole():
    line = "word " * 60
    (title, text), _second = steps_of(f"1. {line}\n2. x")
    assert len(title) <= 200
    assert title.endswith("word…")
    assert text == line.strip()


def test_runbooks_come_with_their_steps_and_where_the_document_is(record):
    product = accept(record)
    restore = product.runbooks.get(title="Restore")
    steps = [(step.title, step.instruction) for step in restore.latest.steps.all()]
    assert [title for title, _text in steps] == ["Stop the queue", "Restore", "Start the queue"]
    assert steps[0][1] == "Wait for it to drain.\n\n<https://wiki.example/a>"
    assert restore.owner == record.receiver
    alerts = product.runbooks.get(title="Alerts")
    assert [step.instruction for step in alerts.latest.steps.all()] == ["<https://wiki.example/a>"]
    assert not product.runbooks.filter(title="For users").exists()


def test_an_order_taken_over_is_a_contract(record):
    product = accept(record)
    row = product.agreements.get()
    assert (row.party, row.title, row.owner) == ("Northern Lights", "Lamps", record.receiver)
    assert (row.value, row.currency, row.starts_on) == (
        Decimal("5.00"), record.project.currency, datetime.date(2026, 5, 4),
    )  # fmt: skip
    assert row.arrival.contract.order == record.project.orders.get()


def test_nothing_arrives_twice(record):
    accept(record)
    verbs.arrive(record, by=record.receiver, at=timezone.now())
    assert (Runbook.objects.count(), Agreement.objects.count(), Arrival.objects.count()) == (2, 1, 3)


def test_a_title_that_the_product_has_gets_the_number_of_the_handover(record):
    product = accept(record)
    assert verbs._free("Restore", record.ref, {"Restore"}) == f"Restore ({record.ref})"
    assert verbs._free("Restore", record.ref, {"Restore", f"Restore ({record.ref})"}) == f"Restore ({record.ref}, 2)"
    taken = {"x" * 200}
    assert len(verbs._free("x" * 200, record.ref, taken)) == 200
    assert product.runbooks.count() == 2


def test_each_says_where_it_came_from(record, client):
    product = accept(record)
    client.force_login(record.receiver)
    page = client.get(reverse("delivery:runbook-detail", args=[product.code, product.runbooks.get(title="Alerts").pk]))
    assert reverse("handover:knowledge", args=[record.project.code, record.number]) in page.content.decode()
    page = client.get(reverse("delivery:agreement-detail", args=[product.code, product.agreements.get().pk]))
    assert f"{record.project.code} {record.project.orders.get().ref}" in page.content.decode()
    page = client.get(product.get_absolute_url())
    assert (
        reverse("delivery:agreement-detail", args=[product.code, product.agreements.get().pk]) in page.content.decode()
    )


def test_the_pack_tells_each_document_once(record):
    accept(record)
    rows = list(csv.reader(collect(record).files["runbooks.csv"].decode("utf-8-sig").splitlines()))
    assert [row[1] for row in rows[1:]] == ["Alerts", "Restore"]


def test_the_queries_of_an_acceptance_do_not_grow_with_documents(project, django_assert_max_num_queries):
    record = actions.start(project, by=project.people.alice)
    for number in range(40):
        record.materials.create(project=project, title=f"Book {number}", note="1. a\n2. b", added_by=record.giver)
    make_ready(record)
    accept(record)
    Arrival.objects.all().delete()
    with django_assert_max_num_queries(14):
        verbs.arrive(record, by=record.receiver, at=timezone.now())
