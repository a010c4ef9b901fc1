"""Lists as files: the rows of the page and its readers, both formats, nothing that a spreadsheet would run."""

import csv
import io

import pytest
from openpyxl import load_workbook

from delivery.exports.views import names
from delivery.models import Issue

pytestmark = pytest.mark.django_db

URL = "/products/CLAIMS/lists/"
FORMULA = '=HYPERLINK("https://example.org","x")'


def lines(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("name", names())
def test_every_list_comes_in_both_formats(world, as_user, name):
    browser = as_user(world.people.dora)
    rows = lines(browser.get(f"{URL}{name}.csv"))
    answer = browser.get(f"{URL}{name}.xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert [cell.value for cell in sheet[1]] == rows[0]
    assert sheet.max_row == len(rows)
    assert f'filename="CLAIMS-{name}.xlsx"' in answer["Content-Disposition"]


def test_it_has_the_rows_of_the_page(world, as_user):
    browser = as_user(world.people.sue)
    page = browser.get("/products/CLAIMS/issues/?state=all&type=bug&view=0").context["page"]
    rows = lines(browser.get(f"{URL}issues.csv?state=all&type=bug"))
    assert [row[0] for row in rows[1:]] == [f"ISS-{row[page.fields.index('number')]}" for row in page.rows]


def test_a_client_takes_its_own_and_nothing_internal(world, as_user):
    rows = lines(as_user(world.people.cleo).get(f"{URL}issues.csv?state=all"))
    text = str(rows)
    assert "Northwind cannot pay claims" in text
    assert "Contoso" not in text
    assert "Root cause" not in rows[0]
    assert "Assignee" not in rows[0]
    for name in ("complaints", "risks", "flow", "incidents", "roadblocks", "requests"):
        assert as_user(world.people.cleo).get(f"{URL}{name}.csv").status_code in (403, 404)
    assert as_user(world.people.charlie).get(f"{URL}issues.csv").status_code == 404


def test_no_cell_is_a_formula(product, people, as_user):
    Issue.report(product, by=people.sue, title=FORMULA, description="+1+1")
    browser = as_user(people.sue)
    row = lines(browser.get(f"{URL}issues.csv"))[1]
    assert row[1] == "'" + FORMULA
    sheet = load_workbook(io.BytesIO(browser.get(f"{URL}issues.xlsx").content)).active
    cell = sheet["B2"]
    assert (cell.value, cell.data_type) == (FORMULA, "s")


def test_what_there_is_not(product, people, as_user):
    browser = as_user(people.sue)
    assert browser.get(f"{URL}nothing.csv").status_code == 404
    assert browser.get(f"{URL}issues.exe").status_code == 404
    assert browser.post(f"{URL}issues.csv").status_code == 405


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("count", [3, 40])
def test_questions_do_not_grow_with_the_rows(product, people, as_user, name, count, django_assert_max_num_queries):
    for number in range(count):
        Issue.report(product, by=people.dora, title=f"Issue {number}", type="complaint", assignee=people.sue)
        product.risks.create(title=f"Risk {number}", owner=people.sue)
        product.requirements.create(title=f"Requirement {number}")
        product.known_gaps.create(title=f"Gap {number}")
        product.releases.create(name=f"1.{number}")
    browser = as_user(people.dora)
    browser.get(f"{URL}{name}.csv")
    with django_assert_max_num_queries(12):
        browser.get(f"{URL}{name}.csv?state=all")
