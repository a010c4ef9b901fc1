"""Control of a large plan: two states of 10,000 tasks compared, beside the bare reading of their rows; a week kept."""

import datetime

from common import Row, median, row, scratch_database

from projects.control.history import keep_week
from projects.schedule.baselines import take_baseline
from projects.schedule.comparison import FIELDS, Comparison

COUNT = 10_000


def run() -> list[Row]:
    with scratch_database():
        project, baseline = _plan()

        def read(_number):
            list(baseline.tasks.values_list(*FIELDS))
            list(project.tasks.values_list(*FIELDS))

        floor = median(read, 5)
        ours = median(lambda _number: Comparison(project, baseline).sentence, 5)
        week = median(lambda number: keep_week(datetime.datetime(2026, 1, 5 + 7 * number, tzinfo=datetime.UTC)), 3)
        return [
            row(f"compare {COUNT:,} tasks with a baseline", ours, "s", floor=floor, aim=4),
            row(f"keep the week of a plan of {COUNT:,} tasks", week, "s", limit=1.0),
        ]


def _plan():
    from projects.models import Task
    from projects.schedule.plan import reschedule
    from tests import factories

    project = factories.make_project()
    Task.objects.bulk_create(
        [
            Task(
                project=project, uid=n, number=n, name=f"Task {n}", duration=480 * (1 + n % 9), is_milestone=n % 50 == 0
            )
            for n in range(1, COUNT + 1)
        ],
        batch_size=2000,
    )
    reschedule(project)
    baseline = take_baseline(project, by=project.manager)
    Task.objects.filter(project=project, number__lte=COUNT // 2).update(duration=480 * 5)
    reschedule(project)
    return project, baseline
