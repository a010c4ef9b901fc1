"""The plan as files: what stands in them, who may see what of it, what a spreadsheet makes of it."""

import csv
import datetime
import io
import json

import icalendar
import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from projects.models import Assignment
from projects.schedule import edits
from projects.schedule.exporting import COLUMNS, FORMATS, export, plan_csv, plan_ics, plan_xlsx
from projects.schedule.leaving import plan_of
from projects.schedule.planfiles import parse_mspdi
from projects.team.verbs import give_role
from tests.factories import make_user

pytestmark = pytest.mark.django_db
AT = datetime.datetime(2026, 1, 5, 12, tzinfo=datetime.UTC)


@pytest.fixture
def costly(plan, project, people):
    edits.change_task(plan["A"], by=people.alice, cost=1234, notes="For us alone")
    resource = project.resources.create(uid=1, name="Ann Lee", hourly_rate=95)
    Assignment.objects.create(project=project, task=plan["A"], resource=resource, units=50, cost=1234)
    return plan


def url(project, format=None):
    return reverse(
        "projects:plan-export" if format else "projects:plan-exports", args=[project.code, *filter(None, [format])]
    )


def sheet(content):
    return openpyxl.load_workbook(io.BytesIO(content)).active


@pytest.mark.parametrize("format", FORMATS)
def test_each_format_is_offered_and_downloaded(client, people, project, plan, format):
    client.force_login(people.alice)
    assert url(project, format) in client.get(url(project)).content.decode()
    response = client.get(url(project, format))
    assert response.status_code == 200
    assert response["Content-Type"] == FORMATS[format].content_type
    assert response["Content-Disposition"].startswith(f'attachment; filename="{project.code}-plan-')
    assert response.content


def test_an_unknown_format_and_a_stranger_get_404(client, people, project, plan):
    client.force_login(people.alice)
    assert client.get(url(project, "mpp")).status_code == 404
    client.force_login(make_user("Nobody Here"))
    assert client.get(url(project, "xlsx")).status_code == 404
    assert client.get(url(project)).status_code == 404


@pytest.mark.parametrize("format", FORMATS)
def test_a_client_gets_neither_costs_nor_people_nor_notes(client, people, project, costly, format):
    client.force_login(people.alice)
    seen = client.get(url(project, format)).content
    buyer = make_user("Clara Client")
    give_role(project, by=people.alice, user=buyer, role="client")
    client.force_login(buyer)
    response = client.get(url(project, format))
    assert response.status_code == 200

    def words(content):
        if format == "xlsx":
            return str([[cell.value for cell in row] for row in sheet(content).rows])
        return content.decode()

    secrets = {"mspdi": ["123400", "Ann Lee", "For us alone", "<StandardRate>"], "ics": [], "json": []}
    for secret in secrets.get(format, ["1234", "Ann Lee", "For us alone", "Cost"]):
        assert secret in words(seen)
        assert secret not in words(response.content)


def test_a_member_without_cost_sees_people_but_no_amounts(client, people, project, costly):
    client.force_login(people.bob)
    text = client.get(url(project, "csv")).content.decode()
    assert "Ann Lee[50%]" in text
    assert "Cost" not in text
    assert "1234" not in text


def test_the_workbook_has_dates_numbers_and_a_frozen_header(project, costly):
    page = sheet(plan_xlsx(project, cost=True))
    head = [cell.value for cell in page[1]]
    assert head == [title for title, _width, _who in COLUMNS]
    row = {name: cell.value for name, cell in zip(head, page[3], strict=True)}
    assert (row["Name"], row["Start"], row["Finish"]) == (
        "A",
        datetime.datetime(2026, 1, 5, 8),
        datetime.datetime(2026, 1, 6, 17),
    )
    assert (row["ID"], row["Cost"], row["Total Float (h)"]) == (2, 1234, 0)
    assert page.freeze_panes == "A2"
    assert page.column_dimensions["E"].width > 30


@pytest.mark.parametrize("name", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx"])
def test_no_name_becomes_a_formula(project, people, plan, name):
    edits.change_task(plan["A"], by=people.alice, name=name)
    cell = sheet(plan_xlsx(project))["E3"]
    assert (cell.data_type, cell.value) == ("s", name)
    rows = list(csv.DictReader(io.StringIO(plan_csv(project))))
    assert rows[1]["Name"] == f"'{name}"


def test_events_keep_their_identity_and_milestones_last_no_time(project, plan, people):
    first = icalendar.Calendar.from_ical(plan_ics(project, at=AT))
    edits.change_task(plan["A"], by=people.alice, duration=1440, version=plan["A"].version)
    events = {str(e["summary"]): e for e in icalendar.Calendar.from_ical(plan_ics(project, at=AT)).walk("VEVENT")}
    before = {str(e["summary"]): e for e in first.walk("VEVENT")}
    assert set(events) == {"A", "B", "◆ Done", "C"}
    assert events["A"]["uid"] == before["A"]["uid"]
    assert events["A"]["sequence"] > before["A"]["sequence"]
    assert events["A"].decoded("dtstart") == datetime.datetime(2026, 1, 5, 7, tzinfo=datetime.UTC)  # 08:00 in Berlin
    assert "dtend" not in events["◆ Done"]
    assert plan_ics(project, at=AT) == plan_ics(project, at=AT)


def test_json_says_for_each_task_what_it_promises(project, plan):
    answer = json.loads(export(project, "json"))
    task = answer["tasks"][1]
    assert task["name"] == "A"
    for name in ("uid", "wbs", "start", "finish", "early_start", "early_finish", "late_start", "late_finish"):
        assert task[name]
    assert (task["total_float_hours"], task["free_float_hours"], task["critical"], task["percent"]) == (0, 0, True, 0)


def test_a_plan_made_here_comes_back_from_microsofts_format(project, costly):
    written = plan_of(project)
    read = parse_mspdi(export(project, "mspdi"))
    assert [(t.uid, t.name, t.stored_start, t.stored_finish) for t in read.tasks] == [
        (t.uid, t.name, t.stored_start, t.stored_finish) for t in written.tasks
    ]
    assert read.assignments[0].units == written.assignments[0].units
    assert read.tasks[1].cost == 1234


@pytest.mark.parametrize("format", FORMATS)
def test_the_number_of_queries_does_not_grow(project, people, plan, format, django_assert_max_num_queries):
    edits.add_tasks(project, by=people.alice, rows=[{"name": f"T{n}", "level": 1} for n in range(300)])
    with django_assert_max_num_queries(16):
        export(project, format)


def test_the_command_prints_or_writes(project, plan, tmp_path):
    out = io.StringIO()
    call_command("export_plan", project.code, format="csv", stdout=out)
    assert out.getvalue().startswith("ID,UID,WBS")
    for format in FORMATS:
        out = io.StringIO()
        call_command("export_plan", project.code, format=format, output=tmp_path / format, stdout=out)
        assert "6 tasks" in out.getvalue()
        assert (tmp_path / format).stat().st_size
    with pytest.raises(CommandError, match="can't be written"):
        call_command("export_plan", project.code, format="csv", output=tmp_path / "no" / "folder")


def test_what_is_done_has_late_dates_and_no_float_in_json(project, people, plan):
    for name in ("A", "B"):
        edits.change_task(plan[name], by=people.alice, percent=100, at=AT + datetime.timedelta(days=60))
    tasks = {task["name"]: task for task in json.loads(export(project, "json"))["tasks"]}
    for name in ("A", "B", "Phase"):
        task = tasks[name]
        assert task["percent"] == 100
        assert (task["late_start"], task["late_finish"]) == (task["start"], task["finish"])
        assert (task["total_float_hours"], task["free_float_hours"]) == (0, 0)
    assert all(task["late_finish"] and task["total_float_hours"] is not None for task in tasks.values())
