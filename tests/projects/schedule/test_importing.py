"""The import: all or nothing, what is kept, what is said."""

import csv
import datetime
import io
import json
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from pmdm.activity.models import Change
from projects.budget import verbs
from projects.lifecycle.models import Project
from projects.schedule import importing
from projects.schedule.baselines import take_baseline
from projects.schedule.importing import import_plan, read_plan
from projects.schedule.models import Task
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def table(*rows):
    out = io.StringIO()
    csv.writer(out).writerows([("ID", "Name", "Duration", "Predecessors", "Resource Names"), *rows])
    return out.getvalue().encode()


def run(*args, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command(*args, stdout=out, stderr=err, **options)
    return out.getvalue()


def test_booked_time_and_baselines_survive_with_the_same_tasks(project, people, plan):
    take_baseline(project, by=people.alice, name="Approved")
    a, b = plan["A"], plan["B"]
    kept = verbs.book_time(project, by=people.bob, day=datetime.date(2026, 1, 6), minutes=60, task=a)
    loose = verbs.book_time(project, by=people.bob, day=datetime.date(2026, 1, 6), minutes=60, task=b)
    data = table((a.uid, "A", "4d", "", ""), (99, "New", "1d", str(a.uid), ""))
    report = import_plan(project, read_plan(data), by=people.alice, replace=True)
    kept.refresh_from_db()
    loose.refresh_from_db()
    assert (kept.task.name, loose.task) == ("A", None)
    baseline = project.baselines.get()
    assert baseline.is_active
    assert [row.task.name for row in baseline.tasks.exclude(task=None)] == ["A"]
    assert {row.name for row in baseline.tasks.filter(task=None)} == {"B", "C", "Phase", "Other", "Done"}
    assert any("1 time entries" in warning for warning in report.warnings)


def test_a_failure_late_in_the_import_leaves_the_plan_as_it_was(project, people, plan, monkeypatch):
    before = list(Task.objects.order_by("pk").values())

    def fail(self, tasks):
        raise ValidationError("late")

    monkeypatch.setattr(importing._Importer, "_baselines", fail)
    with pytest.raises(ValidationError, match="late"):
        import_plan(project, read_plan(table((1, "X", "1d", "", ""))), by=people.alice, replace=True)
    assert list(Task.objects.order_by("pk").values()) == before


def test_people_are_found_by_name_when_it_is_theirs_alone(project, people):
    make_user("Nora Twin"), make_user("Nora Twin")
    people.bob.name = "Bob Builder"
    people.bob.save()
    data = table((1, "X", "1d", "", "Bob Builder[50%],Nora Twin,Crane"))
    import_plan(project, read_plan(data), by=people.alice)
    found = {resource.name: resource.user for resource in project.resources.all()}
    assert found == {"Bob Builder": people.bob, "Nora Twin": None, "Crane": None}
    assert project.assignments.get(resource__name="Bob Builder").units == 50


def test_the_history_names_who_imported(project, people, tmp_path):
    file = tmp_path / "plan.csv"
    file.write_bytes(table((1, "X", "1d", "", "")))
    run("import_plan", str(file), project=project.code, by=people.alice.email)
    assert Change.objects.filter(table="projects_task", operation="I").first().actor == people.alice


def test_a_dry_run_of_the_command_makes_no_project(tmp_path):
    make_user("Ada", site_role="admin")
    file = tmp_path / "plan.csv"
    file.write_bytes(table((1, "X", "1d", "", "")))
    answer = json.loads(run("import_plan", str(file), project="NEW-1", create=True, dry_run=True, json=True))
    assert (answer["imported"], answer["counts"]["tasks"]) == (False, 1)
    assert not Project.objects.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [({}, "--create"), ({"create": True}, "manager"), ({"create": True, "by": "nobody@example.com"}, "nobody@")],
)
def test_the_command_says_what_is_missing(tmp_path, options, words):
    file = tmp_path / "plan.csv"
    file.write_bytes(table((1, "X", "1d", "", "")))
    with pytest.raises(CommandError, match=words):
        run("import_plan", str(file), project="NEW-1", **options)
    assert not Project.objects.exists()


def test_a_refused_file_answers_its_problems_in_json(tmp_path, project):
    file = tmp_path / "plan.csv"
    file.write_bytes(table((1, "X", "soon", "", "")))
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("import_plan", str(file), project=project.code, json=True, stdout=out)
    answer = json.loads(out.getvalue())
    assert answer["imported"] is False
    assert "Line 2" in answer["problems"][0]


def test_what_the_csv_export_writes_comes_in_again_equal(project, people, plan):
    before = json.loads(run("export_plan", project.code, format="json"))
    data = run("export_plan", project.code, format="csv").encode()
    import_plan(project, read_plan(data), by=people.alice, replace=True)
    after = json.loads(run("export_plan", project.code, format="json"))
    names = ("number", "name", "wbs", "duration", "start", "finish", "total_float_hours", "critical", "percent")
    assert [[t[n] for n in names] for t in after["tasks"]] == [[t[n] for n in names] for t in before["tasks"]]


def test_the_export_names_what_issue_two_asks_for(project, people, plan):
    answer = json.loads(run("export_plan", project.code, format="json"))
    assert (answer["start"], answer["finish"]) == ("2026-01-05T08:00:00", "2026-01-09T17:00:00")
    c = answer["tasks"][5]
    assert (c["name"], c["wbs"], c["duration"], c["start"], c["finish"]) == (
        "C",
        "3.1",
        "1d",
        "2026-01-05T08:00:00",
        "2026-01-05T17:00:00",
    )
    assert (c["early_start"], c["late_finish"], c["total_float_hours"], c["free_float_hours"], c["critical"]) == (
        "2026-01-05T08:00:00",
        "2026-01-09T17:00:00",
        32,
        32,
        False,
    )


@pytest.mark.shared
def test_j30_networks_give_the_length_of_the_critical_path(shared_data, people, project):
    """Each .sm network as a CSV plan, through the command: finish - start in working days is MPM-Time."""
    folder = shared_data / "scheduling-psplib"
    with (folder / "expected.csv").open(encoding="utf-8") as file:
        expected = {row["file"]: int(row["cpm_length_MPM_Time"]) for row in csv.DictReader(file)}
    from projects.schedule.calendars import STANDARD

    assert len(expected) == 24
    for name, length in expected.items():
        report = import_plan(
            project, read_plan(as_csv((folder / "j30" / name).read_text())), by=people.alice, replace=True
        )
        start, finish = map(datetime.datetime.fromisoformat, (report.start, report.finish))
        assert STANDARD.between(start, finish) == length * 480, name


def as_csv(text):
    relations, durations = text.split("PRECEDENCE RELATIONS:")[1].split("REQUESTS/DURATIONS:")
    successors = {}
    for line in relations.splitlines():
        numbers = [int(part) for part in re.findall(r"\d+", line)]
        if len(numbers) >= 3 and not line.startswith("*"):
            successors[numbers[0]] = numbers[3:]
    length = {}
    for line in durations.split("RESOURCEAVAILABILITIES")[0].splitlines():
        numbers = [int(part) for part in re.findall(r"\d+", line)]
        if len(numbers) >= 3 and "R" not in line:
            length[numbers[0]] = numbers[2]
    before = {job: [p for p, after in successors.items() if job in after] for job in length}
    return table(
        *[(job, f"Job {job}", f"{days}d", ",".join(map(str, before[job])), "") for job, days in length.items()]
    )
