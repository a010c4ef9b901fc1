"""What is measured on a project, now and as forecast; the SQL that computes it stands in ``figures.sql``."""

from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pmdm.accounts.roles import Permission
from pmdm.kpis.registry import Kpi, Statement, SubjectType
from pmdm.registers.matrix import MATRIX
from pmdm.ui import format as fmt
from projects.budget.owed import accrued_sql, committed_sql
from projects.kpis import rows

# As of a day: what was received, invoiced and ordered by then, of orders that were open then.
_TODAY = {"day": "%(today)s", "chosen": "[[project_id]]"}
ACCRUED = accrued_sql(**_TODAY)
COMMITTED = committed_sql(**_TODAY, still="o.state = 'open' OR o.ended_at > %(seen)s")


def _sql() -> str:
    cells = ", ".join(f"({p}, {i}, '{level}')" for p, row in MATRIX.items() for i, level in row.items())
    sql = Path(__file__).with_name("figures.sql").read_text()
    return sql.replace("{{matrix}}", cells).replace("{{accrued}}", ACCRUED).replace("{{committed}}", COMMITTED)


FIGURES = Statement("projects", _sql())

PROJECT = SubjectType(
    key="project",
    label=gettext_lazy("Project"),
    table="projects_project",
    model="projects.Project",
    figure_url="projects:figure",
    view=Permission.PROJECT_KPI_VIEW,
)

CANCELLED = {
    "cancelled": gettext_lazy("The project was cancelled."),
    "not_recorded": gettext_lazy("It was not recorded when the project was closed."),
}
NO_SCOPE = {
    "no_scope_baseline": gettext_lazy("No scope baseline has been approved."),
    "empty_scope_baseline": gettext_lazy("The scope baseline has no requirement."),
}
NO_BUDGET = {
    "no_budget": gettext_lazy("No budget has been approved."),
    "zero_budget": gettext_lazy("The approved budget is zero, so no share of it can be given."),
    "unpriced": gettext_lazy("Some booked hours have no rate; they are not in it."),
}


def days(value, inputs):
    """Whole days, with their sign: '+12' days late, '−3' days early."""
    whole = round(value)
    text = fmt.number(whole, 0)
    return (f"+{text}" if whole > 0 else text), fmt.NBSP + ngettext("day", "days", abs(whole))


def signed_percent(value, inputs):
    shown = round(value, 1)
    text = fmt.number(shown, 0 if shown == shown.to_integral_value() or abs(shown) >= 100 else 1)
    return (f"+{text}" if shown > 0 else text), "%"


def of_items(value, inputs):
    return fmt.number(inputs["verified"]), f"/{fmt.number(inputs['items'])}"


def say_on_time(value, inputs):
    if inputs["overdue"]:
        return ngettext("%(n)d task due and not done", "%(n)d tasks due and not done", inputs["overdue"]) % {
            "n": inputs["overdue"]
        }
    return ngettext("The %(n)d task due is done", "All %(n)d tasks due are done", inputs["due"]) % {"n": inputs["due"]}


def say_on_time_forecast(value, inputs):
    due = _("baseline") if inputs["due_from"] == "baseline" else _("target")
    whole = round(value)
    size = {"n": abs(whole), "due": due}
    if inputs["finished"]:
        if whole > 0:
            return ngettext("Finished %(n)d day after %(due)s", "Finished %(n)d days after %(due)s", whole) % size
        return _("Finished by the %(due)s date") % size
    if whole > 0:
        return ngettext("%(n)d day behind %(due)s", "%(n)d days behind %(due)s", whole) % size
    if whole < 0:
        return ngettext("%(n)d day ahead of %(due)s", "%(n)d days ahead of %(due)s", -whole) % size
    return _("On the %(due)s date") % size


def say_on_budget(value, inputs):
    currency = inputs["currency"]
    spent = _("%(actual)s of %(approved)s") % {
        "actual": fmt.short_money(inputs["actual"], currency),
        "approved": fmt.short_money(inputs["approved"], currency),
    }
    if inputs["complete"] is None:
        return spent
    return _("%(spent)s, %(complete)s of work done") % {"spent": spent, "complete": fmt.percent(inputs["complete"])}


def say_on_budget_forecast(value, inputs):
    over = Decimal(str(inputs["at_completion"])) - Decimal(str(inputs["approved"]))
    amount = fmt.short_money(abs(over), inputs["currency"])
    if over > 0:
        return _("%(amount)s over the budget") % {"amount": amount}
    if over < 0:
        return _("%(amount)s under the budget") % {"amount": amount}
    return _("Exactly the budget")


def say_scope(value, inputs):
    behind = inputs["behind_points"]
    added = inputs["added"]
    parts = []
    if behind is not None and behind > 0:
        parts.append(_("%(expected)s expected by now") % {"expected": fmt.percent(inputs["expected_percent"])})
    elif behind is not None:
        parts.append(_("As planned by now"))
    else:
        parts.append(_("No plan to compare with"))
    if added:
        parts.append(ngettext("%(n)d added since", "%(n)d added since", added) % {"n": added})
    return ", ".join(parts)


def say_scope_forecast(value, inputs):
    if inputs["verified"] == inputs["items"]:
        return _("All of it is verified")
    if not inputs["weeks_left"]:
        return _("The planned finish has passed")
    return _("%(pace)s a week, %(weeks)s weeks left") % {
        "pace": fmt.number(inputs["per_week"], 1),
        "weeks": fmt.number(inputs["weeks_left"], 0),
    }


def say_risks(value, inputs):
    text = ngettext("of %(n)d open risk", "of %(n)d open risks", inputs["open"]) % {"n": inputs["open"]}
    if inputs["unscored"]:
        text += ", " + _("%(n)d not analysed") % {"n": inputs["unscored"]}
    return text


KPIS = [
    Kpi(
        code="on_time_forecast",
        subject_type="project",
        statement=FIGURES,
        name=gettext_lazy("Finish"),
        sub=gettext_lazy("Forecast"),
        unit="days",
        description=gettext_lazy(
            "How many calendar days after the committed date the project will finish, as it stands."
        ),
        formula=gettext_lazy(
            "Forecast finish − finish of the active schedule baseline (without one: the charter's target finish). The"
            " forecast is the computed finish of the plan, moved by the task that pushes it furthest: an unfinished"
            " task ends no earlier than now plus the rest of its span, less its total float. Once all tasks are done"
            " it is the last actual finish."
        ),
        source="Finish variance: PMI Practice Standard for Scheduling; GAO-16-89G",
        higher_is_better=False,
        target=Decimal(0),
        watch=Decimal(5),
        act=Decimal(10),
        judged=gettext_lazy("Days late as a share of the planned duration"),
        judged_key="late_percent",
        judged_unit="%",
        reasons=CANCELLED
        | {
            "no_due_date": gettext_lazy("There is neither a schedule baseline nor a target finish."),
            "no_tasks": gettext_lazy("The plan has no task yet."),
            "no_dates": gettext_lazy("The plan's dates have not been computed yet."),
        },
        labels={
            "forecast": gettext_lazy("Forecast finish"),
            "due": gettext_lazy("Committed finish"),
            "due_from": gettext_lazy("Committed by"),
            "computed": gettext_lazy("Finish computed from the plan"),
            "slip_days": gettext_lazy("Pushed by work left undone, days"),
            "planned_days": gettext_lazy("Planned duration, days"),
            "finished": gettext_lazy("All tasks done"),
            "late_percent": gettext_lazy("Late, share of the planned duration"),
        },
        formats={
            "forecast": "day",
            "due": "day",
            "computed": "day",
            "late_percent": "percent1",
            "finished": "yes",
            "slip_days": "number1",
            "planned_days": "number1",
        },
        show=days,
        sentence=say_on_time_forecast,
        rows=rows.driving_tasks,
    ),
    Kpi(
        code="on_time",
        subject_type="project",
        statement=FIGURES,
        name=gettext_lazy("On time"),
        sub=gettext_lazy("BEI"),
        unit="index",
        description=gettext_lazy("How much of the work that was due by the status date is done."),
        formula=gettext_lazy(
            "Baseline execution index = tasks of the baseline that are finished ÷ tasks whose baseline finish has"
            " passed. Summary tasks do not count; tasks added after the baseline are listed apart."
        ),
        source="DCMA 14-point assessment; GAO-16-89G",
        higher_is_better=True,
        target=Decimal(1),
        watch=Decimal("0.95"),
        act=Decimal("0.90"),
        reasons=CANCELLED
        | {
            "no_baseline": gettext_lazy("There is no active schedule baseline."),
            "nothing_due": gettext_lazy("Nothing was due by the status date."),
        },
        labels={
            "status_date": gettext_lazy("Status date"),
            "baseline": gettext_lazy("Baseline number"),
            "due": gettext_lazy("Tasks due"),
            "done": gettext_lazy("Tasks finished"),
            "overdue": gettext_lazy("Due and not finished"),
            "added": gettext_lazy("Added after the baseline"),
        },
        formats={"status_date": "day"},
        sentence=say_on_time,
        rows=rows.due_tasks,
    ),
    Kpi(
        code="on_budget_forecast",
        subject_type="project",
        statement=FIGURES,
        name=gettext_lazy("Cost"),
        sub=gettext_lazy("At completion"),
        unit="%",
        description=gettext_lazy("How far the cost at completion will be above (+) or below (−) the approved budget."),
        formula=gettext_lazy(
            "(Actual cost + still to come − approved budget) ÷ approved budget. Still to come is what the manager"
            " stated for a budget line, else the unspent rest of its plan; once all tasks are done, only what was"
            " stated."
        ),
        source="EAC, bottom-up, and VAC %: ANSI/PMI 19-006-2019 Standard for EVM",
        higher_is_better=False,
        target=Decimal(0),
        watch=Decimal(5),
        act=Decimal(10),
        permission=Permission.COST_VIEW,
        reasons=CANCELLED | NO_BUDGET | {"no_lines": gettext_lazy("The budget has no lines to forecast from.")},
        labels={
            "actual": gettext_lazy("Actual cost"),
            "to_come": gettext_lazy("Still to come"),
            "at_completion": gettext_lazy("Forecast at completion"),
            "approved": gettext_lazy("Approved budget"),
            "lines_planned": gettext_lazy("Planned on budget lines"),
            "currency": gettext_lazy("Currency"),
            "unpriced_minutes": gettext_lazy("Hours without a rate"),
        },
        formats={
            "actual": "money",
            "to_come": "money",
            "at_completion": "money",
            "approved": "money",
            "lines_planned": "money",
            "unpriced_minutes": "hours",
        },
        show=signed_percent,
        sentence=say_on_budget_forecast,
        rows=rows.budget_lines,
    ),
    Kpi(
        code="on_budget",
        subject_type="project",
        statement=FIGURES,
        name=gettext_lazy("Budget"),
        sub=gettext_lazy("Spent"),
        unit="%",
        description=gettext_lazy(
            "How much of the approved budget is spent, compared with how much of the work is done."
        ),
        formula=gettext_lazy(
            "Actual cost ÷ approved budget, actual cost being expenses, accruals and booked time at the rate of its"
            " day. The light compares it with the work done: percent complete of all tasks, weighted by duration (the"
            " cost variance as a share of the budget)."
        ),
        source="Percent spent, CV: ANSI/PMI 19-006-2019 Standard for EVM; 5/10 % rule of US IT dashboards",
        higher_is_better=False,
        watch=Decimal(5),
        act=Decimal(10),
        judged=gettext_lazy("Points by which spending runs ahead of the work done"),
        judged_key="ahead_points",
        judged_unit=gettext_lazy("points"),
        permission=Permission.COST_VIEW,
        reasons=CANCELLED | NO_BUDGET | {"no_cost": gettext_lazy("Work is done but no cost has been booked.")},
        labels={
            "actual": gettext_lazy("Actual cost"),
            "approved": gettext_lazy("Approved budget"),
            "currency": gettext_lazy("Currency"),
            "entries": gettext_lazy("Expenses, accruals and time entries"),
            "unpriced_minutes": gettext_lazy("Hours without a rate"),
            "complete": gettext_lazy("Work done"),
            "ahead_points": gettext_lazy("Spending ahead of work, points"),
        },
        formats={
            "actual": "money",
            "approved": "money",
            "unpriced_minutes": "hours",
            "complete": "percent1",
            "ahead_points": "number1",
        },
        sentence=say_on_budget,
        rows=rows.costs,
    ),
    Kpi(
        code="scope_delivered",
        subject_type="project",
        statement=FIGURES,
        name=gettext_lazy("Scope"),
        sub=gettext_lazy("Delivered"),
        unit="%",
        description=gettext_lazy("How much of the approved scope has been verified."),
        formula=gettext_lazy(
            "Verified requirements of the active scope baseline ÷ all its requirements. The light compares it with the"
            " share of the schedule baseline's tasks that should be finished by now. Requirements added since are"
            " counted apart (scope creep)."
        ),
        source="Requirement coverage and volatility: PMI, Requirements Management: A Practice Guide",
        higher_is_better=False,
        target=Decimal(100),
        watch=Decimal(10),
        act=Decimal(25),
        judged=gettext_lazy("Points behind the share of work that was due"),
        judged_key="behind_points",
        judged_unit=gettext_lazy("points"),
        reasons=NO_SCOPE
        | {
            "no_plan": gettext_lazy("There is no schedule baseline to say how much should be delivered by now."),
            "not_recorded": CANCELLED["not_recorded"],
        },
        labels={
            "verified": gettext_lazy("Verified"),
            "items": gettext_lazy("Requirements in the baseline"),
            "baseline": gettext_lazy("Scope baseline"),
            "dropped": gettext_lazy("Of these rejected since"),
            "added": gettext_lazy("Added since the baseline"),
            "expected_percent": gettext_lazy("Expected by now"),
            "behind_points": gettext_lazy("Behind, points"),
        },
        formats={"expected_percent": "percent1", "behind_points": "number1"},
        show=of_items,
        sentence=say_scope,
        rows=rows.scope_items,
    ),
    Kpi(
        code="scope_forecast",
        subject_type="project",
        statement=FIGURES,
        name=gettext_lazy("Scope"),
        sub=gettext_lazy("Forecast"),
        unit="%",
        description=gettext_lazy(
            "How much of the approved scope will be verified at the planned finish, at today's pace."
        ),
        formula=gettext_lazy(
            "(Verified + requirements verified per week over the last 8 weeks × weeks until the planned finish) ÷"
            " requirements of the scope baseline, at most 100 %."
        ),
        source="Throughput forecast: PMI Agile Practice Guide; Little's law",
        higher_is_better=True,
        target=Decimal(100),
        watch=Decimal(95),
        act=Decimal(90),
        reasons=CANCELLED
        | NO_SCOPE
        | {
            "no_due_date": gettext_lazy("There is neither a schedule baseline nor a target finish."),
            "no_pace": gettext_lazy("Nothing was verified in the last 8 weeks, so there is no pace to go by."),
        },
        labels={
            "verified": gettext_lazy("Verified"),
            "items": gettext_lazy("Requirements in the baseline"),
            "recent": gettext_lazy("Verified in the last 8 weeks"),
            "per_week": gettext_lazy("Verified per week"),
            "due": gettext_lazy("Planned finish"),
            "weeks_left": gettext_lazy("Weeks left"),
            "added": gettext_lazy("Added since the baseline"),
        },
        formats={"due": "day", "per_week": "number2", "weeks_left": "number1"},
        sentence=say_scope_forecast,
        rows=rows.scope_items,
    ),
    Kpi(
        code="high_risks",
        subject_type="project",
        statement=FIGURES,
        name=gettext_lazy("Risk"),
        sub=gettext_lazy("High and extreme"),
        unit="risks",
        description=gettext_lazy("How many open risks are rated high or extreme on the 5×5 matrix."),
        formula=gettext_lazy(
            "Open threats whose probability and impact fall into a high or extreme field of the matrix. Risks that are"
            " not analysed yet are counted apart; opportunities do not count."
        ),
        source="ISO 31000, ISO 31010",
        higher_is_better=False,
        target=Decimal(0),
        watch=Decimal(2),
        act=Decimal(5),
        headline=False,
        reasons={
            "no_risks": gettext_lazy("No risk has been recorded."),
            "unscored": gettext_lazy("Open risks have not been analysed (%(open)s)."),
            "some_unscored": gettext_lazy("Risks not analysed yet are not in it (%(unscored)s)."),
            "not_recorded": CANCELLED["not_recorded"],
        },
        labels={
            "open": gettext_lazy("Open risks"),
            "high": gettext_lazy("High or extreme"),
            "extreme": gettext_lazy("Of these extreme"),
            "unscored": gettext_lazy("Not analysed"),
        },
        show=lambda value, inputs: (fmt.number(value), ""),
        sentence=say_risks,
        rows=rows.risks,
    ),
]
