"""Support flow of a product: figures against values by hand, and each figure against the rows it opens."""

import datetime

import pytest
from django.utils import timezone

from delivery.flow.figures import NAMES, Flow
from delivery.models import Issue
from pmdm.kpis import recompute
from pmdm.kpis.models import Value

pytestmark = pytest.mark.django_db

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
URL = "/products/CLAIMS/flow/"


@pytest.fixture
def issues(product, people):
    """Priority 1: answered within 1h, resolved within 8h, round the clock."""
    now = timezone.now()

    def report(title, days, *, answered=None, resolved=None, **fields):
        at = now - days * DAY
        issue = Issue.report(product, by=people.dora, title=title, severity=1, at=at, **fields)
        if answered is not None:
            issue.respond(by=people.sue, text="Seen", at=at + answered * HOUR)
        if resolved is not None:
            issue.resolve(by=people.sue, resolution="Done", at=at + resolved * HOUR)
        return issue

    again = report("Came back", 20, answered=0.25, resolved=2)
    again.reopen(by=people.sue, reason="Still", at=now - 19 * DAY)
    report("In time", 10, answered=0.5, resolved=4)
    report("Late", 5, answered=3, resolved=30)
    report("Open and late", 2)
    report("Open and fresh", 0.01)
    report("Long ago", 200, answered=0.5, resolved=4)
    Issue.objects.create(
        product=product, title="From elsewhere", source="import", state="closed", created_at=now - 9 * DAY,
        resolved_at=now - 8 * DAY, closed_at=now - 8 * DAY, responded_at=now - 8 * DAY,
    )  # fmt: skip
    return now


def test_the_figures_by_hand(product, issues):
    flow = Flow([product], 90, timezone.now())
    n = flow.n
    assert (n["resolution_met"], n["resolution_breached"]) == (1, 3), "late, open and late, came back and late"
    assert flow.levels("resolution") == 0.25
    assert (n["response_met"], n["response_breached"]) == (2, 2)
    assert sorted(flow.minutes) == [15, 30, 180], "what was imported is no answer of ours"
    assert (n["reopened"], n["resolved_once"]) == (1, 4)
    assert n["open"] == 3
    assert [n[f"age_{bucket}"] for bucket in range(6)] == [1, 1, 0, 1, 0, 0]


def test_it_agrees_with_the_kpi(product, issues):
    recompute.recompute_all()
    inputs = Value.objects.get(subject_type="product", subject_id=product.pk, kpi="service_levels").inputs
    flow = Flow([product], 90, timezone.now())
    assert (inputs["met"], inputs["breached"]) == (flow.n["resolution_met"], flow.n["resolution_breached"])


def test_each_figure_opens_just_its_rows(product, people, issues, as_user):
    browser = as_user(people.sue)
    flow = Flow([product], 90, timezone.now())
    for name in NAMES:
        page = browser.get(f"{URL}90/{name}/")
        assert page.status_code == 200
        assert page.context["page"].count == flow.n[name], name
    assert browser.get(f"{URL}90/nothing/").status_code == 404
    assert browser.get(f"{URL}91/").status_code == 404


def test_nothing_yet_says_why(product, people, as_user):
    page = as_user(people.sue).get(URL)
    assert [bool(tile.reason) for tile in page.context["tiles"]] == [True, True, True, False, True]
    assert "backlog is empty" in page.content.decode()


def test_response_times_count_service_hours(product, people, office_hours):
    product.calendar = office_hours
    product.save(update_fields=["calendar"])
    friday = datetime.datetime(2026, 6, 5, 14, tzinfo=datetime.UTC)  # an hour of service is left
    issue = Issue.report(product, by=people.dora, title="x", at=friday)
    issue.respond(by=people.sue, text="Seen", at=friday + 64 * HOUR)  # Monday, 06:00 UTC: before the day begins
    flow = Flow([product], 30, friday + 4 * DAY)
    assert flow.minutes == [60]


def test_a_client_gets_none_of_it(product, people, as_user):
    assert as_user(people.cleo).get(URL).status_code == 403


@pytest.mark.parametrize("count", [3, 60])
def test_the_page_asks_the_same_number_of_questions(product, people, as_user, count, django_assert_max_num_queries):
    for number in range(count):
        Issue.objects.create(product=product, title=f"{number}", number=9000 + number)
    browser = as_user(people.sue)
    browser.get(URL)
    with django_assert_max_num_queries(22):
        browser.get(URL)
