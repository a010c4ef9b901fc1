"""The budget by work breakdown and over months: what must hold, the pages, and how many queries they take."""

import datetime
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.budget import verbs
from projects.budget.engine import Amounts
from projects.budget.ledger import by_work, ledger
from projects.budget.models import BudgetMonth
from projects.budget.phasing import phased
from tests.factories import make_cast, make_project

pytestmark = pytest.mark.django_db
JAN, FEB, MAR = (datetime.date(2026, month, 1) for month in (1, 2, 3))


@pytest.fixture
def project(db):
    return make_project(
        approved_budget=D(1000), target_start=JAN, target_finish=datetime.date(2026, 2, 28), time_zone="Europe/Berlin"
    )


@pytest.fixture
def people(project):
    return make_cast(project)


def plan(project, people, planned, **fields):
    values = {"name": "Line", "category": "services", **fields}
    return verbs.plan_line(project, by=people.alice, planned=D(planned), **values)


def task(project, uid, parent=None, **fields):
    return project.tasks.create(uid=uid, number=uid, name=f"Task {uid}", parent=parent, **fields)


def url(project, name="budget", *args):
    return reverse(f"projects:{name}", args=[project.code, *args])


def check_now():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def at_commit(write):
    """What the end of a transaction says to it."""
    with transaction.atomic():
        write()
        check_now()


# What must hold


def test_typed_months_that_do_not_sum_are_refused(project, people):
    with pytest.raises(ValidationError, match=r"sum to 90\.00, the line plans 100\.00: 10\.00 are missing"):
        plan(project, people, 100, spread="months", months={JAN: D(90)})
    assert not project.budget_lines.exists()


@pytest.mark.parametrize("typed", [{"amount": D("10.01")}, {"month": datetime.date(2026, 1, 2)}, {"amount": D(-1)}])
def test_the_database_holds_the_sum_by_itself(project, people, typed):
    plan(project, people, 10, spread="months", months={JAN: D(10)})
    for write in (
        lambda: BudgetMonth.objects.update(**typed),
        lambda: BudgetMonth.objects.all().delete(),
        lambda: project.budget_lines.update(planned=D(11)),
        lambda: project.budget_lines.update(spread="project"),
    ):
        with pytest.raises(IntegrityError):
            at_commit(write)


def test_a_period_is_whole_or_not_there(project, people):
    line = plan(project, people, 10)
    for fields in (
        {"spread": "period"},
        {"spread": "period", "period_start": FEB, "period_finish": JAN},
        {"period_start": JAN},
        {"spread": "never"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            verbs.change_line(line, by=people.alice, **fields)
        line.refresh_from_db()


def test_months_keep_their_shape_when_only_the_plan_changes(project, people):
    line = plan(project, people, 100, spread="months", months={JAN: D(25), MAR: D(75)})
    verbs.change_line(line, by=people.alice, planned=D("33.33"))
    check_now()
    assert phased(project).lines[0].months == {JAN: D("8.33"), MAR: D("25.00")}
    verbs.change_line(line, by=people.alice, spread="project")
    check_now()
    assert not line.months.exists()


def test_removing_a_line_takes_its_months(project, people):
    line = plan(project, people, 100, spread="months", months={JAN: D(100)})
    verbs.remove_line(line, by=people.alice)
    check_now()
    assert not BudgetMonth.objects.exists()


def test_a_line_goes_over_its_project_task_or_period(project, people):
    zone_edge = datetime.datetime(2026, 2, 28, 23, 30, tzinfo=datetime.UTC)  # 1 March in Berlin
    leaf = task(project, 1, start=zone_edge, finish=zone_edge)
    undated = task(project, 2)
    plan(project, people, 59)
    plan(project, people, 10, spread="task", task=leaf)
    plan(project, people, 59, spread="task", task=undated)
    plan(project, people, 7, spread="period", period_start=MAR, period_finish=MAR)
    phasing = phased(project)
    assert [line.months for line in phasing.lines] == [
        {JAN: 31, FEB: 28}, {MAR: 10}, {JAN: 31, FEB: 28}, {MAR: 7}
    ]  # fmt: skip
    assert [line.falls_back for line in phasing.lines] == [False, False, True, False]
    assert phasing.months == [JAN, FEB, MAR]
    assert (phasing.sums, phasing.running, phasing.total) == ([62, 56, 17], [62, 118, 135], 135)


def test_both_ways_of_summing_agree(project, people):
    top = task(project, 1, is_summary=True)
    leaf = task(project, 2, parent=top)
    task(project, 3)  # carries no line: not shown
    first = plan(project, people, "10.01", task=leaf)
    second = plan(project, people, "20.02", task=top, category="labour")
    third = plan(project, people, "30.03")
    verbs.book_expense(project, by=people.alice, line=first, amount=D("1.11"), description="x", spent_on=JAN)
    money = ledger(project)
    work = by_work(project, money)
    assert [(node.task.uid, node.level, node.amounts.planned) for node in work.nodes] == [
        (1, 1, D("30.03")),
        (2, 2, D("10.01")),
    ]
    assert [[row.line for row in node.rows] for node in work.nodes] == [[second], [first]]
    assert [row.line for row in work.loose] == [third]
    roots = sum((node.amounts for node in work.nodes if node.level == 1), Amounts())
    assert roots + work.loose_amounts == money.total == sum((g.amounts for g in money.categories), Amounts())
    assert roots.expenses == D("1.11")


def test_a_removed_task_leaves_its_lines(project, people):
    leaf = task(project, 1)
    line = plan(project, people, 59, task=leaf, spread="task")
    leaf.delete()
    line.refresh_from_db()
    assert (line.task, phased(project).lines[0].falls_back, phased(project).total) == (None, True, 59)


def test_a_task_of_another_project_is_refused(project, people):
    foreign = task(make_project(), 1)
    with pytest.raises(ValueError, match="another project"):
        plan(project, people, 1, task=foreign)


# Pages


def test_the_pages_show_the_tree_and_the_months(client, project, people):
    top = task(project, 1, is_summary=True, wbs="1")
    leaf = task(project, 2, parent=top, wbs="1.1")
    plan(
        project, people, "1234.50", task=leaf, name="Cables", spread="months", months={JAN: D("1000"), MAR: D("234.50")}
    )
    client.force_login(people.sam)
    page = client.get(url(project) + "?by=work").content.decode()
    assert page.index("Task 1") < page.index("Task 2") < page.index("Cables")
    page = client.get(url(project, "budget-phasing")).content.decode()
    for text in ("Jan 2026", "Feb 2026", "Mar 2026", "1,000.00", "234.50", "1,234.50"):
        assert text in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"spread": "months", "months": "2026-01 10"}, "90.00 are missing"),
        ({"spread": "months", "months": "2026-01 110.5"}, "10.50 too much"),
        ({"spread": "months", "months": ""}, "Type a line for each month"),
        ({"spread": "months", "months": "March 10"}, "starts with no month"),
        ({"spread": "months", "months": "2026-13 100"}, "starts with no month"),
        ({"spread": "months", "months": "2026-01 ten"}, "has no amount"),
        ({"spread": "months", "months": "2026-01 1.005"}, "has no amount"),
        ({"spread": "months", "months": "2026-01 50\n2026-1 50"}, "there already"),
        ({"spread": "period"}, "a first and a last day"),
        ({"spread": "period", "period_start": "2026-02-01", "period_finish": "2026-01-01"}, "comes before"),
        ({"spread": "task"}, "Choose the task"),
    ],
)
def test_wrong_phasing_is_refused_with_what_was_typed(client, project, people, typed, words):
    client.force_login(people.alice)
    values = {"name": "Kept name", "category": "other", "planned": "100", "remaining": "", **typed}
    response = client.post(url(project, "budget-line-new"), values)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert "Kept name" in page
    assert typed.get("months", "") in page
    assert not project.budget_lines.exists()


def test_months_are_typed_and_found_again(client, project, people):
    client.force_login(people.alice)
    values = {"name": "Cables", "category": "other", "planned": "1100", "spread": "months"}
    typed = {"months": "2026-01 1,000.00\n\n2026-03: 100"}
    assert client.post(url(project, "budget-line-new"), {**values, **typed}).status_code == 302
    line = project.budget_lines.get()
    page = client.get(url(project, "budget-line", line.number)).content.decode()
    assert "2026-01 1,000.00\n2026-03 100.00" in page
    response = client.post(url(project, "budget-line", line.number), {**values, **typed, "planned": "1", "version": 1})
    assert response.status_code == 422
    line.refresh_from_db()
    assert (line.planned, line.version) == (1100, 1)


def test_cost_is_shown_to_nobody_else(client, project, people):
    for name, status in (("bob", 403), ("dora", 403), ("cleo", 403), ("charlie", 404), ("stella", 200)):
        client.force_login(getattr(people, name))
        assert client.get(url(project, "budget-phasing")).status_code == status, name


@pytest.mark.parametrize("page", ["budget", "budget-phasing"])
def test_queries_stay_the_same_from_3_to_300_lines(client, project, people, page):
    client.force_login(people.alice)

    def grow(count):
        before = project.tasks.count()
        for n in range(before + 1, before + count + 1):
            plan(project, people, 1, task=task(project, n), spread="months", months={JAN: D(1)})

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(project, page) + "?by=work").status_code == 200
        return len(captured)

    grow(3)
    few = queries()
    grow(297)
    assert queries() == few <= 30
