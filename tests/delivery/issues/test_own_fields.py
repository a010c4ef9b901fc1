"""Fields that only one type has: as columns and filters of the queue, and filled by an import."""

import pytest

from delivery.issues import types
from delivery.issues.importing import carry_out, prepare
from delivery.issues.queue.columns import COLUMNS, OWN
from delivery.models import Issue
from pmdm.interchange.tabular import TableRefused, read

pytestmark = pytest.mark.django_db
URL = "/products/CLAIMS/issues/"


@pytest.fixture
def rows(product, people):
    def made(title, kind, **details):
        return Issue.report(product, by=people.sue, title=title, type=kind, details=details)

    made("Crash", "bug", steps="Press Save twice", happens="always")
    made("Flicker", "bug", happens="sometimes")
    made("Slow", "performance", measured="12", target="2", unit="s", since="2026-05-03")
    made("Slower", "performance", measured="9.5", target="2", unit="s", since="2026-06-01")
    made("Wish", "request", hours="40", benefit="Less typing")


def found(browser, query):
    page = browser.get(f"{URL}?view=0&sort=title&{query}").context["page"]
    return [row[page.fields.index("title")] for row in page.rows]


def test_every_own_field_is_a_column_and_no_two_types_share_a_name():
    assert len(types.OWN) == sum(len(each.fields) for each in types.TYPES.values())
    assert {OWN + name for name in types.OWN} <= COLUMNS.keys()


def test_a_column_shows_its_words(rows, people, as_user):
    page = as_user(people.sue).get(f"{URL}?view=0&columns=own_happens&columns=own_measured").content.decode()
    assert "Always" in page
    assert ">9.5</td>" in page


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("own=steps", ["Crash"]),
        ("own=steps&value=save", ["Crash"]),
        ("own=steps&value=other", []),
        ("own=happens&value=Sometimes", ["Flicker"]),
        ("own=happens&value=always", ["Crash"]),
        ("own=measured&value=9.50", ["Slower"]),
        # As numbers, not as words: "12" comes before "9.5".
        ("own=measured&value=%3E%3D10", ["Slow"]),
        ("own=measured&value=%3C%2010", ["Slower"]),
        ("own=since&value=%3E2026-05-31", ["Slower"]),
        ("own=since&value=2026-05-03", ["Slow"]),
        ("own=hours&value=%3E39", ["Wish"]),
    ],
)
def test_a_filter_finds_by_the_value(rows, people, as_user, query, titles):
    assert found(as_user(people.sue), query) == titles


def test_what_is_no_number_is_said(rows, people, as_user):
    context = as_user(people.sue).get(f"{URL}?view=0&own=measured&value=fast").context
    assert "fast" in context["page"].form.errors["value"][0]


def test_a_client_neither_sees_nor_finds_by_what_is_internal(product, people, as_user):
    Issue.report(product, by=people.cleo, title="Wish", type="request", details={"hours": "40"})
    browser = as_user(people.cleo)
    response = browser.get(f"{URL}?own=hours&value=40&columns=own_hours")
    assert "own" in response.context["page"].form.errors
    assert ">40</td>" not in response.content.decode()


@pytest.mark.parametrize("count", [3, 60])
def test_questions_do_not_grow(product, people, as_user, count, django_assert_max_num_queries):
    for number in range(count):
        Issue.report(product, by=people.sue, title=f"{number}", type="bug", details={"steps": "Press"})
    browser = as_user(people.sue)
    url = f"{URL}?view=0&columns=own_steps&columns=own_happens&own=steps&value=press"
    browser.get(url)
    with django_assert_max_num_queries(22):
        browser.get(url)


# --- Import -----------------------------------------------------------------------------------------------

FILE = b"""Number,Summary,Type,Steps to reproduce,How often,Measured,Unit,Since
A-1,Crash,Bug,Press Save twice,Always,,,
A-2,Slow,Performance,,,12.50,s,2026-05-03 10:00
A-3,Wish,Request,Press,,,,
"""
MAPPING = {"own_happens": "How often", "own_measured": "Measured", "own_unit": "Unit", "own_since": "Since"}


def test_an_import_fills_them_and_loses_nothing(product, people):
    carry_out(product, prepare(read(FILE), mapping=MAPPING), by=people.dora)
    crash, slow, wish = product.issues.order_by("number")
    assert crash.details == {"steps": "Press Save twice", "happens": "always"}
    assert slow.details == {"measured": "12.5", "unit": "s", "since": "2026-05-03"}
    assert (wish.details, wish.imported["steps"]) == ({}, "Press")


def test_an_import_says_which_row_holds_no_number(product):
    with pytest.raises(TableRefused) as refused:
        prepare(read(FILE.replace(b"12.50", b"quick")), mapping=MAPPING)
    assert "quick" in str(refused.value)


def test_the_mapping_page_offers_them(product, people, as_user):
    from django.core.files.uploadedfile import SimpleUploadedFile

    browser = as_user(people.dora)
    answer = browser.post(f"{URL}import/", {"file": SimpleUploadedFile("a.csv", FILE)})
    form = browser.get(answer.url).context["form"]
    assert {f"field_own_{name}" for name in types.OWN} <= form.fields.keys()
    assert form.fields["field_own_steps"].initial == "Steps to reproduce"
