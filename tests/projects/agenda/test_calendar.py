"""Month and week: what is shown on which day, to whom, and how a task moves."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pmdm.ui.month import monday_of, neighbours, span_of, weeks
from projects.schedule import edits

# A busy machine decides nothing.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
DAYS = st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 1, 1))


class Thing:
    """As much of an entry as the drawing needs."""

    def __init__(self, first, length):
        self.first, self.last = first, first + datetime.timedelta(days=length)


@calm
@given(
    DAYS, st.lists(st.tuples(st.integers(-40, 40), st.integers(0, 30)), max_size=15), st.sampled_from(["month", "week"])
)
def test_bars_cover_their_days_and_never_each_other(on, things, view):
    entries = [Thing(on + datetime.timedelta(days=start), length) for start, length in things]
    first, last = span_of(view, on)
    assert first.weekday() == 0
    assert last.weekday() == 6
    assert first <= on <= last
    shown = dict.fromkeys(range((last - first).days + 1), 0)
    for number, week in enumerate(weeks(entries, view, on, on)):
        assert week.days[0].date == first + datetime.timedelta(days=7 * number)
        for bar in week.bars:
            assert 1 <= bar.column <= bar.column + bar.span - 1 <= 7
            for column in range(bar.column, bar.column + bar.span):
                day = week.days[column - 1].date
                assert bar.entry.first <= day <= bar.entry.last
                shown[(day - first).days] += 1
        for day in week.days:
            there = sum(1 for entry in entries if entry.first <= day.date <= entry.last)
            assert shown[(day.date - first).days] + day.hidden == there


@calm
@given(DAYS)
def test_there_and_back(on):
    for view in ("month", "week"):
        before, after = neighbours(view, on)
        assert span_of(view, before)[0] < span_of(view, on)[0] < span_of(view, after)[0]
    assert neighbours("week", neighbours("week", on)[1])[0] == on
    assert monday_of(on).weekday() == 0


def url(project, **query):
    path = reverse("projects:calendar", args=[project.code])
    return path + "?" + "&".join(f"{name}={value}" for name, value in query.items())


@pytest.mark.django_db
class TestPage:
    def test_it_shows_the_month(self, client, people, project, plan):
        client.force_login(people.cleo)
        page = client.get(url(project, on="2026-01-15")).content.decode()
        assert "January 2026" in page
        assert page.count("/schedule/tasks/") >= 5
        assert "/schedule/calendar/tasks/" not in page, "a client moves nothing"
        assert "No" not in client.get(url(project, on="2027-01-15")).content.decode().split('class="cal-bars"')[1][:40]

    @pytest.mark.parametrize(
        "query", [{"on": "x"}, {"on": "9999-99-99"}, {"on": "0001-01-01"}, {"view": "<b>"}, {"show": "zz"}]
    )
    def test_odd_questions_get_the_month(self, client, people, project, plan, query):
        client.force_login(people.alice)
        assert client.get(url(project, **query)).status_code == 200

    def test_a_task_moves_by_its_day(self, client, people, project, plan):
        client.force_login(people.alice)
        move = reverse("projects:calendar-move", args=[project.code, plan["A"].uid])
        assert client.get(move).status_code == 200
        client.post(move, {"start": "2026-01-12", "version": plan["A"].version})
        task = plan["A"]
        assert (task.constraint, task.start.date()) == (4, datetime.date(2026, 1, 12))
        assert client.post(move, {"start": "2026-01-19", "version": 1}).status_code == 409
        assert client.post(move, {"start": "1066-01-19", "version": task.version}).status_code == 422
        edits.change_task(plan["A"], by=people.alice, percent=10)
        assert client.post(move, {"start": "2026-02-02", "version": plan["A"].version}).status_code == 422
        client.force_login(people.bob)
        assert client.get(move).status_code == 403

    def test_who_is_away_is_for_the_team(self, client, people, project, plan):
        people.bob.absences.create(
            first=datetime.date(2026, 1, 12), last=datetime.date(2026, 1, 14), kind="sick", note="Flu"
        )
        client.force_login(people.alice)
        page = client.get(url(project, on="2026-01-15")).content.decode()
        assert "Bob is away" in page
        assert "Sick" not in page
        assert "Flu" not in page
        assert "Bob is away" not in client.get(url(project, on="2026-01-15", show="task")).content.decode()
        client.force_login(people.bob)
        assert "Bob is away" in client.get(reverse("projects:my-calendar") + "?on=2026-01-15").content.decode()
        client.force_login(people.cleo)
        for show in ("", "absence"):
            assert "Bob" not in client.get(url(project, on="2026-01-15", show=show)).content.decode()

    def test_mine_is_what_i_am_on(self, client, people, project, plan):
        edits.change_task(plan["B"], by=people.alice, people=[edits.Person(user=people.bob)])
        client.force_login(people.bob)
        page = client.get(reverse("projects:my-calendar") + "?on=2026-01-15").content.decode()
        assert page.count(f"/schedule/tasks/{plan['B'].uid}/") >= 1
        assert f"/schedule/tasks/{plan['A'].uid}/" not in page
        client.force_login(people.charlie)
        assert project.code not in client.get(reverse("projects:my-calendar") + "?on=2026-01-15").content.decode()

    def test_as_many_queries_for_300_as_for_3(self, client, people, project):
        client.force_login(people.alice)

        def count():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url(project, on="2026-01-15")).status_code == 200
                assert client.get(reverse("projects:my-calendar")).status_code == 200
            return len(queries)

        rows = [{"name": f"task {n}", "duration": 480, "is_milestone": False} for n in range(300)]
        edits.add_tasks(project, by=people.alice, rows=rows[:3])
        few = count()
        edits.add_tasks(project, by=people.alice, rows=rows)
        assert count() <= few
