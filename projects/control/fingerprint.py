"""One hash of all that a plan gives to a simulation: when it differs, what was simulated is out of date."""

from django.db import connection

_SQL = """
SELECT encode(sha256(convert_to(coalesce(string_agg(doc, E'\\n' ORDER BY doc), ''), 'UTF8')), 'hex') FROM (
    SELECT 'task' || jsonb_build_array(t.uid, t.parent_id, t.duration, t.duration_elapsed, t.mode, t."constraint",
        t.constraint_date, t.deadline, t.calendar_id, t.percent, t.remaining, t.actual_start, t.actual_finish,
        t.manual_start, t.manual_finish, t.splits, t.is_active, t.is_milestone)::text AS doc
    FROM projects_task t WHERE t.project_id = %(project)s
    UNION ALL
    SELECT 'link' || jsonb_build_array(l.predecessor_id, l.successor_id, l.type, l.lag, l.lag_unit)::text
    FROM projects_link l WHERE l.project_id = %(project)s
    UNION ALL
    SELECT 'estimate' || jsonb_build_array(e.task_id, e.optimistic, e.likely, e.pessimistic, e.shape)::text
    FROM projects_taskestimate e WHERE e.project_id = %(project)s
    UNION ALL
    SELECT 'default' || jsonb_build_array(s.low, s.high, s.shape)::text
    FROM projects_simulationsettings s WHERE s.project_id = %(project)s
        AND (s.low, s.high, s.shape) IS DISTINCT FROM (%(low)s, %(high)s, %(shape)s)
    UNION ALL
    SELECT 'calendar' || jsonb_build_array(c.id, c.week, c.exceptions, c.is_project_calendar)::text
    FROM projects_plancalendar c WHERE c.project_id = %(project)s
    UNION ALL
    SELECT 'settings' || jsonb_build_array(s.honour_constraints, s.critical_float, s.from_finish)::text
    FROM projects_plansettings s WHERE s.project_id = %(project)s
        AND (NOT s.honour_constraints OR s.critical_float <> 0 OR s.from_finish IS NOT NULL)
    UNION ALL
    SELECT 'people' || jsonb_build_array(a.task_id, r.user_id,
        (SELECT jsonb_agg(jsonb_build_array(h.valid_from, h.percent, c.week, c.exceptions, c.country)
            ORDER BY h.valid_from)
         FROM worktime_workinghours h LEFT JOIN worktime_calendar c ON c.id = h.calendar_id
         WHERE h.user_id = r.user_id),
        (SELECT jsonb_agg(jsonb_build_array(b.first, b.last, b.part) ORDER BY b.first, b.part)
         FROM worktime_absence b WHERE b.user_id = r.user_id))::text
    FROM projects_assignment a JOIN projects_resource r ON r.id = a.resource_id
    JOIN projects_plansettings s ON s.project_id = a.project_id AND s.people_hours
    WHERE a.project_id = %(project)s
    UNION ALL
    SELECT 'project' || jsonb_build_array(p.schedule_start, p.target_start, p.status_date, p.time_zone,
        p.minutes_per_day, c.week, c.exceptions, c.country)::text
    FROM projects_project p LEFT JOIN worktime_calendar c ON c.id = p.calendar_id WHERE p.id = %(project)s
) parts
"""


def plan_hash(project) -> str:
    """Durations, links, calendars, progress and estimates as they are stored; names and notes do not count."""
    from projects.control.models import Shape, SimulationSettings

    values = {
        "project": project.pk,
        "low": SimulationSettings.LOW,
        "high": SimulationSettings.HIGH,
        "shape": Shape.TRIANGULAR.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, values)
        return cursor.fetchone()[0]
