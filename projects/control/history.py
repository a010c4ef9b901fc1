"""The plan at the end of each week, kept for all projects at once: what forecasts, milestones and floats were then.

A week's row is written again every day until the week is over; what stands there on Sunday night is history. One
statement for any number of projects; the audit trail could tell the same only by replaying every change of a plan.
"""

import datetime

from django.db import connection, transaction

from pmdm.jobs.periodic import periodic

_WEEK = """
WITH subject AS (
    SELECT p.id, p.computed_start, p.computed_finish, p.status_date, b.id AS baseline_id
    FROM projects_project p
    LEFT JOIN projects_baseline b ON b.project_id = p.id AND b.is_active
    WHERE p.state IN ('active', 'paused') AND p.computed_finish IS NOT NULL
        AND (%(only)s::bigint IS NULL OR p.id = %(only)s)
),
leaf AS (
    SELECT t.project_id, count(*) AS tasks,
        count(*) FILTER (WHERE t.percent = 100) AS done,
        array_agg(t.uid ORDER BY t.uid) FILTER (WHERE t.is_critical AND t.percent < 100) AS critical,
        array_agg(t.uid ORDER BY t.uid) FILTER (WHERE t.total_float < 0 AND t.percent < 100) AS negative,
        sum(row.duration * t.percent / 100.0) AS minutes,
        sum(row.cost * t.percent / 100.0) AS cost
    FROM projects_task t
    JOIN subject s ON s.id = t.project_id
    LEFT JOIN projects_baselinetask row ON row.task_id = t.id AND row.baseline_id = s.baseline_id AND NOT row.is_summary
    WHERE NOT t.is_summary AND t.is_active
    GROUP BY t.project_id
)
INSERT INTO projects_planweek AS w
    (project_id, week, taken_at, status_date, start, finish, baseline_id, earned_minutes, earned_cost, critical,
     negative, tasks, done)
SELECT s.id, %(week)s, %(now)s, s.status_date, s.computed_start, s.computed_finish, s.baseline_id, l.minutes, l.cost,
    coalesce(l.critical, '{}'), coalesce(l.negative, '{}'), l.tasks, l.done
FROM subject s JOIN leaf l ON l.project_id = s.id
ON CONFLICT (project_id, week) DO UPDATE SET
    taken_at = excluded.taken_at, status_date = excluded.status_date, start = excluded.start, finish = excluded.finish,
    baseline_id = excluded.baseline_id, earned_minutes = excluded.earned_minutes, earned_cost = excluded.earned_cost,
    critical = excluded.critical, negative = excluded.negative, tasks = excluded.tasks, done = excluded.done
RETURNING w.id
"""

_MILESTONES = """
INSERT INTO projects_milestoneweek (week_id, uid, name, finish, is_done)
SELECT w.id, t.uid, t.name, coalesce(t.actual_finish, t.finish), t.percent = 100
FROM projects_planweek w
JOIN projects_task t ON t.project_id = w.project_id
WHERE w.id = ANY(%(weeks)s) AND t.is_milestone AND NOT t.is_summary AND t.is_active AND t.finish IS NOT NULL
"""


def monday(day: datetime.date) -> datetime.date:
    """The first day of its week."""
    return day - datetime.timedelta(days=day.weekday())


@transaction.atomic
def keep_week(now: datetime.datetime, project_id: int | None = None) -> int:
    """Write the current week of all running projects (or one) as they stand; the number of them."""
    with connection.cursor() as cursor:
        cursor.execute(_WEEK, {"now": now, "week": monday(now.date()), "only": project_id})
        weeks = [pk for (pk,) in cursor.fetchall()]
        cursor.execute("DELETE FROM projects_milestoneweek WHERE week_id = ANY(%s)", [weeks])
        cursor.execute(_MILESTONES, {"weeks": weeks})
    return len(weeks)


@periodic("plan-week", every="day")
def keep(now):
    """Every day, so that a week that ends with the server off still has its Saturday."""
    keep_week(now)
