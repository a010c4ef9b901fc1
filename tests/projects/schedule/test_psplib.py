"""Classic networks with known critical paths (PSPLIB j30), as the table a project tool would write."""

import csv
from datetime import datetime

import pytest

from pmdm.worktime.engine import standard_calendar
from projects.schedule.planfiles import parse_csv_plan, schedule_plan

pytestmark = pytest.mark.shared

STANDARD = standard_calendar()
MONDAY = datetime(2026, 1, 5, 8)
DAY = 480


def as_table(text: str) -> str:
    """The .sm format's successors and durations as ID, Name, Duration, Predecessors."""
    lines = text.splitlines()
    successors = lines[lines.index("PRECEDENCE RELATIONS:") + 2 :]
    durations = lines[lines.index("REQUESTS/DURATIONS:") + 3 :]
    before: dict[int, list[int]] = {}
    for line in successors[: next(i for i, text in enumerate(successors) if text.startswith("*"))]:
        job, _, _, *after = map(int, line.split())
        before.setdefault(job, [])
        for successor in after:
            before.setdefault(successor, []).append(job)
    rows = ["ID,Name,Duration,Predecessors"]
    for line in durations[: next(i for i, text in enumerate(durations) if text.startswith("*"))]:
        job, _, days = map(int, line.split()[:3])
        links = ",".join(map(str, before[job]))
        rows.append(f'{job},Job {job},{days}d,"{links}"')
    return "\n".join(rows)


def test_critical_paths_are_as_long_as_printed(shared_data):
    folder = shared_data / "scheduling-psplib"
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert len(expected) == 24
    for row in expected:
        plan = parse_csv_plan(as_table((folder / "j30" / row["file"]).read_text()).encode())
        result = schedule_plan(plan, MONDAY)
        assert len(plan.tasks) == int(row["jobs_incl_dummies"])
        assert len(plan.links) == int(row["links"])
        days = STANDARD.between(MONDAY, result.finish) / DAY
        assert days == int(row["cpm_length_MPM_Time"]), row["file"]
        critical = [task for task in result.tasks.values() if task.total_float == 0]
        assert len(critical) == int(row["zero_slack_jobs"]), row["file"]
        path = result.longest_path
        durations = {task.uid: task.duration_minutes for task in plan.tasks}
        assert sum(durations[i] for i in path) == days * DAY
