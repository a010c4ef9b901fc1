"""Figures at scale: 10,000 projects of 100 tasks in one go, and what a task edit costs.

``run()`` gives rows for ``tests/bench/run.py``; BENCH_KPI_PROJECTS makes it smaller. The floor of
the recomputation is the bare aggregate over the same tables with the upsert of as many rows; the floor of a task edit
is the same UPDATE without the trigger that marks its project.

What is compared is CPU time, of this process and of its server process together: the machine has other work too, and
none of these statements is one that PostgreSQL shares out among processes.
"""

import os

from common import CpuTime, row, scratch_database

PROJECTS, TASKS = int(os.environ.get("BENCH_KPI_PROJECTS", "10000")), 100
EDITS = 200

FILL = [
    """
    INSERT INTO projects_project (id, code, name, goal, currency, approved_budget, target_start, target_finish,
        time_zone, minutes_per_day, minutes_per_week, days_per_month, computed_start, computed_finish, state,
        created_at, version)
    SELECT p, 'P-' || p, 'Project ' || p, '', 'EUR', 100000, current_date - 200, current_date + 100, 'Europe/Berlin',
        480, 2400, 20, now() - interval '200 days', now() + (p % 200) * interval '1 day', 'active',
        now() - interval '300 days', 1
    FROM generate_series(1, {projects}) p
    """,
    """
    INSERT INTO projects_task (id, project_id, uid, number, name, notes, is_milestone, mode, duration, duration_elapsed,
        "constraint", percent, actual_start, actual_finish, splits, is_summary, outline_level, wbs, start, finish,
        total_float, free_float, is_critical, is_active, version)
    SELECT (p - 1) * {tasks} + t, p, t, t, 'Task ' || t, '', t % 10 = 0, 'auto', 960, FALSE, 0,
        CASE WHEN t <= 60 THEN 100 WHEN t <= 70 THEN 40 ELSE 0 END,
        CASE WHEN t <= 70 THEN now() - interval '200 days' + t * interval '3 days' END,
        CASE WHEN t <= 60 THEN now() - interval '198 days' + t * interval '3 days' END,
        '[]', t % 20 = 1, 2, '1.' || t, now() - interval '200 days' + t * interval '3 days',
        now() - interval '197 days' + t * interval '3 days', (t % 7) * 480, 0, t % 7 = 0, TRUE, 1
    FROM generate_series(1, {projects}) p, generate_series(1, {tasks}) t
    """,
    """
    INSERT INTO projects_baseline (id, project_id, number, name, state, is_active, start, finish, taken_at)
    SELECT p, p, 0, '', 'draft', TRUE, now() - interval '200 days', now() + interval '100 days',
        now() - interval '190 days'
    FROM generate_series(1, {projects}) p
    """,
    """
    INSERT INTO projects_baselinetask (baseline_id, task_id, uid, start, finish, duration)
    SELECT project_id, id, uid, start, finish - interval '2 days', duration FROM projects_task
    """,
    """
    INSERT INTO projects_budgetline (id, project_id, number, name, category, planned, spread, version)
    SELECT (p - 1) * 5 + l, p, l, 'Line ' || l, 'services', 20000, 'project', 1
    FROM generate_series(1, {projects}) p, generate_series(1, 5) l
    """,
    """
    INSERT INTO projects_expense (project_id, line_id, number, spent_on, amount, description, supplier, booked_by_id,
        booked_at)
    SELECT p, (p - 1) * 5 + x % 5 + 1, x, current_date - x, 3000 + x, 'Expense', '', 1, now()
    FROM generate_series(1, {projects}) p, generate_series(1, 10) x
    """,
    """
    INSERT INTO projects_timeentry (project_id, line_id, user_id, day, minutes, note, cost, booked_at)
    SELECT p, (p - 1) * 5 + x % 5 + 1, 1, current_date - x, 240, '', 320, now()
    FROM generate_series(1, {projects}) p, generate_series(1, 20) x
    """,
    """
    INSERT INTO projects_requirement (id, project_id, number, title, text, priority, state, source, created_at,
        verified_at, version)
    SELECT (p - 1) * 10 + r, p, r, 'Requirement', '', 'must', CASE WHEN r < 6 THEN 'verified' ELSE 'approved' END, '',
        now() - interval '150 days', CASE WHEN r < 6 THEN now() - r * interval '9 days' END, 1
    FROM generate_series(1, {projects}) p, generate_series(1, 10) r
    """,
    """
    INSERT INTO projects_scopebaseline (id, project_id, number, is_active, frozen_at, frozen_by_id)
    SELECT p, p, 1, TRUE, now() - interval '140 days', 1 FROM generate_series(1, {projects}) p
    """,
    """
    INSERT INTO projects_scopebaselineitem (baseline_id, requirement_id, title, priority)
    SELECT project_id, id, title, priority FROM projects_requirement
    """,
    """
    INSERT INTO projects_risk (project_id, number, title, description, category, is_opportunity, probability, impact,
        response, response_plan, state, raised_at, close_reason, version)
    SELECT p, r, 'Risk', '', '', FALSE, (p + r) % 5 + 1, r, '', '', 'open', now() - interval '50 days', '', 1
    FROM generate_series(1, {projects}) p, generate_series(1, 5) r
    """,
]

# Columns that the rows below do not care about.
DEFAULTS = """
    DO $$ DECLARE c record; BEGIN
        FOR c IN SELECT table_name, column_name, data_type FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name LIKE 'projects\\_%' AND is_nullable = 'NO'
                AND column_default IS NULL AND is_identity = 'NO'
        LOOP
            EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT %L', c.table_name, c.column_name,
                CASE c.data_type WHEN 'boolean' THEN 'false' WHEN 'jsonb' THEN '[]' WHEN 'text' THEN ''
                    WHEN 'ARRAY' THEN '{}'
                    WHEN 'character varying' THEN '' WHEN 'timestamp with time zone' THEN 'now' WHEN 'date' THEN 'now'
                    ELSE '0' END);
        END LOOP;
    END $$
"""

# Every column of it is read: PostgreSQL leaves out an aggregate that nobody asks for.
FLOOR = """
    INSERT INTO bench_floor AS v (subject_type, subject_id, kpi, value, unit, status, reason, inputs, as_of)
    SELECT 'project', w.project_id, k.kpi, w.done + coalesce(c.amount, 0) + coalesce(t.cost, 0) + coalesce(b.planned, 0)
        + coalesce(s.verified, 0) + coalesce(r.open, 0) + w.due + %(offset)s, '', 'ok', '', '{}', w.finish
    FROM (
        SELECT t.project_id, count(*) FILTER (WHERE t.percent = 100) AS done,
            count(*) FILTER (WHERE b.finish <= now()) AS due, max(t.finish) AS finish
        FROM projects_task t LEFT JOIN projects_baselinetask b ON b.task_id = t.id
        WHERE NOT t.is_summary GROUP BY t.project_id
    ) w
    LEFT JOIN (SELECT project_id, sum(amount) AS amount FROM projects_expense GROUP BY 1) c USING (project_id)
    LEFT JOIN (SELECT project_id, sum(cost) AS cost FROM projects_timeentry GROUP BY 1) t USING (project_id)
    LEFT JOIN (SELECT project_id, sum(planned) AS planned FROM projects_budgetline GROUP BY 1) b USING (project_id)
    LEFT JOIN (
        SELECT r.project_id, count(*) FILTER (WHERE r.state = 'verified') AS verified
        FROM projects_scopebaselineitem i JOIN projects_requirement r ON r.id = i.requirement_id GROUP BY 1
    ) s USING (project_id)
    LEFT JOIN (SELECT project_id, count(*) AS open FROM projects_risk WHERE state = 'open' GROUP BY 1) r
        USING (project_id)
    CROSS JOIN (VALUES ('1'), ('2'), ('3'), ('4'), ('5'), ('6'), ('7')) AS k(kpi)
    ON CONFLICT (subject_type, subject_id, kpi) DO UPDATE SET value = excluded.value, as_of = excluded.as_of
"""


def run(projects: int = PROJECTS) -> list[dict]:
    """Measure in a database of its own, gone afterwards."""
    from django.db import connection

    with scratch_database():
        fill(connection, projects)
        rows = recomputation(connection, projects)
        rows += task_edit(connection, projects)
    return rows


def fill(connection, projects: int) -> None:
    """Rows by bulk SQL, without triggers and foreign keys: only the reading is measured."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET session_replication_role = replica")
        cursor.execute(DEFAULTS)
        for statement in FILL:
            cursor.execute(statement.format(projects=projects, tasks=TASKS))
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("CREATE TABLE bench_floor (LIKE kpis_value INCLUDING ALL)")
        cursor.execute("VACUUM ANALYZE")


def recomputation(connection, projects: int) -> list[dict]:
    """All projects at once: into empty tables, and again with every value different."""
    from django.db import transaction

    from pmdm.kpis.models import Value
    from pmdm.kpis.recompute import _room_for, recompute

    def floor(offset):
        # With the same memory: the plain statement is not to look slow for want of it.
        with transaction.atomic(), _room_for(None), connection.cursor() as cursor:
            cursor.execute(FLOOR, {"offset": offset})
            return cursor.rowcount

    cpu = CpuTime()
    floor_first = cpu.of(lambda: floor(0))
    first = cpu.of(lambda: recompute("project"))
    assert Value.objects.filter(subject_type="project").count() == projects * 7, "not every project has its figures"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    floors, changed = [], []
    for turn in (1, 2, 3):
        floors.append(cpu.of(lambda turn=turn: floor(turn)))
        with connection.cursor() as cursor:
            cursor.execute("UPDATE kpis_value SET value = coalesce(value, 0) + 1")
            cursor.execute("VACUUM kpis_value")
            cursor.execute("VACUUM bench_floor")
        changed.append(cpu.of(lambda: recompute("project")))
    same = min(cpu.of(lambda: recompute("project")) for _turn in (1, 2))
    floor_again, again = min(floors), min(changed)
    name = f"recompute {projects:,} projects of {TASKS} tasks"
    return [
        row(f"{name}, first time", first, "s", floor=floor_first, aim=2.0),
        row(f"{name}, all changed", again, "s", floor=floor_again, aim=2.0),
        row(f"{name}, none changed", same, "s", floor=floor_again, aim=2.0),
    ]


def task_edit(connection, projects: int) -> list[dict]:
    """One task's progress: the statement with and without its mark, and the refresh of its project's figures."""
    from pmdm.kpis.models import Dirty
    from pmdm.kpis.recompute import recompute_dirty

    last = projects * TASKS

    def edit(number):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE projects_task SET percent = (percent + 1) %% 100, actual_finish = NULL WHERE id = %s",
                [number * 37 % last + 1],
            )

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_task DISABLE TRIGGER USER")
    cpu = CpuTime()
    for number in range(20):
        edit(number)
    bare = cpu.of(lambda: [edit(number) for number in range(EDITS)]) / EDITS
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'projects_task'::regclass AND tgname LIKE '%dirty_u%'"
        )
        (trigger,) = cursor.fetchone()
        cursor.execute(f'ALTER TABLE projects_task ENABLE TRIGGER "{trigger}"')
    Dirty.objects.all().delete()
    marked = cpu.of(lambda: [edit(number) for number in range(EDITS)]) / EDITS
    assert Dirty.objects.count() == EDITS, "an edit left no mark"
    recompute_dirty()

    def edit_and_refresh(number):
        edit(number)
        recompute_dirty()

    refresh = cpu.of(lambda: [edit_and_refresh(number) for number in range(EDITS)]) / EDITS - marked
    return [
        row("a task edit's mark", (marked - bare) * 1000, "ms", floor=bare * 1000, limit=5),
        row("figures of one project after a task edit", refresh * 1000, "ms", floor=bare * 1000, limit=5),
    ]
