"""Plans in and out in a real browser: a table matched to its columns, files and pictures taken away."""

import datetime
import io

import openpyxl
import pytest
from playwright.sync_api import expect

from projects.schedule import edits
from tests.browser.axe import assert_accessible
from tests.factories import make_cast, make_project

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project():
    project = make_project(code="IXC", target_start=datetime.date(2026, 1, 5))
    project.people = make_cast(project)
    rows = [{"name": name, "duration": 960} for name in ("Dig", "Pour", "Build")]
    edits.add_tasks(project, by=project.people.alice, rows=rows, links=[(0, 1), (1, 2)])
    return project


@pytest.mark.parametrize("script", [True, False])
def test_a_table_with_odd_columns_changes_the_plan(new_page, project, script):
    page = new_page("/projects/IXC/schedule/import/", user=project.people.alice, script=script)
    uid = project.tasks.get(name="Dig").uid
    table = f"Key;What;How long\n{uid};Dig deep;4d\n;Paint;1d\n".encode()
    page.set_input_files("input[type=file]", {"name": "odd.csv", "mimeType": "text/csv", "buffer": table})
    page.get_by_label("Choose what the columns mean").check()
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="odd.csv")).to_be_visible()
    page.get_by_label("UID", exact=True).select_option("Key")
    page.get_by_label("Name", exact=True).select_option("What")
    page.get_by_label("Duration", exact=True).select_option("How long")
    page.get_by_label("Change tasks by UID").check()
    page.get_by_role("button", name="Check again").click()
    changes = page.get_by_role("region", name="Changes")
    for words in ("Dig deep", "4d", "Paint"):
        expect(changes).to_contain_text(words)
    assert project.tasks.get(uid=uid).name == "Dig"
    if script:
        assert_accessible(page)
    page.get_by_role("button", name="Change the plan").click()
    page.wait_for_url("**/schedule/")
    assert project.tasks.get(uid=uid).name == "Dig deep"
    assert project.tasks.filter(name="Paint").exists()


def test_a_workbook_and_a_picture_are_taken_away(new_page, project):
    page = new_page("/projects/IXC/schedule/", user=project.people.alice)
    page.goto(page.url.replace("/schedule/", "/schedule/export/"))
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename.startswith("IXC-plan-")
    with open(download.value.path(), "rb") as file:
        sheet = openpyxl.load_workbook(io.BytesIO(file.read())).active
    assert [row[4].value for row in sheet.rows] == ["Name", "Dig", "Pour", "Build"]
    page.get_by_label("Scale").select_option("week")
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").click()
    with open(download.value.path(), "rb") as file:
        assert file.read(5) == b"%PDF-"
