"""The plan between database and engine."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from pmdm.activity.models import Change
from projects.schedule.calendars import day_end, day_start, project_calendar
from projects.schedule.localtime import to_instant, to_wall
from projects.schedule.models import Link, PlanCalendar, Task
from projects.schedule.page import PlanPage
from projects.schedule.plan import reschedule

pytestmark = pytest.mark.django_db

D = datetime.datetime


def wall(project, instant):
    return to_wall(instant, project)


def test_it_stores_dates_of_the_projects_wall_clock(project, plan):
    a, b = plan["A"], plan["B"]
    assert wall(project, a.start) == D(2026, 1, 5, 8)
    assert wall(project, a.finish) == D(2026, 1, 6, 17)
    assert (wall(project, b.start), wall(project, b.finish)) == (D(2026, 1, 7, 8), D(2026, 1, 9, 17))
    assert a.start == D(2026, 1, 5, 7, tzinfo=datetime.UTC), "Berlin is an hour ahead in winter"


def test_a_day_is_eight_on_the_wall_on_both_sides_of_summer_time(project, plan):
    Task.objects.filter(name="A").update(duration=480 * 70)
    reschedule(project)
    assert wall(project, plan["B"].start) == D(2026, 4, 13, 8)
    assert plan["B"].start == D(2026, 4, 13, 6, tzinfo=datetime.UTC)


def test_summaries_milestones_float_and_the_critical_path(project, plan):
    phase, c, done = plan["Phase"], plan["C"], plan["Done"]
    assert phase.is_summary
    assert (phase.start, phase.finish, phase.duration) == (plan["A"].start, plan["B"].finish, 5 * 480)
    assert (c.total_float, c.is_critical) == (4 * 480, False)
    assert wall(project, c.late_finish) == D(2026, 1, 9, 17)
    assert done.is_critical
    assert done.start == done.finish == plan["B"].finish
    project.refresh_from_db()
    assert (project.computed_start, project.computed_finish) == (plan["A"].start, plan["B"].finish)


def test_the_percent_of_a_summary_is_weighted_by_duration(project, plan):
    Task.objects.filter(name="B").update(percent=50)
    reschedule(project)
    assert plan["Phase"].percent == 30  # (2 d x 0 + 3 d x 50) / 5 d


def test_it_says_what_moved(project, plan):
    Task.objects.filter(name="A").update(duration=480 * 4)
    moved = reschedule(project)
    assert {move.name for move in moved.moves} == {"Phase", "A", "B", "Done"}
    assert [move.name for move in moved.tasks] == ["A", "B", "Done"]
    assert moved.sentence == "3 tasks moved; the finish slips to 13\u00a0Jan."
    assert reschedule(project).moves == []


def test_a_cycle_names_its_tasks_and_changes_nothing(project, plan):
    before = list(Task.objects.order_by("pk").values())
    Link.objects.create(project=project, predecessor=plan["B"], successor=plan["A"])
    with pytest.raises(ValidationError, match=r"(2 A → 3 B → 2 A|3 B → 2 A → 3 B)"):
        reschedule(project)
    assert list(Task.objects.order_by("pk").values()) == before


def test_only_rows_that_changed_are_written(project, plan):
    newest = Change.objects.order_by("-id").first().id
    Task.objects.filter(name="C").update(duration=960)
    reschedule(project)
    written = Change.objects.filter(id__gt=newest, table="projects_task").values_list("after__name", flat=True)
    assert set(written) == {"C", "Other"}


def test_the_plans_own_calendar_counts(project, plan):
    PlanCalendar.objects.create(
        project=project,
        uid=1,
        name="Night",
        is_project_calendar=True,
        week={"0": [["20:00", "24:00"]], "1": [["20:00", "24:00"]]},
        exceptions=[{"from": "2026-01-06", "to": "2026-01-06", "name": "Off", "hours": []}],
    )
    project.schedule_start = to_instant(D(2026, 1, 5, 20), project)
    project.save(update_fields=["schedule_start"])
    reschedule(project)
    assert wall(project, plan["C"].finish) == D(2026, 1, 13, 0)


def test_a_constant_number_of_queries(project, plan, django_assert_max_num_queries):
    def count():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        Task.objects.filter(project=project).exclude(is_summary=True).update(duration=960)
        with CaptureQueriesContext(connection) as queries:
            reschedule(project)
        Task.objects.filter(project=project).exclude(is_summary=True).update(duration=480)
        return len(queries)

    few = count()
    tasks = [Task(project=project, uid=1000 + n, number=1000 + n, name=f"T{n}") for n in range(300)]
    Task.objects.bulk_create(tasks)
    Link.objects.bulk_create(Link(project=project, predecessor=tasks[n], successor=tasks[n + 1]) for n in range(299))
    reschedule(project)
    assert count() == few


def test_days_begin_and_end_with_their_work(project, db):
    calendar = project_calendar(project)
    assert day_start(calendar, datetime.date(2026, 1, 5)) == D(2026, 1, 5, 8)
    assert day_end(calendar, datetime.date(2026, 1, 5)) == D(2026, 1, 5, 17)
    assert day_start(calendar, datetime.date(2026, 1, 10)) == D(2026, 1, 10)
    assert day_end(calendar, datetime.date(2026, 1, 10)) == D(2026, 1, 9, 17), "a Saturday's end is Friday's"


def test_the_table_says_long_durations_in_days(project, people, plan):
    """Minutes that are no whole number of days: exact for a task of hours, in days where that would be unreadable."""
    Task.objects.filter(project=project, name="A").update(duration=72_247)
    Task.objects.filter(project=project, name="B").update(duration=90)
    Task.objects.filter(project=project, name="Phase").update(duration=72_337)
    page = PlanPage(project, people.alice, {}, path="/")
    said = {row["task"].name: row["duration"] for row in page.rows}
    assert said == {"Phase": "150.7d", "A": "150.5d", "B": "1.5h", "Done": "0d", "Other": "1d", "C": "1d"}
