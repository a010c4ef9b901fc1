"""Networks for the property tests: small ones that go everywhere, and ones that have been through a project's life."""

import os
from datetime import date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st

from pmdm.worktime.engine import WorkCalendar, standard_calendar
from projects.schedule.engine import Constraint, LagUnit, LinkIn, LinkType, Network, TaskIn

START = datetime(2026, 1, 5, 8)
STANDARD = standard_calendar()
CALENDARS = {
    "night": WorkCalendar((((0, 360), (1320, 1440)),) * 7),
    "weekend": WorkCalendar(((),) * 5 + (((540, 1020),),) * 2),
    "holidays": WorkCalendar(STANDARD.week, {date(2026, 1, day): () for day in (6, 7, 8, 15)}),
}
HALF_HOURS = 30

# More examples for a thorough look: PMDM_EXAMPLES=2000.
tried = settings(max_examples=int(os.environ.get("PMDM_EXAMPLES", "60")), deadline=None)

durations = st.integers(0, 40).map(lambda n: n * HALF_HOURS)
lags = st.integers(-20, 20).map(lambda n: n * HALF_HOURS)


@st.composite
def networks(
    draw, *, calendars=(None,), elapsed=False, units=(LagUnit.WORKING,), types=tuple(LinkType), summaries=False
):
    """Tasks 0 to n-1 with links that only go upwards, so that there is no cycle."""
    count = draw(st.integers(1, 9))
    tasks = [
        TaskIn(
            i,
            draw(durations),
            calendar=draw(st.sampled_from(calendars)),
            elapsed=elapsed and draw(st.booleans()),
        )
        for i in range(count)
    ]
    pairs = [(i, j) for j in range(count) for i in range(j)]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=14, unique=True)) if pairs else []
    links = []
    for before, after in chosen:
        unit = draw(st.sampled_from(units))
        percent = unit in (LagUnit.PERCENT, LagUnit.ELAPSED_PERCENT)
        lag = draw(st.integers(-4, 4)) * 25 if percent else draw(lags)
        links.append(LinkIn(before, after, draw(st.sampled_from(types)), lag, unit))
    if summaries:
        tasks, links = _with_summaries(draw, tasks, links)
    return Network(tasks, links, CALENDARS)


def _with_summaries(draw, tasks, links):
    groups = draw(st.integers(1, 3))
    size = (len(tasks) + groups - 1) // groups
    for task in tasks:
        task.parent = -1 - task.id // size
    parents = [TaskIn(-1 - g) for g in range((len(tasks) - 1) // size + 1)]
    for g in range(len(parents) - 1):
        kind = draw(st.sampled_from([None, LinkType.FS, LinkType.FS, LinkType.SS]))
        if kind:
            links = [*links, LinkIn(-1 - g, -2 - g, kind, draw(lags))]
    return [*parents, *tasks], links


one_calendar = networks()
anything = networks(calendars=(None, *CALENDARS), elapsed=True, units=tuple(LagUnit))
with_summaries = networks(calendars=(None, "holidays"), summaries=True)


moments = st.integers(0, 60 * 24 * 30).map(lambda minutes: START - timedelta(days=5) + timedelta(minutes=minutes))


@st.composite
def lived_in(draw):
    """Networks with everything a plan collects: progress, manual dates, constraints, splits, inactive rows."""
    network = draw(
        networks(calendars=(None, *CALENDARS), elapsed=True, units=tuple(LagUnit), summaries=draw(st.booleans()))
    )
    parents = {task.parent for task in network.tasks}
    for task in network.tasks:
        match draw(
            st.sampled_from(["plain", "plain", "begun", "done", "manual", "held", "split", "inactive", "percent"])
        ):
            case "begun":
                task.percent, task.actual_start = draw(st.integers(0, 99)), draw(moments)
            case "done":
                task.percent, task.actual_start = 100, draw(moments)
                task.actual_finish = task.actual_start + timedelta(minutes=draw(st.integers(0, 5000)))
            case "manual":
                task.manual, task.manual_start = True, draw(moments)
                if draw(st.booleans()):
                    task.manual_finish = task.manual_start + timedelta(minutes=draw(st.integers(0, 5000)))
            case "held":
                task.constraint, task.constraint_date = draw(st.sampled_from(list(Constraint))), draw(moments)
                task.deadline = draw(st.none() | moments)
            case "split" if task.id not in parents:
                task.splits = ((task.duration_minutes / 2, draw(st.integers(1, 20)) * HALF_HOURS),)
            case "inactive":
                task.active = False
            case "percent":
                task.percent = draw(st.integers(0, 100))
    return network
