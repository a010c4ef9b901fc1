"""Earned value of 300 projects with 60,000 tasks as of a past day, beside the bare reading of the rows it needs."""

import datetime

from common import CpuTime, Row, row, scratch_database
from django.db import connection

PROJECTS, TASKS = 300, 200
PAST = datetime.date(2026, 3, 31)


def run() -> list[Row]:
    from projects.earned_value.reading import cut_of, read
    from projects.models import Project

    with scratch_database():
        _company()
        projects = list(Project.objects.select_related("calendar"))
        now = datetime.datetime(2026, 6, 30, 12, tzinfo=datetime.UTC)

        def bare():
            with connection.cursor() as cursor:
                for table in ("baselinetask", "task", "timeentry"):
                    cursor.execute(f"SELECT * FROM projects_{table}")
                    cursor.fetchall()

        def measure(day):
            found = read([cut_of(project, day, now=now) for project in projects])
            return sum(reading.total.ev for reading in found.values())

        past, present = measure(PAST), measure(None)
        assert 0 < past < present, (past, present)
        cpu = CpuTime()

        def least(call):
            # CPU of both processes: what else the machine does meanwhile does not count.
            return min(cpu.of(call) for _turn in range(3))

        floor = least(bare)
        count = f"{PROJECTS} projects, {PROJECTS * TASKS:,} tasks"
        return [
            row(f"earned value of {count}, a past day", least(lambda: measure(PAST)), "s", floor=floor, limit=2.0),
            row(f"earned value of {count}, now", least(lambda: measure(None)), "s", floor=floor, limit=2.0),
        ]


def _company():
    """Plans frozen in January, a third of the tasks reported done by March and another third in May, hours booked."""
    import pghistory

    from projects.models import Task
    from tests import factories

    def at(month):
        return pghistory.context(at=datetime.datetime(2026, month, 15, 9, tzinfo=datetime.UTC).isoformat())

    manager = factories.make_user("Alice Manager")
    with at(1):
        projects = [
            factories.make_project(by=manager, approved_budget=1_000_000, target_start=datetime.date(2026, 1, 12))
            for _number in range(PROJECTS)
        ]
        begin = datetime.datetime(2026, 1, 12, 7, tzinfo=datetime.UTC)
        Task.objects.bulk_create(
            [
                Task(
                    project=project, uid=n, number=n, name=f"Task {n}", wbs=f"{(n - 1) // 20 + 1}.{(n - 1) % 20 + 1}",
                    duration=2400, cost=1000 + n, start=begin + datetime.timedelta(days=n // 2),
                    finish=begin + datetime.timedelta(days=n // 2 + 7),
                )
                for project in projects
                for n in range(1, TASKS + 1)
            ],
            batch_size=2000,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO projects_baseline"
                " (project_id, number, name, note, is_active, taken_at, state, decision_note)"
                " SELECT id, 0, 'First', '', true, '2026-01-15', 'draft', '' FROM projects_project"
            )
            cursor.execute(
                "INSERT INTO projects_baselinetask (baseline_id, task_id, uid, number, wbs, name, is_summary,"
                " is_milestone, start, finish, duration, work, cost)"
                " SELECT b.id, t.id, uid, t.number, wbs, t.name, is_summary, is_milestone,"
                " t.start, t.finish, duration, work, cost"
                " FROM projects_task t JOIN projects_baseline b ON b.project_id = t.project_id"
            )
    for month, low, high in ((2, 1, 40), (3, 41, 66), (5, 67, 132)):
        with at(month):
            day = datetime.datetime(2026, month, 14, 9, tzinfo=datetime.UTC)
            Task.objects.filter(number__range=(low, high)).update(percent=100, actual_start=day, actual_finish=day)
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO projects_timeentry"
                    " (project_id, task_id, user_id, day, minutes, note, cost, booked_at, version)"
                    " SELECT project_id, id, %s, %s, 480, '', 640, %s, 1 FROM projects_task"
                    " WHERE number BETWEEN %s AND %s",
                    [manager.pk, day.date(), day, low, high],
                )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
