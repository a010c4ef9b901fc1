"""Sentences for dates: what a person reads when they ask why a task stands where it stands."""

import datetime

import pytest
from hypothesis import given

from pmdm.worktime.engine import STANDARD_WEEK, WorkCalendar
from projects.schedule import edits
from projects.schedule.engine import Constraint, Explainer, LagUnit, LinkIn, LinkType, Network, TaskIn, schedule
from projects.schedule.plan import Plan
from projects.schedule.words_of_dates import Words, violated, why
from tests.projects.schedule.networks import STANDARD, START, lived_in, tried

DAY = 480
HOLIDAYS = WorkCalendar(
    STANDARD_WEEK, {datetime.date(2026, 1, 8): (), datetime.date(2026, 1, 9): (), datetime.date(2026, 1, 15): ()}
)


@pytest.fixture(autouse=True)
def this_year(monkeypatch):
    """Days of 2026 are told without their year, whenever the tests run."""
    monkeypatch.setattr("pmdm.ui.format.timezone.localdate", lambda *args: datetime.date(2026, 1, 20))


def jan(day, hour=8):
    return datetime.datetime(2026, 1, day, hour)


def told(tasks, links, task, calendar=STANDARD, **options):
    network = Network(tasks, links)
    result = schedule(network, START, calendar, **options)
    explainer = Explainer(network, result, START, calendar, **options)
    found = Words(explainer).explanation(explainer.explain(task))
    return {key: text.replace("\u00a0", " ") for key, text in found.items()}


def test_a_link_with_its_lag_and_what_is_behind_it():
    tasks = [TaskIn(1, DAY, "11 Survey"), TaskIn(2, 2 * DAY, "12 Foundations"), TaskIn(3, DAY, "13 Walls")]
    found = told(tasks, [LinkIn(1, 2), LinkIn(2, 3, lag=2 * DAY)], 3)
    assert found["start"] == (
        "Starts 12 Jan because of FS+2d from 12 Foundations, which finishes 7 Jan; the days in between are not worked."
        " 12 Foundations starts 6 Jan because of FS from 11 Survey, which finishes 5 Jan."
        " 11 Survey starts 5 Jan because the project starts then and nothing holds it."
    )
    assert found["finish"] == "Finishes 12 Jan: 1d from its start."
    assert found["float"] == "No float: any delay moves the finish of the project (12 Jan)."
    assert found["violated"] == ""


def test_holidays_are_named_in_runs():
    found = told([TaskIn(1, 8 * DAY, "1 Dig")], [], 1, HOLIDAYS)
    assert found["finish"] == "Finishes 19 Jan: 8d from its start; not worked: 8 Jan – 9 Jan, 15 Jan."


def test_a_time_of_day_is_told_where_it_is_not_the_usual_one():
    found = told([TaskIn(1, 240, "1 Dig"), TaskIn(2, 60, "2 Rest")], [LinkIn(1, 2)], 2)
    assert found["start"].startswith("Starts 5 Jan, 13:00 because of FS from 1 Dig, which finishes 5 Jan, 12:00.")


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (LinkIn(1, 2, LinkType.SS, -DAY), "SS−1d from 1 Dig, which starts 5 Jan"),
        (LinkIn(1, 2, LinkType.SS, 50, LagUnit.PERCENT), "SS+50% from 1 Dig, which starts 5 Jan"),
        (LinkIn(1, 2, LinkType.FF, 1440, LagUnit.ELAPSED), "FF+1ed from 1 Dig, which finishes 8 Jan"),
    ],
)
def test_links_are_told_as_they_are_typed(link, words):
    tasks = [TaskIn(1, 4 * DAY, "1 Dig"), TaskIn(2, DAY, "2 Pour")]
    network = Network(tasks, [link])
    tell = Words(Explainer(network, schedule(network, START, STANDARD), START, STANDARD))
    assert tell.link(link) == words.split()[0]
    if link.lag > 0:
        found = told(tasks, [link], 2)
        assert words in found["start"] + found["finish"]


def test_a_constraint_and_the_link_it_breaks():
    hold = TaskIn(2, DAY, "2 Hand over", constraint=Constraint.MFO, constraint_date=jan(6, 17))
    tasks = [TaskIn(1, 3 * DAY, "1 Dig"), hold]
    found = told(tasks, [LinkIn(1, 2)], 2)
    assert found["start"] == "Starts 6 Jan, counted back 1d from its finish."
    assert found["finish"] == "Finishes 6 Jan because it must finish on 6 Jan."
    assert found["violated"] == "2d too early for FS from 1 Dig, because it must finish on 6 Jan."
    found = told(tasks, [LinkIn(1, 2)], 1)
    assert found["float"] == "Negative float: it is 2d too late for “finish on 6 Jan” of 2 Hand over."
    assert found["violated"] == "Too late by 2d for “finish on 6 Jan” of 2 Hand over."


def test_float_says_who_moves_first():
    tasks = [TaskIn(1, DAY, "1 Dig"), TaskIn(2, DAY, "2 Pour"), TaskIn(3, 5 * DAY, "3 Order")]
    assert told(tasks, [LinkIn(1, 2)], 1)["float"] == (
        "May slip 3d before the finish of the project (9 Jan) moves; any delay moves 2 Pour."
    )
    assert told(tasks, [LinkIn(1, 2)], 2)["float"] == "May slip 3d before the finish of the project (9 Jan) moves."


def test_a_missed_deadline():
    found = told([TaskIn(1, 3 * DAY, "1 Dig", deadline=jan(6, 17))], [], 1)
    assert found["violated"] == "Finishes 1d after its deadline (6 Jan)."
    assert found["float"] == "Negative float: it is 1d too late for its deadline (6 Jan)."


def test_a_milestone_at_the_end_of_a_day_needs_no_time():
    found = told([TaskIn(1, DAY, "1 Dig"), TaskIn(2, 0, "2 Done")], [LinkIn(1, 2)], 2)
    assert found["start"].startswith("Starts 5 Jan because of FS from 1 Dig, which finishes 5 Jan.")
    assert found["finish"] == "Finishes when it starts: it is a milestone."


@tried
@given(lived_in())
def test_there_are_words_for_every_reason(network):
    explainer = Explainer(network, schedule(network, START, STANDARD), START, STANDARD)
    words = Words(explainer)
    for task in network.tasks:
        found = words.explanation(explainer.explain(task.id))
        assert found["start"].endswith(".")
        assert "%(" not in "".join(found.values())


def test_a_stored_plan_explains_itself(plan, people):
    edits.change_task(plan["B"], by=people.alice, deadline=datetime.datetime(2026, 1, 7, 16, tzinfo=datetime.UTC))
    found = why(Plan(plan.project), plan["B"].pk)
    assert "because of FS from 2 A, which finishes" in found["start"]
    assert found["violated"].startswith("Finishes 2d after its deadline")
    assert set(violated(Plan(plan.project))) == {plan["A"].pk, plan["B"].pk}
    with pytest.raises(KeyError):
        why(Plan(plan.project), 0)
