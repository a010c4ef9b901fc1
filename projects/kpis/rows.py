"""The rows behind each figure of a project."""

import datetime as dt
from decimal import Decimal

from django.db.models import Case, F, Sum, When
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.kpis.tables import Cell, Table
from pmdm.ui import format as fmt
from projects.budget.ledger import open_orders
from projects.budget.owed import accruals_left, accrued_by_line
from projects.models import Accrual, BudgetLine, Expense, Risk, ScopeBaselineItem, Task, TimeEntry

LIMIT = Table.LIMIT


def link(name, *args) -> str:
    """The page, or '' while its story is not installed."""
    try:
        return reverse(f"projects:{name}", args=args)
    except NoReverseMatch:
        return ""


def _tasks(project):
    return Task.objects.filter(project=project, is_summary=False, is_active=True)


def _light(task, now) -> str:
    if task.percent == 100:
        return "ok"
    return "act" if task.baseline_finish and task.baseline_finish <= now else "na"


def due_tasks(project, inputs) -> Table:
    """Tasks of the active baseline that were due: the undone ones first."""
    baseline = project.baselines.filter(is_active=True).first()
    status_date = inputs.get("status_date")
    due = _tasks(project).none()
    if baseline and status_date:
        due = _tasks(project).filter(baseline_rows__baseline=baseline, baseline_rows__finish__date__lte=status_date)
    tasks = due.annotate(baseline_finish=F("baseline_rows__finish")).order_by("percent", "baseline_finish", "number")
    url = link("schedule", project.code)
    return Table(
        title=_("Tasks due by %(day)s") % {"day": fmt.day(status_date and dt.date.fromisoformat(status_date))},
        columns=[_("Task"), _("Baseline finish"), _("Finish"), _("Done")],
        numbers=frozenset({3}),
        rows=[
            [
                Cell(str(task), url=f"{url}#task-{task.uid}" if url else "", light="ok" if task.is_done else "act"),
                Cell(fmt.day(task.baseline_finish)),
                Cell(fmt.day(task.actual_finish or task.finish)),
                Cell(fmt.percent(task.percent), number=True),
            ]
            for task in tasks[:LIMIT]
        ],
        total=due.count(),
        more_url=url,
        empty=_("No task was due."),
    )


def driving_tasks(project, inputs) -> Table:
    """Unfinished tasks, those that end last first; done ones once nothing is open."""
    tasks = _tasks(project)
    if tasks.exclude(percent=100).exists():
        tasks = tasks.exclude(percent=100)
    url = link("schedule", project.code)
    return Table(
        title=_("Tasks that decide the finish"),
        columns=[_("Task"), _("Start"), _("Finish"), _("Total float"), _("Done")],
        numbers=frozenset({3, 4}),
        rows=[
            [
                Cell(
                    str(task),
                    url=f"{url}#task-{task.uid}" if url else "",
                    sub=_("Critical") if task.is_critical else "",
                ),
                Cell(fmt.day(task.actual_start or task.start)),
                Cell(fmt.day(task.actual_finish or task.finish)),
                Cell(fmt.minutes(task.total_float, project.minutes_per_day), number=True),
                Cell(fmt.percent(task.percent), number=True),
            ]
            for task in tasks.order_by(F("finish").desc(nulls_last=True), "-number")[:LIMIT]
        ],
        total=tasks.count(),
        more_url=url,
        empty=_("The plan has no task yet."),
    )


def budget_lines(project, inputs) -> Table:
    """Budget lines with what was booked on them and what is still to come."""
    spent: dict[int | None, Decimal] = {
        row["line"]: row["amount"]
        for row in Expense.objects.filter(project=project).values("line").annotate(amount=Sum("amount"))
    }
    for row in TimeEntry.objects.filter(project=project).values("line").annotate(amount=Sum("cost")):
        spent[row["line"]] = spent.get(row["line"], Decimal(0)) + (row["amount"] or 0)
    for row_line, owed in accrued_by_line([project.pk], timezone.localdate()).items():
        spent[row_line] = spent.get(row_line, Decimal(0)) + owed
    committed = dict(open_orders().filter(project=project).order_by().values_list("line").annotate(Sum("open")))
    lines = list(BudgetLine.objects.filter(project=project))
    finished = not _tasks(project).exclude(percent=100).exists() and _tasks(project).exists()
    url = link("budget", project.code)
    money = project.currency
    table = []
    for line in lines[:LIMIT]:
        actual = spent.get(line.pk, Decimal(0))
        rest = Decimal(0) if finished else max(line.planned - actual, Decimal(0))
        said = line.remaining if line.remaining is not None else rest
        to_come = max(said, committed.get(line.pk, Decimal(0)))
        table.append(
            [
                Cell(str(line), url=url),
                Cell(fmt.money(line.planned, money), number=True),
                Cell(fmt.money(actual, money), number=True),
                Cell(
                    fmt.money(to_come, money),
                    number=True,
                    sub=_("ordered")
                    if to_come > said
                    else _("stated")
                    if line.remaining is not None
                    else _("rest of the plan"),
                ),
                Cell(fmt.money(actual + to_come, money), number=True),
            ]
        )
    if spent.get(None):
        amount = fmt.money(spent[None], money)
        table.append(
            [Cell(_("Time booked on no line")), Cell(fmt.DASH, number=True), Cell(amount, number=True),
             Cell(fmt.DASH, number=True), Cell(amount, number=True)]
        )  # fmt: skip
    return Table(
        title=_("Budget lines"),
        columns=[_("Line"), _("Planned"), _("Actual"), _("Still to come"), _("At completion")],
        numbers=frozenset({1, 2, 3, 4}),
        rows=table,
        total=max(len(lines), len(table)),
        more_url=url,
        empty=_("The budget has no line yet."),
    )


def costs(project, inputs) -> Table:
    """Expenses, booked time and what is received and not invoiced, the latest first."""
    expenses = Expense.objects.filter(project=project).select_related("line", "booked_by")
    entries = TimeEntry.objects.filter(project=project).select_related("task", "user")
    budget, times = link("budget", project.code), link("time-list", project.code)
    table = [
        (
            item.spent_on,
            [
                Cell(str(item), url=budget, sub=item.line.name),
                Cell(fmt.day(item.spent_on)),
                Cell(item.booked_by.name),
                Cell(fmt.money(item.amount, project.currency, 2), number=True),
            ],
        )
        for item in expenses.order_by("-spent_on", "-number")[:LIMIT]
    ] + [
        (
            item.day,
            [
                Cell(item.note or (item.task.name if item.task else _("Time")), url=times, sub=_("Time")),
                Cell(fmt.day(item.day)),
                Cell(item.user.name, sub=fmt.minutes(item.minutes)),
                Cell(_("no rate") if item.cost is None else fmt.money(item.cost, project.currency, 2), number=True),
            ],
        )
        for item in entries.order_by("-day", "-pk")[:LIMIT]
    ]
    left = {pk: amount for pk, amount in accruals_left([project.pk], timezone.localdate()).items() if amount}
    table += [
        (
            item.accrued_on,
            [
                Cell(item.description, url=link("accrual-list", project.code), sub=_("Received, not invoiced")),
                Cell(fmt.day(item.accrued_on)),
                Cell(item.booked_by.name),
                Cell(fmt.money(left[item.pk], project.currency, 2), number=True),
            ],
        )
        for item in Accrual.objects.filter(pk__in=left).select_related("booked_by")[:LIMIT]
    ]
    table.sort(key=lambda row: row[0], reverse=True)
    return Table(
        title=_("Expenses, booked time and accruals"),
        columns=[_("What"), _("Date"), _("Who"), _("Cost")],
        numbers=frozenset({3}),
        rows=[row for _day, row in table[:LIMIT]],
        total=expenses.count() + entries.count() + len(left),
        more_url=budget,
        empty=_("No cost has been booked."),
    )


def scope_items(project, inputs) -> Table:
    """The requirements of the active scope baseline: those not verified first, then those added since."""
    baseline = project.scope_baselines.filter(is_active=True).first()
    items = baseline.items.select_related("requirement") if baseline else ScopeBaselineItem.objects.none()
    added = project.requirements.after_baseline() if baseline else project.requirements.none()
    verified_last = Case(When(requirement__state="verified", then=1), default=0)
    ordered = items.order_by(verified_last, "requirement__number")
    table = [_requirement(project, item.requirement, "") for item in ordered[:LIMIT]] + [
        _requirement(project, requirement, _("Added since the baseline")) for requirement in added[: LIMIT // 2]
    ]
    return Table(
        title=_("Requirements of the scope baseline"),
        columns=[_("Requirement"), _("Priority"), _("State"), _("Verified")],
        rows=table,
        total=items.count() + added.count(),
        more_url=link("requirement-list", project.code),
        empty=_("No scope baseline has been approved."),
    )


def _requirement(project, requirement, remark) -> list[Cell]:
    return [
        Cell(
            str(requirement),
            url=link("requirement-detail", project.code, requirement.number),
            light="ok" if requirement.state == "verified" else "na",
            sub=remark,
        ),
        Cell(requirement.get_priority_display()),
        Cell(requirement.get_state_display()),
        Cell(fmt.day(requirement.verified_at)),
    ]


def risks(project, inputs) -> Table:
    """Open threats, the highest first, those not analysed last."""
    found = Risk.objects.open().filter(project=project, is_opportunity=False).select_related("owner")
    ordered = found.annotate(rank=F("probability") * F("impact")).order_by(F("rank").desc(nulls_last=True), "number")
    lights = {"low": "ok", "medium": "watch", "high": "act", "extreme": "act"}
    return Table(
        title=_("Open risks"),
        columns=[_("Risk"), _("Owner"), _("Probability × impact"), _("Score")],
        numbers=frozenset({3}),
        rows=[
            [
                Cell(
                    str(risk),
                    url=link("risk-detail", project.code, risk.number),
                    light=lights[risk.level] if risk.level else "na",
                ),
                Cell(risk.owner.name if risk.owner else fmt.DASH),
                Cell(f"{risk.probability} × {risk.impact}" if risk.score else _("not analysed")),
                Cell(fmt.number(risk.score) if risk.score else fmt.DASH, number=True),
            ]
            for risk in ordered[:LIMIT]
        ],
        total=found.count(),
        more_url=link("risk-list", project.code),
        empty=_("No risk is open."),
    )
