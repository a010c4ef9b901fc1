"""Baselines that an approved change moves: the old one with the change in it, never the drift beside it.

What slipped, was added or reworded without a change stays outside the new baselines, so it still shows as variance and
creep. The old ones stay readable; the request says which took the place of which.
"""

from decimal import Decimal

from django.db import connection
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from projects.budget import reserves
from projects.changes.models import BudgetBaseline, BudgetBaselineLine
from projects.schedule import journal
from projects.schedule.baselines import next_number, take_baseline
from projects.schedule.localtime import to_wall
from projects.schedule.models import Baseline, BaselineTask
from projects.schedule.plan import Plan
from projects.scope.baseline import freeze
from projects.scope.models import ScopeBaseline, ScopeBaselineItem

# Scope


def move_scope(project, *, added, reworded, removed, by, at):
    """(old, new): the frozen scope with these in, worded anew or out. The first one freezes all that is approved."""
    old = project.scope_baselines.filter(is_active=True).first()
    if old is None:
        return None, freeze(project, by=by, at=at) if project.requirements.approved().exists() else None
    last = project.scope_baselines.aggregate(last=Max("number"))["last"]
    project.scope_baselines.filter(is_active=True).update(is_active=False)
    new = ScopeBaseline.objects.create(project=project, number=last + 1, frozen_by=by, frozen_at=at)
    fresh = {row.pk: row for row in (*added, *reworded)}
    gone = {row.pk for row in removed}
    versions = {
        version.requirement_id: version
        for version in project.requirement_versions.filter(state="approved", requirement__in=fresh).order_by("number")
    }
    kept = [
        ScopeBaselineItem(
            baseline=new,
            requirement_id=item.requirement_id,
            version_id=item.version_id,
            title=item.title,
            priority=item.priority,
        )
        for item in old.items.order_by("pk")
        if item.requirement_id not in gone and item.requirement_id not in fresh
    ]
    ScopeBaselineItem.objects.bulk_create(
        [
            *kept,
            *(
                ScopeBaselineItem(
                    baseline=new,
                    requirement_id=pk,
                    version=versions[pk],
                    title=versions[pk].title,
                    priority=versions[pk].priority,
                )
                for pk in fresh
            ),
        ]
    )
    return old, new


# Schedule

_COPY = """
    INSERT INTO projects_baselinetask
        (baseline_id, task_id, uid, number, wbs, name, is_summary, is_milestone, start, finish, duration, work, cost)
    SELECT %(new)s, t.id, t.uid, t.number, t.wbs, t.name, t.is_summary, t.is_milestone, t.start, t.finish, t.duration,
        t.work, t.cost
    FROM projects_task t WHERE t.project_id = %(project)s AND t.is_active AND t.id = ANY(%(touched)s)
    UNION ALL
    SELECT %(new)s, o.task_id, o.uid, coalesce(t.number, o.number), coalesce(t.wbs, o.wbs), o.name, o.is_summary,
        o.is_milestone, o.start, o.finish, o.duration, o.work, o.cost
    FROM projects_baselinetask o LEFT JOIN projects_task t ON t.id = o.task_id
    WHERE o.baseline_id = %(old)s AND NOT o.uid = ANY(%(removed)s)
        AND NOT coalesce(o.task_id = ANY(%(touched)s), false)
"""


def move_schedule(change, project, *, touched: set[int], removed: set[int], by, at):
    """(old, new): touched tasks as the plan has them now, all others as they were frozen, summaries rolled up.

    The new one is approved with the change. Without an old one, the plan as it is becomes the first.
    """
    old = project.baselines.filter(is_active=True).first()
    name = _("With %(ref)s") % {"ref": change.ref}
    if old is None:
        if not project.tasks.exists():
            return None, None
        new = take_baseline(project, by=change.submitted_by, name=name, note=change.title, at=at)
    else:
        project.baselines.filter(is_active=True).update(is_active=False)
        new = Baseline.objects.create(
            project=project,
            number=next_number(project),
            name=name,
            note=change.title,
            taken_at=at,
            taken_by=change.submitted_by,
        )
        with connection.cursor() as cursor:
            cursor.execute(
                _COPY,
                {
                    "new": new.pk,
                    "old": old.pk,
                    "project": project.pk,
                    "touched": list(touched),
                    "removed": list(removed),
                },
            )
        roll_up(new, project)
    new.state, new.requested_at, new.requested_by = Baseline.State.APPROVED, change.submitted_at, change.submitted_by
    new.decided_at, new.decided_by, new.decision_note = at, by, str(change)
    new.save()
    journal.touched(project, by=by)
    return old, new


def roll_up(baseline: Baseline, project) -> None:
    """Summaries span what lies below them, and the baseline all of it; durations by the project's calendar."""
    rows = list(baseline.tasks.order_by("number", "pk"))
    leaves = [row for row in rows if not row.is_summary and row.start is not None and row.finish is not None]
    spans: dict[str, tuple] = {}
    for row in leaves:
        parts = row.wbs.split(".")
        for depth in range(1, len(parts)):
            above = ".".join(parts[:depth])
            start, finish = spans.get(above, (row.start, row.finish))
            spans[above] = min(start, row.start), max(finish, row.finish)
    calendar = Plan(project).calendar
    changed = []
    for row in rows:
        if not row.is_summary or row.wbs not in spans or (row.start, row.finish) == spans[row.wbs]:
            continue
        row.start, row.finish = spans[row.wbs]
        begin, end = (to_wall(instant, project) for instant in spans[row.wbs])
        assert begin
        assert end
        row.duration = round(calendar.between(begin, end))
        changed.append(row)
    BaselineTask.objects.bulk_update(changed, ["start", "finish", "duration"], batch_size=1000)
    baseline.start = min((row.start for row in leaves if row.start), default=None)
    baseline.finish = max((row.finish for row in leaves if row.finish), default=None)


# Budget


def active_budget(project) -> BudgetBaseline | None:
    return project.budget_baselines.filter(is_active=True).first()


def freeze_budget(project, *, by, at) -> BudgetBaseline:
    """Every line and layer as they are: the first baseline, before any change was approved."""
    return _freeze(project, dict(project.budget_lines.values_list("pk", "planned")), by=by, at=at)


def planned_by_line(project, old: BudgetBaseline, *, at) -> dict[int, Decimal]:
    """What the lines of a baseline come to with the money that was drawn for them since: draws are decided too."""
    planned = {line: amount for line, amount in old.lines.values_list("line", "planned") if line is not None}
    since = project.draws.filter(state="approved", decided_at__gt=old.frozen_at, decided_at__lte=at)
    for line, amount in since.order_by().values_list("line").annotate(sum=Sum("amount")):
        planned[line] = planned.get(line, Decimal(0)) + amount
    return planned


def move_budget(project, old: BudgetBaseline, planned: dict[int, Decimal], *, by, at) -> BudgetBaseline:
    """The budget with the change in it: amounts by line as given. Amounts that were typed past it stay outside."""
    new = _freeze(project, planned, by=by, at=at)
    gone = old.lines.filter(line=None)
    BudgetBaselineLine.objects.bulk_create(
        BudgetBaselineLine(baseline=new, number=row.number, name=row.name, category=row.category, planned=row.planned)
        for row in gone
    )
    return new


def _freeze(project, planned: dict[int, Decimal], *, by, at) -> BudgetBaseline:
    layers = reserves.layers(project)
    last = project.budget_baselines.aggregate(last=Max("number"))["last"] or 0
    project.budget_baselines.filter(is_active=True).update(is_active=False)
    baseline = project.budget_baselines.create(
        number=last + 1,
        approved=layers.approved,
        contingency=layers.contingency,
        reserve=layers.reserve,
        frozen_by=by,
        frozen_at=at,
    )
    BudgetBaselineLine.objects.bulk_create(
        BudgetBaselineLine(
            baseline=baseline,
            line=line,
            number=line.number,
            name=line.name,
            category=line.category,
            planned=planned[line.pk],
        )
        for line in project.budget_lines.filter(pk__in=planned).order_by("number")
    )
    return baseline
