"""What the API answers: the whole plan, what an edit did, what others did since."""

from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission as P
from pmdm.worktime.engine import WorkCalendar
from projects.schedule.api import steps
from projects.schedule.api.ops import Applied, Conflicted
from projects.schedule.api.sheet import FIELDS, Sheet, chosen_baseline, link_list, touched_rows
from projects.schedule.journal import PlanChange, PlanState, revision_of
from projects.schedule.models import Baseline, Resource
from projects.schedule.plan import Plan

MANY_CHANGES = 200  # a page further behind than this reads the plan anew


def whole(project, user, can, *, baseline=None) -> dict:
    """The plan as the page needs it, in a constant number of queries."""
    state = PlanState.objects.filter(project=project).values_list("revision", "broken").first() or (0, [])
    # The revision is read first: what is saved meanwhile comes again with the next look at the changes.
    plan = Plan(project)
    baselines = list(Baseline.objects.filter(project=project).order_by("number"))
    chosen = next((row for row in baselines if str(row.number) == str(baseline)), None)
    chosen = chosen or next((row for row in baselines if row.is_active), None)
    internal = P.TEAM_VIEW in can
    sheet = Sheet(plan, internal=internal, baseline=chosen)
    sheet.broken = state[1]
    locked = project.locked_reason
    wall = sheet.wall
    return {
        "revision": state[0],
        "project": {
            "code": project.code,
            "name": project.name,
            "start": wall(project.computed_start),
            "finish": wall(project.computed_finish),
            "status_date": wall(project.status_date),
            "today": wall(timezone.now()),
            "time_zone": project.time_zone,
            "minutes_per_day": project.minutes_per_day,
            "minutes_per_week": project.minutes_per_week,
            "days_per_month": project.days_per_month,
            "locked": str(locked or ""),
        },
        "can": {
            "edit": P.SCHEDULE_EDIT in can and not locked,
            "progress": P.PROGRESS_EDIT in can and not locked,
            "cost": P.COST_VIEW in can,
        },
        "calendar": 0,
        "calendars": _calendars(plan),
        "fields": FIELDS,
        "tasks": sheet.rows(plan.rows),
        "links": link_list(plan),
        "people": _people(project) if internal else [],
        "baselines": [{"number": row.number, "name": str(row), "active": row.is_active} for row in baselines],
        "baseline": chosen.number if chosen else None,
        "undo": steps.offered(project, user),
    }


def _calendars(plan: Plan) -> dict[str, dict]:
    """The project's calendar as '0', and the plan's own by their uid."""
    found = {"0": _calendar(plan.calendar, plan.calendar.name or _("Standard"))}
    for row in plan.plan_calendars:
        found[str(row.uid)] = _calendar(plan.calendars[row.pk], row.name)
    return found


def _calendar(calendar: WorkCalendar, name: str) -> dict:
    return {
        "name": name,
        "week": [[[_clock(a), _clock(b)] for a, b in day] for day in calendar.week],
        "exceptions": [
            {"from": day.isoformat(), "to": day.isoformat(), "hours": [[_clock(a), _clock(b)] for a, b in hours]}
            for day, hours in sorted(calendar.exceptions.items())
        ],
    }


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _people(project) -> list[dict]:
    """Who can be put on a task: resources of the plan, and members who are none yet. No rates."""
    resources = list(Resource.objects.filter(project=project).order_by("name").values_list("name", "uid", "user_id"))
    known = {user for _name, _uid, user in resources if user}
    members = User.objects.filter(project_memberships__project=project, is_active=True, organisation=None)
    people = members.exclude(pk__in=known).distinct().order_by("name").values_list("name", "pk")
    return [
        *({"name": name, "resource": uid, "user": user} for name, uid, user in resources),
        *({"name": name, "resource": None, "user": user} for name, user in people),
    ]


def edited(applied: Applied, user, *, internal: bool, baseline=None) -> dict:
    """What an edit did, or would do."""
    plan, outcome = applied.plan, applied.outcome
    project = plan.project
    sheet = Sheet(plan, internal=internal, baseline=chosen_baseline(project, baseline))
    sheet.broken = outcome.broken
    rows = touched_rows(plan, outcome)
    cells = sheet.rows(rows)
    violated, uid_at = FIELDS.index("violated"), FIELDS.index("uid")
    uids = {row.id: row.uid for row in (*plan.rows, *outcome.removed)}
    before, after = outcome.moved.finish
    return {
        "revision": outcome.revision or revision_of(project),
        "rows": cells,
        "removed": [row.uid for row in outcome.removed],
        "order": [row.uid for row in plan.rows] if outcome.reordered else None,
        "links": link_list(plan, {pair[1] for pair in outcome.links}) if outcome.links else [],
        "unlinked": [
            [uids[pair[0]], uids[pair[1]]]
            for pair, (_old, new) in outcome.links.items()
            if new is None and pair[0] in uids and pair[1] in uids
        ],
        "added": {ref: uid for ref, uid in applied.added.items() if not ref.startswith("+")},
        "sentence": applied.sentence,
        "moved": len(outcome.moved.tasks),
        "finish": [sheet.wall(before), sheet.wall(after)],
        "violations": [{"uid": row[uid_at], "sentence": row[violated]} for row in cells if row[violated]],
        "undo": steps.offered(project, user),
        "preview": applied.preview,
    }


def conflicted(project, problem: Conflicted, *, internal: bool, baseline=None) -> dict:
    """Somebody else was first: what they did, and their rows as they are now."""
    plan = Plan(project)
    sheet = Sheet(plan, internal=internal, baseline=chosen_baseline(project, baseline))
    state = PlanState.objects.filter(project=project).values_list("revision", "broken").first() or (0, [])
    sheet.broken = state[1]
    wanted = set(problem.uids)
    there = {row.uid for row in plan.rows}
    return {
        "conflicts": problem.conflicts,
        "gone": [uid for uid in problem.gone if uid not in there],
        "revision": state[0],
        "rows": sheet.rows([row for row in plan.rows if row.uid in wanted]),
    }


def changes(project, user, since: int, *, internal: bool, baseline=None) -> dict | None:
    """What was saved after that revision; None when nothing was: one query by an index."""
    log = list(
        PlanChange.objects.filter(project_id=project.pk, revision__gt=since)
        .order_by("revision")
        .select_related("user")
        .defer("user__password")[: MANY_CHANGES + 1]
    )
    if not log:
        return None
    newest = log[-1].revision
    if log[0].revision != since + 1 or len(log) > MANY_CHANGES or any(change.reload for change in log):
        return {"reload": True, "revision": revision_of(project)}
    plan = Plan(project)
    by_uid = {row.uid: row for row in plan.rows}
    sheet = Sheet(plan, internal=internal, baseline=chosen_baseline(project, baseline))
    sheet.broken = PlanState.objects.filter(project=project).values_list("broken", flat=True).first() or []
    changed = {uid for change in log for uid in change.changed}
    relinked = {by_uid[uid].id for change in log for uid in change.relinked if uid in by_uid}
    reordered = any(change.reordered for change in log)
    if reordered:
        ids = {by_uid[uid].id for uid in changed if uid in by_uid}
        changed |= {plan.row(after).uid for before, after in plan.ties if before in ids and after in plan.by_id}
    linked = {(plan.row(a).uid, plan.row(b).uid) for a, b in plan.ties if a in plan.by_id and b in plan.by_id}
    unlinked = {tuple(pair) for change in log for pair in change.unlinked} - linked
    names = list(dict.fromkeys([change.user.name for change in log if change.user]))
    said = [
        f"{change.user.name}: {change.sentence}" if change.user else change.sentence
        for change in log
        if change.sentence and change.user_id != user.pk
    ]
    return {
        "revision": newest,
        "rows": sheet.rows([row for row in plan.rows if row.uid in changed]),
        "removed": sorted({uid for change in log for uid in change.removed} - set(by_uid)),
        "order": [row.uid for row in plan.rows] if reordered else None,
        "links": link_list(plan, relinked) if relinked else [],
        "unlinked": sorted(map(list, unlinked)),
        "by": names,
        "sentence": " ".join(said[-3:]),
        "finish": sheet.wall(project.computed_finish),
        "undo": steps.offered(project, user),
    }
