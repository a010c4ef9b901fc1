"""What the end report says, filled from data: one list of parts, shown on the page and set as PDF.

A story that has something to say registers a provider from ``AppConfig.ready``.
"""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Max, Min, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.ui import format as fmt
from projects.closing.matters import Matter
from projects.lifecycle.papers import Paper, Section, pdf

MOST = 60  # rows of one table


@dataclass(frozen=True)
class Part:
    """A heading with sentences, a table or both. ``money``: only for those who may see cost."""

    title: str
    text: str = ""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    money: bool = False
    key: str = ""


_providers: list[Callable] = []


def register(provider: Callable) -> None:
    """Add a function of a report that gives a ``Part`` or None, shown before the open items."""
    if provider not in _providers:
        _providers.append(provider)


def parts(report, matters: Sequence[Matter] | None = None) -> list[Part]:
    """All parts of the report, as the project stands now; those without anything to say are left out."""
    project = report.project
    matters = report.matters() if matters is None else matters
    found = [
        Part(_("What was reached"), report.reached, key="reached"),
        Part(_("What was not reached, and why"), report.missed, key="missed"),
        _objectives(project),
        _dates(project),
        _milestones(project),
        _cost(project),
        _earned_value(project),
        _scope(project),
        _risks_and_issues(project),
        *(provider(report) for provider in _providers),
        *_open_items(matters),
        _orders(project),
        _people(project, report),
        Part(_("What the next project should know"), report.advice, key="advice"),
    ]
    return [part for part in found if part and (part.text or part.rows)]


def facts(report) -> list[tuple[str, str]]:
    project = report.project
    return [
        (_("Project"), f"{project.code} {project.name}"),
        (_("Client"), str(project.client or fmt.DASH)),
        (_("Project manager"), str(project.manager or fmt.DASH)),
        (_("Sponsor"), str(project.sponsor or fmt.DASH)),
        (_("Delivery manager"), str(project.delivery_manager or fmt.DASH)),
        (_("Begun"), _day(project.created_at)),
    ]


def papers(report, number: int, *, by, at: datetime.datetime) -> tuple[bytes, bytes]:
    """The report as PDF: whole, and without anything about money."""
    when = f"{timezone.localtime(at):%Y-%m-%d %H:%M %Z}"
    above = [
        *facts(report),
        (_("Submitted"), _("%(when)s by %(who)s, submission %(n)d") % {"when": when, "who": by.name, "n": number}),
    ]
    told = parts(report)
    made = []
    for shown in (told, [part for part in told if not part.money]):
        sections = [Section(part.title, part.text, part.head, part.rows) for part in shown]
        foot = f"{report.project.code} {report.ref} / {number}, {when}"
        made.append(pdf(Paper(_("End project report"), report.project.name, foot, above, sections)))
    return made[0], made[1]


# --- The parts ---------------------------------------------------------------------------------------------


def _objectives(project) -> Part | None:
    rows = []
    for one in project.objectives.all():
        met = {None: _("Not measured"), True: _("Met"), False: _("Not met")}[one.is_met]
        unit = f" {one.unit}" if one.unit else ""
        rows.append(
            (
                f"{one.statement} ({one.measure})",
                _number(one.baseline_value),
                f"{'≥' if one.higher_is_better else '≤'} {_number(one.target_value)}{unit}",
                _number(one.actual_value) + (unit if one.actual_value is not None else ""),
                met,
            )
        )
    head = (_("Objective"), _("Before"), _("Target"), _("Measured"), _("Result"))
    return Part(_("Objectives"), "", head, rows, key="objectives") if rows else None


def _dates(project) -> Part:
    tasks = project.tasks.filter(is_summary=False, is_active=True)
    run = tasks.aggregate(
        begun=Min("actual_start"),
        done=Max("actual_finish"),
        n=Count("pk"),
        open=Count("pk", filter=Q(percent__lt=100)),
    )
    baseline = project.baselines.filter(is_active=True).first()
    finished = run["done"] if run["n"] and not run["open"] else None
    actual = finished or project.computed_finish
    rows = [
        (_("Start"), _day(project.target_start), _day(baseline and baseline.start), _day(run["begun"]), ""),
        (
            _("Finish"),
            _day(project.target_finish),
            _day(baseline and baseline.finish),
            _day(finished) if finished else _("%(day)s (forecast)") % {"day": _day(actual)} if actual else fmt.DASH,
            _late((baseline and baseline.finish) or project.target_finish, actual),
        ),
    ]
    text = ""
    if run["open"]:
        text = ngettext(
            "%(n)d task is not finished, so the finish is what the plan expects.",
            "%(n)d tasks are not finished, so the finish is what the plan expects.",
            run["open"],
        ) % {"n": run["open"]}
    head = ("", _("Target"), _("Baseline"), _("Actual"), _("Late by"))
    return Part(_("Dates: plan and actual"), text, head, rows, key="dates")


def _milestones(project) -> Part | None:
    planned = dict(
        project.baselines.model.objects.filter(project=project, is_active=True).values_list(
            "tasks__task", "tasks__finish"
        )
    )
    rows = []
    for task in project.tasks.filter(is_milestone=True, is_active=True).order_by("number")[:MOST]:
        reached = task.percent == 100
        then = task.actual_finish or task.finish
        rows.append(
            (
                task.name,
                _day(planned.get(task.pk)),
                _day(then) if reached else _("not reached"),
                _late(planned.get(task.pk), then) if reached else "",
            )
        )
    head = (_("Milestone"), _("Baseline"), _("Reached"), _("Late by"))
    return Part(_("Milestones"), "", head, rows, key="milestones") if rows else None


def _cost(project) -> Part:
    from projects.budget.ledger import ledger

    money = ledger(project)
    rows = [
        (row.line.name, *_amounts(row.amounts, project.currency))
        for group in money.categories
        for row in group.rows
        if row.line
    ][:MOST]
    if money.loose:
        rows.append((_("Time on no budget line"), *_amounts(money.loose.amounts, project.currency)))
    rows.append((_("Sum"), *_amounts(money.total, project.currency)))
    said = []
    if money.approved is None:
        said.append(_("No budget was approved."))
    else:
        left = money.approved - money.total.actual
        said.append(
            _("Approved: %(approved)s. Spent: %(spent)s, which is %(left)s %(way)s.")
            % {
                "approved": fmt.money(money.approved, project.currency, 2),
                "spent": fmt.money(money.total.actual, project.currency, 2),
                "left": fmt.money(abs(left), project.currency, 2),
                "way": _("less") if left >= 0 else _("more"),
            }
        )
    if money.unpriced_entries:
        said.append(
            _("%(hours)s hours were booked without a rate and are in no sum.")
            % {"hours": fmt.number(Decimal(money.unpriced_minutes) / 60, 1)}
        )
    head = (_("Budget line"), _("Planned"), _("Spent"), _("Still ordered"), _("Less than planned"))
    return Part(_("Cost: plan and actual"), "\n".join(said), head, rows, money=True, key="cost")


def _amounts(amounts, currency) -> tuple[str, ...]:
    return tuple(
        fmt.money(amount, currency, 2)
        for amount in (amounts.planned, amounts.actual, amounts.committed, amounts.planned - amounts.actual)
    )


def _earned_value(project) -> Part:
    from projects.earned_value.publishing import of_reading
    from projects.earned_value.reading import read_one

    told = of_reading(read_one(project))
    title = _("Earned value")
    if told["not_available"]:
        return Part(title, str(told["not_available"]), money=True, key="earned-value")
    values = told["inputs"] | told["results"]
    names = {
        "BAC": _("Budget at completion"),
        "PV": _("Planned value"),
        "EV": _("Earned value"),
        "AC": _("Actual cost"),
        "CV": _("Cost variance"),
        "SV": _("Schedule variance"),
        "CPI": _("Cost performance index"),
        "SPI": _("Schedule performance index"),
        "SPI_t": _("Schedule performance index by time"),
    }
    rows = []
    for code, name in names.items():
        value = values.get(code)
        if value is None:
            shown = _("not available: %(why)s") % {"why": told["reasons"].get(code, fmt.DASH)}
        elif code in ("CPI", "SPI", "SPI_t"):
            shown = f"{value:.2f}"
        else:
            shown = fmt.money(Decimal(str(value)), project.currency, 2)
        rows.append((code.replace("_t", "(t)"), name, shown))
    text = _("As of %(day)s, measured against %(baseline)s.") % {"day": told["as_of"], "baseline": told["baseline"]}
    return Part(title, text, ("", _("Measure"), _("Value")), rows, money=True, key="earned-value")


def _scope(project) -> Part | None:
    from projects.scope.baseline import progress

    scope = progress(project)
    if scope.baseline is None:
        return Part(_("Scope"), _("The scope was never frozen, so nothing says what was promised."), key="scope")
    deliverables = project.deliverables.aggregate(n=Count("pk"), accepted=Count("pk", filter=Q(state="accepted")))
    rows = [
        (_("Requirements in the baseline"), str(scope.promised)),
        (_("of them verified"), f"{scope.verified} ({fmt.percent(scope.percent, 0)})"),
        (_("Approved after it"), str(scope.creep)),
        (_("Changed after it"), str(scope.changed)),
        (_("Taken out after it"), str(scope.removed)),
        (_("Volatility"), fmt.percent(scope.volatility, 0)),
        (_("Deliverables accepted"), f"{deliverables['accepted']} / {deliverables['n']}"),
    ]
    text = _("Measured against scope baseline %(n)d of %(day)s.") % {
        "n": scope.baseline.number,
        "day": _day(scope.baseline.frozen_at),
    }
    return Part(_("Scope: promised and delivered"), text, ("", _("Count")), rows, key="scope")


def _risks_and_issues(project) -> Part | None:
    risks = dict(project.risks.order_by().values_list("state").annotate(n=Count("pk")))
    issues = dict(project.issues.order_by().values_list("state").annotate(n=Count("pk")))
    if not risks and not issues:
        return None
    rows = [
        (_("Risks"), str(sum(risks.values())), str(risks.get("open", 0)), str(risks.get("occurred", 0))),
        (_("Issues"), str(sum(issues.values())), str(sum(issues.values()) - issues.get("closed", 0)), ""),
    ]
    head = ("", _("Raised"), _("Still open"), _("Occurred"))
    return Part(_("Risks and issues"), "", head, rows, key="risks")


def _open_items(matters: Sequence[Matter]) -> list[Part]:
    """What is open, with what becomes of it; what only some may see stands apart."""
    found = []
    for money in (False, True):
        rows = []
        for matter in matters:
            if bool(matter.kind.needs) != money:
                continue
            for item in matter.items[:MOST]:
                one = item.decision
                rows.append(
                    (
                        str(matter.kind.label),
                        f"{item.ref} {item.title}".strip(),
                        str(one.get_decision_display()) if one else _("not decided"),
                        one.reason if one else "",
                    )
                )
            if matter.count > MOST:
                rows.append((str(matter.kind.label), _("and %(n)d more") % {"n": matter.count - MOST}, "", ""))
        head = (_("Kind"), _("What"), _("Decision"), _("Reason"))
        if rows:
            title = _("Open orders and requests for money") if money else _("What is open, and what becomes of it")
            found.append(Part(title, "", head, rows, money=money, key="open-money" if money else "open"))
        elif not money:
            found.append(Part(_("What is open"), _("Nothing: everything was finished, closed or decided."), key="open"))
    return found


def _orders(project) -> Part | None:
    orders = project.orders.with_invoiced().order_by("number")
    rows = [
        (
            order.ref,
            f"{order.supplier}: {order.description}",
            fmt.money(order.amount, project.currency, 2),
            fmt.money(order.invoiced, project.currency, 2),
            str(order.standing),
        )
        for order in orders[:MOST]
    ]
    head = ("", _("Order"), _("Ordered"), _("Invoiced"), _("State"))
    return Part(_("Contracts and orders"), "", head, rows, money=True, key="orders") if rows else None


def _people(project, report) -> Part:
    booked = {
        user: (minutes, last)
        for user, minutes, last in project.time_entries.order_by()
        .values_list("user")
        .annotate(minutes=Sum("minutes"), last=Max("day"))
    }
    people: dict[int, tuple[str, list[str]]] = {}
    for membership in project.memberships.select_related("user").order_by("user__name", "role"):
        people.setdefault(membership.user_id, (membership.user.name, []))[1].append(str(membership.get_role_display()))
    strangers = project.time_entries.exclude(user__in=list(people)).order_by().values_list("user", F("user__name"))
    for user, name in strangers.distinct():
        people[user] = (name, [])
    rows = []
    for user, (name, roles) in people.items():
        minutes, last = booked.get(user, (0, None))
        rows.append((name, ", ".join(roles), fmt.number(Decimal(minutes) / 60, 1), _day(last)))
    said = []
    if report.released_on:
        said.append(_("People and resources are released on %(day)s.") % {"day": _day(report.released_on)})
    if report.release.strip():
        said.append(report.release.strip())
    head = (_("Person"), _("Role"), _("Hours"), _("Last day booked"))
    return Part(_("People and resources"), "\n".join(said), head, rows[:MOST], key="people")


# --- How things read ---------------------------------------------------------------------------------------


def _day(value) -> str:
    """A day that is the same whenever the paper is read."""
    if value is None:
        return fmt.DASH
    return _date(value).isoformat()


def _date(value) -> datetime.date:
    return timezone.localtime(value).date() if isinstance(value, datetime.datetime) else value


def _late(planned, actual) -> str:
    if planned is None or actual is None:
        return fmt.DASH
    as_day = [
        timezone.localtime(one).date() if isinstance(one, datetime.datetime) else one for one in (planned, actual)
    ]
    days = (as_day[1] - as_day[0]).days
    if days > 0:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if days < 0:
        return ngettext("%(n)d day early", "%(n)d days early", -days) % {"n": -days}
    return _("on the day")


def _number(value) -> str:
    return fmt.DASH if value is None else fmt.number(value)
