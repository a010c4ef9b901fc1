"""Lists over all products as files: the reader's rows only, with the product's name."""

import csv
import io

import pytest
from openpyxl import load_workbook

from delivery.exports.views import names_over_all
from delivery.models import Issue

pytestmark = pytest.mark.django_db
URL = "/products/lists/"


def lines(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("name", names_over_all())
def test_every_list_comes_in_both_formats(world, as_user, name):
    browser = as_user(world.people.dora)
    rows = lines(browser.get(f"{URL}{name}.csv"))
    sheet = load_workbook(io.BytesIO(browser.get(f"{URL}{name}.xlsx").content)).active
    assert [cell.value for cell in sheet[1]] == rows[0]
    assert sheet.max_row == len(rows)


def test_it_has_the_rows_of_the_page(world, as_user):
    browser = as_user(world.people.sue)
    page = browser.get("/products/issues/?state=all&type=bug&view=0").context["page"]
    rows = lines(browser.get(f"{URL}issues.csv?state=all&type=bug"))
    assert page.rows
    assert [row[1] for row in rows[1:]] == [f"ISS-{row[page.fields.index('number')]}" for row in page.rows]


def test_a_client_takes_its_own_and_nothing_internal(world, as_user):
    rows = lines(as_user(world.people.cleo).get(f"{URL}issues.csv?state=all"))
    assert "Northwind cannot pay claims" in str(rows)
    assert "Contoso" not in str(rows)
    assert "Assignee" not in rows[0]
    assert as_user(world.people.cleo).get(f"{URL}requests.csv").status_code == 404
    assert len(lines(as_user(world.people.cleo).get(f"{URL}breaches.csv"))) == 1


def test_what_there_is_not(people, as_user):
    browser = as_user(people.sue)
    assert browser.get(f"{URL}nothing.csv").status_code == 404
    assert browser.get(f"{URL}issues.exe").status_code == 404
    assert browser.post(f"{URL}issues.csv").status_code == 405


@pytest.mark.parametrize("name", names_over_all())
@pytest.mark.parametrize("count", [3, 40])
def test_questions_do_not_grow_with_the_rows(product, people, as_user, name, count, django_assert_max_num_queries):
    for number in range(count):
        Issue.report(product, by=people.dora, title=f"Issue {number}", assignee=people.sue)
    browser = as_user(people.dora)
    browser.get(f"{URL}{name}.csv")
    with django_assert_max_num_queries(14):
        browser.get(f"{URL}{name}.csv?state=all")
