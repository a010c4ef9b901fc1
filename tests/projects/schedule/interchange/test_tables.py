"""A table changes a plan by UID: the columns are matched, a dry run says what would change, one step takes it back."""

import io
import json
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from pmdm.interchange.models import Upload
from pmdm.interchange.tabular import TableRefused, read
from projects.schedule import edits, tables
from projects.schedule.api.steps import offered
from projects.schedule.exporting import plan_csv, plan_xlsx
from projects.schedule.importing import Unreadable, read_plan
from tests.projects.schedule.interchange.test_p6 import task, xer

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client, people):
    client.force_login(people.alice)
    return client


def upload(client, project, data, name="plan.xlsx", **fields):
    address = reverse("projects:plan-import", args=[project.code])
    return client.post(address, {"file": SimpleUploadedFile(name, data), **fields})


def changed_workbook(content, changes, new=()):
    """The exported workbook with {(uid, column): value} changed and rows of {column: value} added."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.active
    head = {cell.value: cell.column for cell in sheet[1]}
    rows = {sheet.cell(row, head["UID"]).value: row for row in range(2, sheet.max_row + 1)}
    for (uid, column), value in changes.items():
        sheet.cell(rows[uid], head[column]).value = value
    for values in new:
        at = sheet.max_row + 1
        for column, value in values.items():
            sheet.cell(at, head[column]).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("write", [plan_xlsx, lambda project: plan_csv(project).encode()])
def test_an_exported_table_changes_nothing_when_it_comes_back(project, people, plan, write):
    edits.change_task(plan["A"], by=people.alice, name="=A (1)", percent=40)
    update = tables.update_of(project, read(write(project)))
    assert (update.ops, update.changed, update.rows, update.ignored) == ([], 0, 6, 0)


def test_a_changed_workbook_is_matched_shown_applied_and_taken_back(alice, project, people, plan):
    data = changed_workbook(
        plan_xlsx(project),
        {(plan["A"].uid, "Duration"): "5d", (plan["C"].uid, "Name"): "C, renamed"},
        new=[{"Name": "Paint", "Duration": "2d", "Outline Level": 2, "Predecessors": "6"}],
    )
    response = upload(alice, project, data)
    assert response.status_code == 302
    page = alice.get(response.url).content.decode()
    for words in ("Dry run", "5d", "C, renamed", "Paint", "new task"):
        assert words in page
    assert plan["A"].duration == 960, "the dry run changed nothing"
    options = {"mode": "update", **{f"field_{k}": v for k, v in Upload.objects.get().options["mapping"].items()}}
    assert alice.post(response.url, {**options, "import": "1"}).status_code == 302
    assert plan["A"].duration == 2400
    assert plan["C, renamed"]
    paint = plan["Paint"]
    assert (paint.parent.name, paint.start > plan["C, renamed"].finish) == ("Other", True)
    assert offered(project, people.alice)["undo"].endswith("Update from “plan.xlsx”")
    assert (
        alice.post(reverse("projects:plan-undo", args=[project.code]), {}, content_type="application/json").status_code
        == 200
    )
    assert plan["A"].duration == 960
    assert not project.tasks.filter(name="Paint").exists()


def test_another_mapping_is_kept_and_checked_again(alice, project, plan):
    data = f"key;what;days\n{plan['A'].uid};Dig;4d\n".encode()
    response = upload(alice, project, data, "odd.csv", with_columns="on")
    assert (
        "no column for UID"
        in alice.post(response.url, {"mode": "update", "field_name": "what", "import": "1"}).content.decode()
    )
    chosen = {"mode": "update", "field_uid": "key", "field_name": "what", "field_duration": "days"}
    assert alice.post(response.url, chosen).status_code == 302
    page = alice.get(response.url).content.decode()
    assert "Dig" in page
    assert "4d" in page


@pytest.mark.parametrize(
    ("row", "line", "column", "words"),
    [
        ("9999,X,1d,", 3, "UID", "leave it empty"),
        ("{a},X,soon,", 3, "Duration", "soon"),
        ("{a},X,1d,77", 3, "Predecessors", "77"),
        ("{b},X,1d,", 3, "UID", "already"),
        (",,1d,", 3, "Name", "needs a name"),
        ("{a},B2,1d,3", 3, "Predecessors", ""),  # B waits for A: a circle
    ],
)
def test_what_cannot_be_is_named_by_line_and_column(project, people, plan, row, line, column, words):
    a, b = plan["A"].uid, plan["B"].uid
    data = f"UID,Name,Duration,Predecessors\n{b},B1,9d,\n{row.format(a=a, b=b)}\n".encode()
    with pytest.raises(TableRefused) as refusal:
        tables.carry_out(project, read(data), None, by=people.alice, label="x", preview=False)
    problem = refusal.value.problems[0]
    assert words in f"{problem.value} {problem.accepted}"
    if words:
        assert (problem.line, problem.column) == (line, column)
    assert plan["B"].duration == 1440, "all or nothing"


def test_a_workbook_is_a_whole_plan_too(alice, project):
    template = alice.get(reverse("projects:plan-template", args=[project.code])).content
    response = upload(alice, project, template)
    mapping = Upload.objects.get().options
    assert mapping["mode"] == "replace"
    options = {"mode": "replace", **{f"field_{k}": v for k, v in mapping["mapping"].items()}}
    response = alice.post(response.url, {**options, "import": "1"})
    page = alice.get(response.url).content.decode()
    assert "Pour the concrete" in page
    assert alice.post(response.url).status_code == 302
    assert list(project.tasks.values_list("name", "outline_level")) == [
        ("Foundations", 1),
        ("Dig the trench", 2),
        ("Pour the concrete", 2),
        ("Foundations done", 1),
    ]


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 300_000_000)
    return out.getvalue()


def entities():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><workbook>&a;</workbook>')
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (bomb, "unpacked"),
        (entities, "damaged"),
        (lambda: b"PK\x03\x04" + b"x" * 100, "damaged"),
        (lambda: b"%PDF-1.7", "PDF"),
        (lambda: b"a,b\n1,\x00", ""),
    ],
)
def test_hostile_workbooks_are_refused(alice, project, data, words):
    response = upload(alice, project, data(), "plan.xlsx", with_columns="on")
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Upload.objects.count() == 0
    if data().startswith(b"PK"):
        with pytest.raises(Unreadable):
            read_plan(data(), "plan.xlsx")


def test_others_may_neither_update_nor_see_the_upload(alice, client, project, people, plan):
    address = upload(alice, project, plan_xlsx(project)).url
    client.force_login(people.bob)
    assert client.get(address).status_code == 403
    assert client.get(reverse("projects:plan-template", args=[project.code])).status_code == 403


def test_the_number_of_queries_does_not_grow(project, people, plan, django_assert_max_num_queries):
    edits.add_tasks(project, by=people.alice, rows=[{"name": f"T{n}", "level": 1} for n in range(300)])
    table = read(plan_csv(project).replace("T1", "U1").encode())
    with django_assert_max_num_queries(25):
        tables.carry_out(project, table, None, by=people.alice, label="x", preview=True)


def run(*args, **options):
    out = io.StringIO()
    call_command(*args, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def test_the_command_updates_by_uid(project, people, plan, tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text(f"Nr,Text\n{plan['A'].uid},Dig\n", encoding="utf-8")
    options = {"project": project.code, "update": True, "map": ["Nr=uid", "Text=name"], "by": people.alice.email}
    assert json.loads(run("import_plan", str(path), **options, dry_run=True, json=True))["changed"] == 1
    assert plan["A"]
    assert "1 tasks changed, 0 added" in run("import_plan", str(path), **options)
    assert plan["Dig"]
    with pytest.raises(CommandError, match="--by"):
        run("import_plan", str(path), **{**options, "by": None})


def test_the_command_reads_workbooks_and_primavera(project, people, plan, tmp_path, client):
    path = tmp_path / "plan.xlsx"
    path.write_bytes(plan_xlsx(project))
    run("import_plan", str(path), project=project.code, replace=True)
    assert list(project.tasks.values_list("name", flat=True)) == ["Phase", "A", "B", "Done", "Other", "C"]
    two = xer([task(1), task(2, project=2)], projects=("1\tONE\t5\tY", "2\tTWO\t5\tN"))
    path = tmp_path / "two.xer"
    path.write_bytes(two)
    run("import_plan", str(path), project=project.code, replace=True, source_project="TWO")
    assert list(project.tasks.values_list("name", flat=True)) == ["Task 2"]


def test_one_of_several_projects_is_chosen_on_the_page(alice, project):
    two = xer([task(1), task(2, project=2)], projects=("1\tONE\t5\tY", "2\tTWO\t5\tN"))
    address = upload(alice, project, two, "two.xer").url
    assert "Task 1" in alice.get(address).content.decode()
    assert alice.post(address, {"choose": "TWO"}).status_code == 302
    assert "Task 2" in alice.get(address).content.decode()
    assert alice.post(address, {"choose": "THREE"}).status_code == 422
    assert alice.post(address).status_code == 302
    assert list(project.tasks.values_list("name", flat=True)) == ["Task 2"]
