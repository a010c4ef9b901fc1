"""What stands on budget lines counts at the node of the work breakdown the line is for; the JSON says the same."""

import datetime
import json
from decimal import Decimal as D
from io import StringIO

import pytest
from django.core.management import call_command

from projects.budget import accruals, orders, verbs
from projects.earned_value.reading import cut_of, read_one
from tests.projects.earned_value.conftest import told_at

MONDAY = datetime.date(2026, 1, 12)
THEN = datetime.datetime(2026, 1, 12, 12, tzinfo=datetime.UTC)


@pytest.fixture
def booked(project, people, frozen):
    """100 on A, 40 on its summary, 7 on no task; 30 received for A and not invoiced; an hour without a rate on C."""
    with told_at(THEN):
        lines = {
            name: verbs.plan_line(
                project, by=people.alice, name=name or "Loose", category="services", planned=D(500),
                task=frozen[name] if name else None,
            )
            for name in ("A", "Build", "")
        }  # fmt: skip
        for name, amount in (("A", 100), ("Build", 40), ("", 7)):
            verbs.book_expense(
                project, by=people.alice, line=lines[name], amount=D(amount), description="x", spent_on=MONDAY
            )
        order = orders.place_order(
            project, by=people.alice, line=lines["A"], supplier="S", description="x", amount=D(80), ordered_on=MONDAY
        )
        accruals.record_receipt(order, by=people.alice, amount=D(30), accrued_on=MONDAY)
    return lines


def test_expenses_and_accruals_stand_on_their_lines_task(project, booked):
    reading = read_one(project, MONDAY)
    assert {leaf.name: leaf.ac for leaf in reading.leaves} == {"A": 130, "B": 0, "C": 0}
    assert {node.name: node.ac for node in reading.nodes} == {"Build": 40}
    assert {item.name: value.ac for item, _depth, value in reading.breakdown} == {
        "Build": 170,
        "A": 130,
        "B": 0,
        "C": 0,
    }
    assert (reading.expenses, reading.accrued, reading.on_no_task, reading.total.ac) == (147, 30, 7, 177)


def test_every_cent_is_in_the_sum_once(project, people, booked):
    """Top rows of the breakdown and what is on no task add up to the project, also once a line loses its task."""
    for _turn in range(2):
        reading = read_one(project, MONDAY)
        roots = sum((value.ac for item, depth, value in reading.breakdown if depth == 0), D(0))
        assert roots + reading.on_no_task == reading.total.ac == reading.expenses + reading.accrued
        verbs.change_line(booked["A"], by=people.alice, task=None)


def test_a_past_day_has_the_line_where_it_was(project, people, booked):
    with told_at(THEN + datetime.timedelta(days=5)):
        verbs.change_line(booked["A"], by=people.alice, task=None)
    assert read_one(project).total.ac == 177
    assert read_one(project).on_no_task == 137
    past = read_one(project, MONDAY)
    assert past.cut.known is not None
    assert past.on_no_task == 7
    assert {leaf.name: leaf.ac for leaf in past.leaves}["A"] == 130


def test_the_json_keeps_its_contract(project, booked):
    out = StringIO()
    call_command("evm", project.code, "--as-of", MONDAY.isoformat(), "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert set(answer) == {
        "project", "currency", "as_of", "known", "baseline", "basis", "not_available", "baseline_start",
        "baseline_finish", "forecast_finish", "expenses", "accrued", "time_on_no_task_of_the_baseline",
        "expenses_and_accruals_on_no_task_of_the_baseline", "minutes_without_a_rate", "inputs", "results", "reasons",
        "tasks", "summaries",
    }  # fmt: skip
    assert set(answer["inputs"]) == {"PV", "EV", "AC", "BAC"}
    assert {"CV", "SV", "CPI", "SPI", "ES", "SV_t", "SPI_t", "IEAC_t"} <= set(answer["results"])
    assert (answer["expenses"], answer["accrued"], answer["inputs"]["AC"]) == (147, 30, 177)
    assert answer["expenses_and_accruals_on_no_task_of_the_baseline"] == 7
    assert answer["summaries"] == [{"uid": 1, "wbs": "1", "name": "Build", "AC": 40}]
    for name, places in (("BAC", 10500), ("AC", 130)):
        assert sum(task[name] for task in answer["tasks"]) == places
    # Its parts are its whole.
    in_tasks = sum(task["AC"] for task in answer["tasks"] + answer["summaries"])
    loose = answer["time_on_no_task_of_the_baseline"] + answer["expenses_and_accruals_on_no_task_of_the_baseline"]
    assert in_tasks + loose == answer["inputs"]["AC"]


def test_the_curve_ends_where_the_page_stands(project, booked):
    from projects.earned_value.curve import curve

    reading = read_one(project, MONDAY)
    found = curve(reading)
    assert found.actual[-1] == float(reading.total.ac) == 177
    day = found.days[len(found.actual) - 1]
    assert day == cut_of(project, MONDAY).day
