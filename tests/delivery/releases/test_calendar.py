"""The calendar of releases: weeks of days with bars, over products and of one."""

import datetime

import pytest
from django.utils import timezone

from delivery.models import FreezeWindow, Product, Release
from delivery.releases.calendar import shown

START = datetime.datetime(2031, 3, 12, 20, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR


@pytest.fixture
def other(people):
    return Product.launch(by=people.dora, code="OTHER", name="Other")


def planned(product, name, start=START, hours=2):
    return Release.objects.create(product=product, name=name, starts_at=start, ends_at=start + hours * HOUR)


def bars(page):
    return [
        (bar.entry.kind, bar.entry.row.name, week.days[bar.column - 1].date, bar.span)
        for week in page.context["weeks"]
        for bar in week.bars
    ]


def test_a_window_that_ends_at_midnight_stays_off_the_next_day(product):
    midnight = timezone.make_aware(datetime.datetime(2031, 3, 13))
    one = Release(product=product, starts_at=midnight - HOUR, ends_at=midnight)
    assert (shown("release", one).first, shown("release", one).last) == (datetime.date(2031, 3, 12),) * 2


def test_releases_and_freezes_lie_on_their_days(product, people, as_user):
    planned(product, "2.0", hours=30)
    FreezeWindow.objects.create(
        name="Fair", starts_at=START - 2 * DAY, ends_at=START + 6 * DAY, reason="x", by=people.dora, product=product
    )
    page = as_user(people.dora).get("/products/releases/?month=2031-03")
    found = bars(page)
    assert found[0][:2] == ("freeze", "Fair"), "the band lies above"
    # From Monday 10 to Tuesday 18: two weeks, so two pieces.
    assert [(first.day, span) for kind, _n, first, span in found if kind == "freeze"] == [(10, 7), (17, 2)]
    assert [(first.day, span) for kind, _n, first, span in found if kind == "release"] == [(12, 3)]
    text = page.content.decode()
    assert "Frozen: Fair" in text
    assert '<span class="mark">frozen</span>' in text
    assert 'href="?month=2031-02" rel="prev"' in text
    assert 'href="?month=2031-04" rel="next"' in text


def test_the_days_around_the_month_belong_to_its_weeks(product, people, as_user):
    planned(product, "1.9", start=datetime.datetime(2031, 2, 25, 10, tzinfo=datetime.UTC))
    assert [
        name for _kind, name, _day, _span in bars(as_user(people.dora).get("/products/releases/?month=2031-03"))
    ] == ["1.9"]


def test_one_product_has_its_own_and_names_what_it_clashes_with(product, other, people, as_user):
    shared = product.components.create(name="Web")
    mine, theirs = planned(product, "2.0"), planned(other, "5")
    planned(other, "6", start=START + 2 * DAY)
    mine.components.add(shared)
    theirs.components.add(shared)
    page = as_user(people.dora).get(f"/products/{product.code}/releases/calendar/?month=2031-03")
    assert [name for _kind, name, _day, _span in bars(page)] == ["2.0"]
    assert "Other 5" in page.content.decode()
    assert '<span class="mark">clash</span>' in page.content.decode()
    (clash,) = page.context["clashes"]
    assert {clash["one"], clash["other"]} == {mine, theirs}


def test_clients_have_no_calendar_of_a_product(product, people, as_user):
    assert as_user(people.cleo).get(f"/products/{product.code}/releases/calendar/").status_code == 403


def test_only_who_may_end_a_freeze_is_offered_it(product, people, as_user):
    for name, of in (("House", None), ("Fair", product)):
        FreezeWindow.objects.create(
            name=name, starts_at=START, ends_at=START + DAY, reason="x", by=people.dora, product=of
        )
    text = as_user(people.dora).get("/products/releases/?month=2031-03").content.decode()
    assert 'End<span class="vh"> Fair' in text
    assert 'End<span class="vh"> House' not in text


@pytest.mark.parametrize("rows", [3, 60])
def test_the_number_of_queries_does_not_grow(rows, product, people, as_user, django_assert_max_num_queries):
    for number in range(rows):
        planned(product, str(number), start=START + number * HOUR)
    client = as_user(people.dora)
    with django_assert_max_num_queries(22):
        client.get(f"/products/{product.code}/releases/calendar/?month=2031-03")
